/** Horizontal pod autoscaler (upstream pkg/controller/podautoscaler/horizontal.go): as many replicas as the use of the pods asks for. */
import { byController, byControllerUntilDone } from '../apiserver/cluster-state.ts';
import { getRequest, isSuccess, patchRequest, updateStatusRequest } from '../apiserver/requests.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricSpec } from '../api/autoscaling-v2.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, Condition, ConditionStatus, Uid } from '../api/meta-v1.ts';
import { podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type {
  Controller,
  ControllerContext,
  ControllerDefinition,
  PodMetrics,
  Step,
  SyncResult,
} from './controller.ts';
import { send, synced } from './controller.ts';
import type { ScaleHistory } from './hpa-limits.ts';
import { limitReplicas, noteScale } from './hpa-limits.ts';
import type { PodSample } from './hpa-replicas.ts';
import { proposeReplicas } from './hpa-replicas.ts';
import { tell } from './pod-control.ts';

/** --horizontal-pod-autoscaler-sync-period: from one sync of an autoscaler to the next. */
const syncPeriodUs = 15 * SECOND;
/** --horizontal-pod-autoscaler-tolerance. */
const defaultTolerance = 0.1;

export const horizontalPodAutoscaler: ControllerDefinition = {
  name: 'horizontal-pod-autoscaler-controller',
  description: 'scales workloads by the use of their pods',
  eventSource: 'horizontal-pod-autoscaler',
  workers: 5,
  retry: { baseDelayUs: syncPeriodUs, maxDelayUs: syncPeriodUs, hasSharedBucket: false },
  create: (context, environment) => new HorizontalPodAutoscalerController(context, environment.podMetrics),
};

const scalableKinds = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'] as const;
type ScalableKind = (typeof scalableKinds)[number];

interface Scalable extends ApiObject {
  readonly spec: { readonly replicas: number };
}

/** A sync in progress: the status grows condition by condition. */
interface Sync {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly current: number;
  status: HorizontalPodAutoscalerStatus;
}

/** How many there should be, and why; undefined = nobody knows. */
interface Wish {
  readonly replicas: number;
  readonly reason: string;
}

class HorizontalPodAutoscalerController implements Controller {
  private readonly context: ControllerContext;
  private readonly metrics: PodMetrics | undefined;
  private readonly histories = new Map<Uid, ScaleHistory>();

  constructor(context: ControllerContext, metrics: PodMetrics | undefined) {
    this.context = context;
    this.metrics = metrics;
  }

  watch(): void {
    this.context.informer('Pod');
    this.context.informer('ReplicaSet');
    this.context.informer('HorizontalPodAutoscaler').onChange(
      (before, after) => {
        if (after === undefined) this.histories.delete(before!.metadata.uid);
        else this.context.enqueue(podKey(after));
      },
      (before, after) => before === undefined || after === undefined || before.spec !== after.spec,
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const autoscaler = this.context.informer('HorizontalPodAutoscaler').get(key.slice(0, slash), key.slice(slash + 1));
    if (autoscaler === undefined) return synced;
    const failed = yield* this.sync(autoscaler);
    return failed === undefined ? { requeueAfterUs: syncPeriodUs } : { failed };
  }

  private *sync(autoscaler: HorizontalPodAutoscaler): Step<string | undefined> {
    const { namespace } = autoscaler.metadata;
    const { kind: written, name } = autoscaler.spec.scaleTargetRef;
    const kind = scalableKinds.find((known) => known === written);
    const read = kind && ((yield* send(getRequest(kind, namespace, name))) as ApiResponse);
    const target = read?.object as Scalable | undefined;
    const { metadata, status: stored } = autoscaler;
    const sync: Sync = {
      autoscaler,
      current: target?.spec.replicas ?? 0,
      status: { ...stored, observedGeneration: metadata.generation },
    };
    if (target === undefined || kind === undefined) return yield* this.withoutTarget(sync, read?.message ?? '');
    this.set(
      sync,
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const wish = this.wish(sync, kind, target);
    if (typeof wish === 'string') {
      sync.status = { ...sync.status, currentReplicas: sync.current };
      const failed = yield* this.write(sync);
      return failed ?? wish;
    }
    if (wish !== undefined && wish.replicas !== sync.current) yield* this.rescale(sync, kind, target, wish);
    const desiredReplicas = wish?.replicas ?? 0;
    sync.status = { ...sync.status, currentReplicas: sync.current, desiredReplicas };
    return yield* this.write(sync);
  }

  private *withoutTarget(sync: Sync, message: string): Step<string> {
    tell(this.context, sync.autoscaler, 'Warning', 'FailedGetScale', message);
    this.set(sync, 'AbleToScale', 'False', 'FailedGetScale', message);
    yield* this.write(sync);
    return message;
  }

  private wish(sync: Sync, kind: ScalableKind, target: Scalable): Wish | string | undefined {
    const { current, autoscaler } = sync;
    const { minReplicas, maxReplicas } = autoscaler.spec;
    const history = this.historyOf(autoscaler, current);
    // Only metrics of other sources than the pods themselves tell anything of none; those are not read here.
    if (current === 0) {
      this.set(
        sync,
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      );
      return undefined;
    }
    if (current > maxReplicas)
      return { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' };
    if (current < minReplicas)
      return { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' };
    const proposal = this.propose(sync, kind, target);
    if (typeof proposal === 'string') return proposal;
    const now = this.context.now / SECOND;
    const { replicas, able, limit } = limitReplicas(autoscaler.spec, history, current, proposal.replicas, now);
    this.set(sync, 'AbleToScale', 'True', able, '');
    this.set(sync, 'ScalingLimited', limit === 'DesiredWithinRange' ? 'False' : 'True', limit, '');
    const reason = replicas > current ? `${proposal.reason} above target` : 'All metrics below target';
    return { replicas, reason };
  }

  private historyOf({ metadata }: HorizontalPodAutoscaler, current: number): ScaleHistory {
    let history = this.histories.get(metadata.uid);
    if (history === undefined) {
      history = { recommendations: [{ time: this.context.now / SECOND, replicas: current }], added: [], removed: [] };
      this.histories.set(metadata.uid, history);
    }
    return history;
  }

  /** The most that any metric asks for; with a metric that cannot be read nothing is taken away. */
  private propose(sync: Sync, kind: ScalableKind, target: Scalable): Wish | string {
    const { metrics } = sync.autoscaler.spec;
    const pods = this.podsOf(kind, target);
    let best: Wish | undefined;
    let firstFailure: string | undefined;
    let failures = 0;
    for (const metric of metrics) {
      const proposal = this.proposeFor(sync, metric, pods);
      if (typeof proposal === 'string') {
        failures++;
        firstFailure ??= proposal;
      } else if (best === undefined || proposal.replicas > best.replicas) best = proposal;
    }
    if (firstFailure !== undefined && (best === undefined || best.replicas < sync.current)) {
      const text = `invalid metrics (${failures} invalid out of ${metrics.length}), first error is: ${firstFailure}`;
      tell(this.context, sync.autoscaler, 'Warning', 'FailedComputeMetricsReplicas', text);
      return text;
    }
    this.set(
      sync,
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count`,
    );
    return best!;
  }

  private proposeFor(sync: Sync, metric: MetricSpec, pods: readonly Pod[]): Wish | string {
    const { behavior } = sync.autoscaler.spec;
    const { resource } = metric;
    const samples = this.samplesOf(pods, resource);
    const word = metric.averageUtilization === undefined ? 'usage' : 'utilization';
    const tolerance = {
      up: behavior?.scaleUp.tolerance ?? defaultTolerance,
      down: behavior?.scaleDown.tolerance ?? defaultTolerance,
    };
    const { now } = this.context;
    const proposal =
      samples === undefined
        ? { failed: unavailable(resource) }
        : proposeReplicas({ metric, pods, samples, currentReplicas: sync.current, tolerance, now });
    if ('replicas' in proposal) {
      const suffix = word === 'utilization' ? 'utilization (percentage of request)' : '';
      return { replicas: proposal.replicas, reason: `${resource} resource ${suffix}`.trim() };
    }
    const message = `failed to get ${resource} ${word}: ${proposal.failed}`;
    tell(this.context, sync.autoscaler, 'Warning', 'FailedGetResourceMetric', message);
    this.set(sync, 'ScalingActive', 'False', 'FailedGetResourceMetric', message);
    return `failed to get ${resource} resource metric value: ${message}`;
  }

  private samplesOf(pods: readonly Pod[], resource: string): ReadonlyMap<Uid, PodSample> | undefined {
    if (this.metrics?.isAvailable(this.context.now) !== true) return undefined;
    const samples = new Map<Uid, PodSample>();
    for (const pod of pods) {
      const sample = this.metrics.sample(pod, resource, this.context.now);
      if (sample !== undefined) samples.set(pod.metadata.uid, sample);
    }
    return samples;
  }

  private podsOf(kind: ScalableKind, { metadata }: Scalable): readonly Pod[] {
    const pods = this.context.informer('Pod');
    if (kind !== 'Deployment') return pods.by(byControllerUntilDone, metadata.uid);
    const sets = this.context.informer('ReplicaSet').by(byController, metadata.uid);
    return sets.flatMap((set) => pods.by(byControllerUntilDone, set.metadata.uid));
  }

  private *rescale(sync: Sync, kind: ScalableKind, target: Scalable, wish: Wish): Step<void> {
    const { namespace, name } = target.metadata;
    const response = (yield* send(
      patchRequest(kind, namespace, name, withReplicas as never, wish.replicas),
    )) as ApiResponse;
    if (!isSuccess(response)) {
      tell(
        this.context,
        sync.autoscaler,
        'Warning',
        'FailedRescale',
        `New size: ${wish.replicas}; reason: ${wish.reason}; error: ${response.message}`,
      );
      this.set(sync, 'AbleToScale', 'False', 'FailedUpdateScale', response.message);
      return;
    }
    this.set(
      sync,
      'AbleToScale',
      'True',
      'SucceededRescale',
      `the HPA controller was able to update the target scale to ${wish.replicas}`,
    );
    this.set(sync, 'ScaledToZero', 'False', 'NotScaledToZero', '');
    tell(
      this.context,
      sync.autoscaler,
      'Normal',
      'SuccessfulRescale',
      `New size: ${wish.replicas}; reason: ${wish.reason}`,
    );
    const history = this.historyOf(sync.autoscaler, sync.current);
    noteScale(history, sync.autoscaler.spec.behavior, wish.replicas - sync.current, this.context.now / SECOND);
    sync.status = { ...sync.status, lastScaleTime: this.context.nowSeconds };
  }

  private set(sync: Sync, type: string, status: ConditionStatus, reason: string, message: string): void {
    const { conditions } = sync.status;
    const present = conditions.find((condition) => condition.type === type);
    if (present?.status === status && present.reason === reason && present.message === message) return;
    const lastTransitionTime = present?.status === status ? present.lastTransitionTime : this.context.nowSeconds;
    const condition: Condition = { type, status, reason, message, lastTransitionTime };
    const next =
      present === undefined
        ? [...conditions, condition]
        : conditions.map((other) => (other === present ? condition : other));
    sync.status = { ...sync.status, conditions: next };
  }

  private *write({ autoscaler, status }: Sync): Step<string | undefined> {
    if (semanticEqual(status, autoscaler.status)) return undefined;
    const response = yield* send(updateStatusRequest('HorizontalPodAutoscaler', { ...autoscaler, status }));
    return isSuccess(response) || response.code === 'NotFound' ? undefined : response.message;
  }
}

function unavailable(resource: string): string {
  const answer = 'the server is currently unable to handle the request (get pods.metrics.k8s.io)';
  return `unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: ${answer}`;
}

function withReplicas(current: Scalable, argument: unknown): Scalable {
  return { ...current, spec: { ...current.spec, replicas: argument as number } };
}
