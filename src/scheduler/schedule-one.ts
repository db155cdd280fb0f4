/**
 * One pod's way from the queue to a node, in upstream's order (`ps/schedule_one.go`): the decision, assume, reserve,
 * permit, then asynchronously the binding; and what happens when one of them fails.
 */
import type { Pod } from '../api/core-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { KubeEvent, RefusalCount } from '../record/facts.ts';
import type { Recorder } from '../record/recorder.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { SECOND } from '../engine/time.ts';
import type { SchedulingAlgorithm } from './algorithm.ts';
import type { SchedulerCache } from './cache.ts';
import type { EventSeries } from './event-series.ts';
import { fitErrorMessage, singleNodeFitError, truncateNote } from './framework/fit-error.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { ClusterLister } from './framework/handle.ts';
import type { PodInfoFactory } from './framework/pod-info.ts';
import type { QueuedPodInfo } from './framework/queued-pod-info.ts';
import type { Framework } from './framework/runtime.ts';
import type { Status } from './framework/status.ts';
import { Code, errorStatus, isRejected, isSuccess } from './framework/status.ts';
import type { ScheduleResult } from './node-search.ts';
import { assignedPodDelete } from './object-events.ts';
import { nominationPatch, unschedulablePatch } from './pod-requests.ts';
import type { SchedulerClient } from './scheduler-client.ts';
import type { SchedulingQueue } from './scheduling-queue.ts';

/** What the cycles work on; owned by the scheduler. */
export interface CycleServices {
  readonly clock: { readonly now: number };
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly algorithm: SchedulingAlgorithm;
  readonly client: SchedulerClient;
  readonly recorder: Recorder;
  readonly cluster: ClusterLister;
  readonly podInfos: PodInfoFactory;
  readonly failures: EventSeries;
  /** The queue may have changed. */
  onQueueChanged(): void;
}

/** Why an attempt failed, as the queue, the event and the condition need it. */
interface Failure {
  readonly result: 'unschedulable' | 'error';
  readonly message: string;
  readonly unschedulablePlugins: ReadonlySet<string>;
  readonly pendingPlugins: ReadonlySet<string>;
  /** undefined = the nomination stays. */
  readonly nominatedNodeName: string | undefined;
}

/** A decision that waits for its virtual time to be over. */
export interface Decision {
  readonly info: QueuedPodInfo;
  readonly framework: Framework;
  readonly outcome: ScheduleResult | Failure;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  readonly refusals: readonly RefusalCount[];
  /** Microseconds. */
  readonly startedAt: number;
}

const noPlugins: ReadonlySet<string> = new Set();
const noRefusals: readonly RefusalCount[] = [];

/** Decides for one pod at a time and carries decisions out. */
export class ScheduleOne {
  private readonly services: CycleServices;

  constructor(services: CycleServices) {
    this.services = services;
  }

  /**
   * The decision for a popped pod, on the cluster as it is at this instant.
   *
   * @returns undefined when the pod is not to be scheduled any more.
   */
  decide(info: QueuedPodInfo, framework: Framework): Decision | undefined {
    const { pod } = info.podInfo;
    const { clock } = this.services;
    if (this.isToBeSkipped(pod, framework)) {
      this.services.queue.done(pod.metadata.uid);
      return undefined;
    }
    const result = this.services.algorithm.schedulePod(framework, pod);
    const { evaluatedNodes, feasibleNodes } = result;
    const outcome = result.type === 'node' ? result : this.explain(result, framework, pod);
    const refusals = this.refusalsOf(result);
    return { info, framework, outcome, evaluatedNodes, feasibleNodes, refusals, startedAt: clock.now };
  }

  /** Carries out a decision. `released` is called when the scheduling loop may take the next pod. */
  carryOut(decision: Decision, costUs: number, released: () => void): void {
    const attempt = new Attempt(this.services, decision, costUs);
    const { outcome } = decision;
    if (!('type' in outcome)) return attempt.fail(outcome, released);
    if (outcome.type !== 'node') return released();
    attempt.assume(outcome.node.name, outcome.state, released);
  }

  private isToBeSkipped(pod: Pod, framework: Framework): boolean {
    const { namespace, name, uid, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      tellFailure(this.services, framework, pod, `skip schedule deleting pod: ${namespace}/${name}`);
      return true;
    }
    return this.services.cache.hasPod(uid);
  }

  private refusalsOf(result: ScheduleResult): readonly RefusalCount[] {
    const { cache, recorder } = this.services;
    if (result.type !== 'unschedulable' || !recorder.wants('schedulingAttempt')) return noRefusals;
    return result.diagnosis.nodeStatuses.refusalCounts(cache.nodes);
  }

  /** Turns a search without a result into what everybody needs to know; preemption is tried here. */
  private explain(result: Exclude<ScheduleResult, { type: 'node' }>, framework: Framework, pod: Pod): Failure {
    if (result.type === 'error') return errorFailure(result.status.message);
    if (result.type === 'no-nodes') return rejection('no nodes available to schedule pods', noPlugins, noPlugins, '');
    const { diagnosis, state } = result;
    let postFilterMessage = '';
    let nominatedNodeName: string | undefined;
    if (framework.hasPostFilterPlugins) {
      const answer = framework.runPostFilter(state, pod, diagnosis.nodeStatuses);
      postFilterMessage = answer.status.message;
      nominatedNodeName = answer.nominatedNodeName;
    }
    const message = fitErrorMessage(this.services.cache.nodes, diagnosis, postFilterMessage);
    return rejection(message, diagnosis.unschedulablePlugins, diagnosis.pendingPlugins, nominatedNodeName);
  }
}

/** One scheduling attempt after its decision. */
class Attempt {
  private readonly services: CycleServices;
  private readonly decision: Decision;
  private readonly framework: Framework;
  private readonly costUs: number;
  private readonly pod: Pod;
  /** The pod with its node name, as it stands in the cache. */
  private assumed: Pod;
  private state: CycleState | undefined;

  constructor(services: CycleServices, decision: Decision, costUs: number) {
    this.services = services;
    this.decision = decision;
    this.framework = decision.framework;
    this.costUs = costUs;
    this.pod = decision.info.podInfo.pod;
    this.assumed = this.pod;
  }

  private get nodeName(): string {
    return this.assumed.spec.nodeName;
  }

  /** Assume, Reserve, Permit; then the binding cycle goes its own way. */
  assume(nodeName: string, state: CycleState, released: () => void): void {
    const { cache, queue, podInfos } = this.services;
    const { uid } = this.pod.metadata;
    this.state = state;
    this.assumed = podWith(this.pod, { spec: bindSpec(this.pod.spec, nodeName) });
    if (cache.hasPod(uid)) {
      return this.fail(errorFailure(`pod ${uid} is in the cache, so can't be assumed`), released);
    }
    cache.assumePod(podInfos.podInfo(this.assumed));
    queue.nominator.delete(uid);
    const reserved = this.framework.binding.runReserve(state, this.assumed, nodeName);
    if (!isSuccess(reserved)) return this.giveBack(reserved!, released);
    const permitted = this.framework.binding.runPermit(state, this.assumed, nodeName);
    const isWaiting = permitted?.code === Code.wait;
    if (!isWaiting && !isSuccess(permitted)) return this.giveBack(permitted!, released);
    this.bind(isWaiting);
    released();
  }

  /** Reserve or Permit refused: a fit error over one node. */
  private giveBack(status: Status, released: () => void): void {
    this.unassume();
    const plugins = new Set([status.plugin]);
    const isPending = status.code === Code.pending;
    const failure = isRejected(status)
      ? rejection(
          singleNodeFitError(status.reasons),
          isPending ? noPlugins : plugins,
          isPending ? plugins : noPlugins,
          '',
        )
      : errorFailure(status.message);
    this.fail(failure, released);
  }

  private unassume(): void {
    this.framework.binding.runUnreserve(this.state!, this.assumed, this.nodeName);
    this.services.cache.forgetPod(this.pod.metadata.uid);
  }

  private bind(isWaiting: boolean): void {
    const { framework, assumed, nodeName, services } = this;
    const preFlight = framework.binding.runPreBindPreFlight(this.state!, assumed, nodeName);
    if (!isSuccess(preFlight.status)) return this.failBinding(preFlight.status!);
    const goOn = (): void =>
      framework.binding.waitOnPermit(assumed, (status) => {
        if (!isSuccess(status)) return this.failBinding(status!);
        services.queue.done(this.pod.metadata.uid);
        this.preBind(preFlight.active);
      });
    const isLong = isWaiting || preFlight.active.length > 0;
    const nomination = isLong ? nominationPatch(this.pod, nodeName) : undefined;
    if (nomination === undefined) goOn();
    else services.client.send(nomination, goOn);
  }

  private preBind(active: readonly string[]): void {
    const { framework, assumed, nodeName, state } = this;
    framework.binding.runPreBind(state!, assumed, nodeName, active, (status) => {
      if (!isSuccess(status)) return this.failBinding(status!);
      framework.binding.runBind(state!, assumed, nodeName, (bound) => {
        if (isSuccess(bound)) this.succeed();
        else this.failBinding(bound!.code === Code.skip ? errorStatus('no bind plugin bound the pod') : bound!);
      });
    });
  }

  private succeed(): void {
    const { namespace, name } = this.pod.metadata;
    const message = `Successfully assigned ${namespace}/${name} to ${this.nodeName}`;
    const { recorder } = this.services;
    recorder.kubeEvent({ type: 'Normal', reason: 'Scheduled', message, ...about(this.framework, this.pod) });
    this.record('scheduled', '');
    this.framework.binding.runPostBind(this.state!, this.assumed, this.nodeName);
  }

  /** Anything after the scheduling cycle went wrong: to everybody else this looks like the deletion of a bound pod. */
  private failBinding(status: Status): void {
    const { queue, clock } = this.services;
    this.unassume();
    const { uid } = this.pod.metadata;
    const tellOthers = (preCheck?: (other: Pod) => boolean): void =>
      queue.moveAllToActiveOrBackoff(assignedPodDelete, this.assumed, undefined, clock.now, preCheck);
    if (!isRejected(status)) tellOthers();
    this.fail(this.bindingFailure(status), () => undefined);
    if (isRejected(status)) tellOthers((other) => other.metadata.uid !== uid);
    this.services.onQueueChanged();
  }

  /** A rejection that names its plugin counts only while the pod is in flight; later it is an error for the queue. */
  private bindingFailure(status: Status): Failure {
    if (!isRejected(status)) return errorFailure(status.message);
    const isStillInFlight = this.services.queue.isInFlight(this.pod.metadata.uid);
    const plugins = isStillInFlight ? new Set([status.plugin]) : noPlugins;
    return rejection(isStillInFlight ? singleNodeFitError(status.reasons) : status.message, plugins, noPlugins, '');
  }

  /** Back to the queue, the event, and then the status patch, for which the scheduling loop waits. */
  fail(failure: Failure, released: () => void): void {
    const { clock, client, queue } = this.services;
    const { uid } = this.pod.metadata;
    const current = this.services.cluster.get('Pod', this.pod.metadata.namespace, this.pod.metadata.name);
    if (current !== undefined && current.metadata.uid !== uid) {
      queue.done(uid);
      return released();
    }
    const isWaitingStill = current !== undefined && current.spec.nodeName === '' && !isPodTerminal(current);
    if (isWaitingStill) this.requeue(current, failure);
    else queue.done(uid);
    tellFailure(this.services, this.framework, this.pod, truncateNote(failure.message));
    this.record(failure.result, failure.message);
    this.services.onQueueChanged();
    const { message, nominatedNodeName } = failure;
    const change = { message, nominatedNodeName, nowSeconds: Math.floor(clock.now / SECOND) };
    const patch = unschedulablePatch(current ?? this.pod, change);
    if (patch === undefined) released();
    else client.send(patch, () => released());
  }

  private requeue(current: Pod, failure: Failure): void {
    const { queue, clock, podInfos } = this.services;
    const { info } = this.decision;
    info.podInfo = podInfos.podInfo(current);
    info.unschedulablePlugins = failure.unschedulablePlugins;
    info.pendingPlugins = failure.pendingPlugins;
    queue.addUnschedulable(info, clock.now);
    queue.nominator.set(info.podInfo, failure.nominatedNodeName);
  }

  private record(result: 'scheduled' | 'unschedulable' | 'error', message: string): void {
    const { outcome, info, evaluatedNodes, feasibleNodes, refusals, startedAt } = this.decision;
    const chosen = 'type' in outcome && outcome.type === 'node' ? outcome : undefined;
    this.services.recorder.schedulingAttempt({
      pod: this.pod,
      attempt: info.attempts,
      startedAt,
      initialAttemptAt: info.initialAttemptTimestamp,
      result,
      nodeName: result === 'scheduled' ? this.nodeName : '',
      evaluatedNodes,
      feasibleNodes,
      score: chosen?.score ?? 0,
      ties: chosen?.ties ?? 0,
      durationUs: this.costUs,
      message,
      refusals: result === 'scheduled' ? noRefusals : refusals,
      profile: this.framework.profileName,
    });
  }
}

function rejection(
  message: string,
  unschedulablePlugins: ReadonlySet<string>,
  pendingPlugins: ReadonlySet<string>,
  nominatedNodeName: string | undefined,
): Failure {
  return { result: 'unschedulable', message, unschedulablePlugins, pendingPlugins, nominatedNodeName };
}

function errorFailure(message: string): Failure {
  return {
    result: 'error',
    message,
    unschedulablePlugins: noPlugins,
    pendingPlugins: noPlugins,
    nominatedNodeName: '',
  };
}

function tellFailure(
  { recorder, failures, clock }: CycleServices,
  framework: Framework,
  pod: Pod,
  message: string,
): void {
  const place = failures.note(pod, clock.now);
  recorder.kubeEvent({ type: 'Warning', reason: 'FailedScheduling', message, ...about(framework, pod), place });
}

/** Who tells an Event, and of which pod. */
function about(
  { profileName }: Framework,
  { metadata: { namespace, name } }: Pod,
): Pick<KubeEvent, 'source' | 'involvedKind' | 'namespace' | 'name'> {
  return { source: profileName, involvedKind: 'Pod', namespace, name };
}
