/** Horizontal pod autoscaler (upstream pkg/controller/podautoscaler/horizontal.go): as many replicas as the use of the pods asks for. */
import { byController, byControllerUntilDone, byNamespace } from '../apiserver/cluster-state.ts';
import { getRequest, isSuccess, patchRequest, updateStatusRequest } from '../apiserver/requests.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '../api/autoscaling-v2.ts';
import { isOutsideMetric } from '../api/autoscaling-v2.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, Condition, ConditionStatus, LabelSelector, Uid } from '../api/meta-v1.ts';
import { formatSelector } from '../api/labels.ts';
import { podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import type { ScaleHistory } from './hpa-limits.ts';
import { limitReplicas, noteScale } from './hpa-limits.ts';
import type { MetricProposal } from './hpa-metrics.ts';
import { MetricReader } from './hpa-metrics.ts';
import { tell } from './pod-control.ts';
import { Selectors } from './selectors.ts';

/** --horizontal-pod-autoscaler-sync-period: from one sync of an autoscaler to the next. */
const syncPeriodUs = 15 * SECOND;

export const horizontalPodAutoscaler: ControllerDefinition = {
  name: 'horizontal-pod-autoscaler-controller',
  description: 'scales workloads by the use of their pods',
  eventSource: 'horizontal-pod-autoscaler',
  workers: 5,
  retry: { baseDelayUs: syncPeriodUs, maxDelayUs: syncPeriodUs, hasSharedBucket: false },
  create: (context, { podMetrics, customMetrics }) =>
    new HorizontalPodAutoscalerController(context, new MetricReader(podMetrics, customMetrics)),
};

const scalableKinds = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'] as const;
type ScalableKind = (typeof scalableKinds)[number];

interface Scalable extends ApiObject {
  readonly spec: { readonly replicas: number; readonly selector: LabelSelector };
  readonly status: { readonly replicas: number };
}

/** A sync in progress: the status grows condition by condition. */
interface Sync {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly current: number;
  status: HorizontalPodAutoscalerStatus;
}

type Failure = Extract<MetricProposal, { readonly failed: string }>;

/** How many there should be, and why; undefined = nobody knows. */
interface Wish {
  readonly replicas: number;
  readonly reason: string;
}

class HorizontalPodAutoscalerController implements Controller {
  private readonly context: ControllerContext;
  private readonly metrics: MetricReader;
  private readonly histories = new Map<Uid, ScaleHistory>();
  /** What each autoscaler selected when it was last looked at, by its key. */
  private readonly selectors = new Map<string, LabelSelector>();
  private readonly compiled = new Selectors();

  constructor(context: ControllerContext, metrics: MetricReader) {
    this.context = context;
    this.metrics = metrics;
  }

  watch(): void {
    this.context.informer('Pod');
    this.context.informer('ReplicaSet');
    this.context.informer('HorizontalPodAutoscaler').onChange(
      (before, after) => {
        if (after === undefined) {
          this.histories.delete(before!.metadata.uid);
          this.selectors.delete(podKey(before!));
        } else this.context.enqueue(podKey(after));
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
    if (current === 0 && !mayScaleFromZero(sync)) {
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
    return { replicas, reason: rescaleReason(proposal, current) };
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
    const ambiguity = this.ambiguity(sync.autoscaler, target);
    if (ambiguity !== undefined) {
      tell(this.context, sync.autoscaler, 'Warning', 'AmbiguousSelector', ambiguity);
      this.set(sync, 'ScalingActive', 'False', 'AmbiguousSelector', ambiguity);
      tell(this.context, sync.autoscaler, 'Warning', 'FailedComputeMetricsReplicas', ambiguity);
      return ambiguity;
    }
    const { metrics } = sync.autoscaler.spec;
    const scaled = {
      autoscaler: sync.autoscaler,
      pods: this.podsOf(kind, target),
      currentReplicas: sync.current,
      statusReplicas: target.status.replicas,
    };
    let best: Wish | undefined;
    let firstFailure: Failure | undefined;
    let failures = 0;
    for (const metric of metrics) {
      const proposal = this.metrics.propose(metric, scaled, this.context.now);
      if ('failed' in proposal) {
        tell(this.context, sync.autoscaler, 'Warning', proposal.reason, proposal.failed);
        failures++;
        firstFailure ??= proposal;
      } else if (best === undefined || proposal.replicas > best.replicas)
        best = { replicas: proposal.replicas, reason: proposal.metricName };
    }
    if (firstFailure !== undefined && (best === undefined || best.replicas < sync.current)) {
      const message = `the HPA was unable to compute the replica count: ${firstFailure.failed}`;
      this.set(sync, 'ScalingActive', 'False', firstFailure.reason, message);
      const text = `invalid metrics (${failures} invalid out of ${metrics.length}), first error is: ${firstFailure.error}`;
      tell(this.context, sync.autoscaler, 'Warning', 'FailedComputeMetricsReplicas', text);
      return text;
    }
    const message = `the HPA was able to successfully calculate a replica count from ${best!.reason}`;
    this.set(sync, 'ScalingActive', 'True', 'ValidMetricFound', message);
    return best!;
  }

  /** What is wrong where pods that the target selects are those of another autoscaler too. */
  private ambiguity({ metadata }: HorizontalPodAutoscaler, { spec }: Scalable): string | undefined {
    const { namespace } = metadata;
    const { selector } = spec;
    this.selectors.set(podKey({ metadata }), selector);
    const siblings = [...this.selectors].filter(([key]) => key.startsWith(`${namespace}/`));
    if (siblings.length === 1) return undefined;
    const selected = this.context
      .informer('Pod')
      .by(byNamespace, namespace)
      .filter(({ metadata: { labels } }) => this.compiled.of(selector)(labels));
    const keys = siblings
      .filter(([, other]) => selected.some(({ metadata: { labels } }) => this.compiled.of(other)(labels)))
      .map(([key]) => key);
    if (keys.length < 2) return undefined;
    // Upstream stops at the second.
    const examples = keys.slice(0, 2).join(' ');
    return `pods by selector ${formatSelector(selector)} are controlled by more than one HPA (e.g. [${examples}])`;
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
    if (wish.replicas === 0 && isScaledFromOutside(sync)) this.set(sync, 'ScaledToZero', 'True', 'ScaledToZero', '');
    else this.set(sync, 'ScaledToZero', 'False', 'NotScaledToZero', '');
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

/** What the metrics ask for; nothing where an earlier recommendation holds against them. */
function rescaleReason({ replicas, reason }: Wish, current: number): string {
  if (replicas > current) return `${reason} above target`;
  return replicas < current ? 'All metrics below target' : '';
}

function withReplicas(current: Scalable, argument: unknown): Scalable {
  return { ...current, spec: { ...current.spec, replicas: argument as number } };
}

function isScaledFromOutside({ autoscaler }: Sync): boolean {
  return autoscaler.spec.metrics.some(isOutsideMetric);
}

/** None are there because of this autoscaler, and something tells it when some are wanted again. */
function mayScaleFromZero(sync: Sync): boolean {
  const isItsWork = sync.status.conditions.some(({ type, status }) => type === 'ScaledToZero' && status === 'True');
  return isItsWork && (sync.autoscaler.spec.minReplicas !== 0 || isScaledFromOutside(sync));
}
