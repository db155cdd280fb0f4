/** Why a pod was killed: read from who did it, from what the pod's status says, and from what had happened before. */
import type { Pod } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import type { ContainerState } from '../api/pod-status.ts';
import { toleratedUs } from '../controllers/taint-eviction.ts';
import { SECOND } from '../engine/time.ts';
import { noCause } from './cause-log.ts';
import type { NodeFacts } from './node-causes.ts';
import type { WorkloadCauses } from './workload-causes.ts';

/** What is known beside the pod. */
export interface PodSurroundings {
  readonly node: Readonly<NodeFacts>;
  readonly workloads: WorkloadCauses;
  /** The preemption that chose it as a victim; -1 = none. */
  readonly preemption: number;
  /** The fault that killed one of its containers; -1 = none. */
  readonly crash: number;
}

/** How and why a pod ended. */
export interface PodEnd {
  /** One or two words to group by, for example `taint eviction`. */
  readonly reason: string;
  readonly what: string;
  readonly rule: string;
  readonly cause: number;
}

/** Reasons by which pods end, in the order in which they are explained; see `PodEnd.reason`. */
export const endReasons = {
  taint: 'taint eviction',
  pressure: 'node pressure',
  api: 'eviction API',
  preemption: 'preemption',
  user: 'deleted by user',
  rollout: 'rollout',
  scale: 'scale down',
  job: 'job',
  owner: 'owner removed',
  namespace: 'namespace removed',
  node: 'node gone',
  crash: 'crash',
  oom: 'OOM',
  refused: 'refused by kubelet',
  deadline: 'deadline',
  other: 'other',
} as const;

/**
 * Why a pod that was active (neither finished nor being deleted) is so no more.
 *
 * @param after the version that says so; undefined = it was removed at once.
 * @param by who wrote it.
 */
export function podEnd(before: Pod, after: Pod | undefined, by: string, around: PodSurroundings): PodEnd {
  const isFailed = after !== undefined && after.metadata.deletionTimestamp === undefined;
  return isFailed ? failure(after, by, around) : deletion(before, after, by, around);
}

function deletion(before: Pod, after: Pod | undefined, by: string, around: PodSurroundings): PodEnd {
  const { node, workloads, preemption } = around;
  const how = graceText(after);
  const target = (after ?? before).status.otherConditions.find(isDisruptionTarget);
  if (by === 'taint-eviction-controller')
    return { reason: endReasons.taint, what: how, rule: tolerationRule(before, node), cause: node.taint };
  if (by === 'pod-garbage-collector-controller') return collected(how, node);
  if (preemption !== noCause || target?.reason === 'PreemptionByScheduler')
    return { reason: endReasons.preemption, what: how, rule: priorityRule(before), cause: preemption };
  if (by === 'namespace-controller') {
    const cause = workloads.namespaceRemoval(before.metadata.namespace);
    return { reason: endReasons.namespace, what: how, rule: '', cause };
  }
  if (target?.reason === 'EvictionByEvictionAPI' && !isControllerName(by))
    return { reason: endReasons.api, what: `evicted, ${how}`, rule: 'PodDisruptionBudget allows', cause: node.cordon };
  if (!isControllerName(by)) return { reason: endReasons.user, what: how, rule: '', cause: noCause };
  return byController(before, how, by, around);
}

function collected(how: string, node: Readonly<NodeFacts>): PodEnd {
  if (node.removal !== noCause)
    return { reason: endReasons.node, what: how, rule: 'quarantine of orphaned pods 40s', cause: node.removal };
  return { reason: endReasons.node, what: how, rule: 'taint node.kubernetes.io/out-of-service', cause: node.taint };
}

function byController(pod: Pod, how: string, by: string, { workloads }: PodSurroundings): PodEnd {
  const owner = controllerOf(pod);
  if (owner === undefined) return { reason: endReasons.other, what: how, rule: '', cause: noCause };
  const removal = workloads.removalOf(owner.uid);
  if (removal !== noCause || by === 'garbage-collector-controller')
    return { reason: endReasons.owner, what: how, rule: 'ownerReferences', cause: removal };
  const cause = workloads.lastOf(owner.uid);
  if (owner.kind === 'Job') return { reason: endReasons.job, what: how, rule: workloads.jobRule(owner.uid), cause };
  return workloads.isRollout(cause)
    ? { reason: endReasons.rollout, what: how, rule: 'update strategy', cause }
    : { reason: endReasons.scale, what: how, rule: 'more pods than replicas', cause };
}

/** A pod that failed; who deletes it afterwards only tidies up. */
function failure(pod: Pod, by: string, { node, crash }: PodSurroundings): PodEnd {
  const { reason, message, otherConditions } = pod.status;
  const what = `failed${reason === '' ? '' : ` (${reason})`}${message === '' ? '' : `: ${message}`}`;
  if (by === 'pod-garbage-collector-controller') return { ...collected('failed', node), what };
  if (reason === 'Evicted') {
    const rule = isRejection(message) ? 'admission by the kubelet' : 'eviction-hard or -soft';
    return { reason: endReasons.pressure, what, rule, cause: node.pressure };
  }
  if (reason === 'DeadlineExceeded') {
    const rule = `activeDeadlineSeconds ${pod.spec.activeDeadlineSeconds ?? 0}`;
    return { reason: endReasons.deadline, what, rule, cause: noCause };
  }
  const isDisrupted = otherConditions.some(isDisruptionTarget);
  if (reason === 'Preempting' || reason === 'Preempted')
    return { reason: endReasons.preemption, what, rule: 'critical pods first', cause: noCause };
  if (reason === 'Terminated' || (isDisrupted && reason !== ''))
    return { reason: endReasons.node, what, rule: 'graceful node shutdown', cause: node.machine };
  const ended = worstEnd(pod);
  if (ended === undefined)
    return { reason: endReasons.refused, what, rule: 'admission by the kubelet', cause: noCause };
  const isOom = ended.reason === 'OOMKilled';
  return {
    reason: isOom ? endReasons.oom : endReasons.crash,
    what: `${what}; container exited with ${ended.exitCode} (${ended.reason})`,
    rule: reason === 'FailAfterRestarts' ? 'failAfterRestarts' : `restartPolicy ${pod.spec.restartPolicy}`,
    cause: crash,
  };
}

/** How the message of a pod begins that its kubelet did not admit. */
export const isRejection = (message: string): boolean => message.startsWith('Pod was rejected: ');

/** The first container that ended badly, now or the last time; undefined where none ever did. */
function worstEnd(pod: Pod): ContainerState | undefined {
  const { containerStatuses, initContainerStatuses } = pod.status;
  for (const { state, lastState } of [...initContainerStatuses, ...containerStatuses]) {
    if (state.phase === 'terminated' && state.exitCode !== 0) return state;
    if (lastState?.phase === 'terminated' && lastState.exitCode !== 0) return lastState;
  }
  return undefined;
}

function graceText(after: Pod | undefined): string {
  const grace = after?.metadata.deletionGracePeriodSeconds ?? 0;
  return grace === 0 ? 'deleted at once' : `deleted with ${grace} s of grace`;
}

function tolerationRule(pod: Pod, { noExecute }: Readonly<NodeFacts>): string {
  const us = toleratedUs(noExecute, pod.spec.tolerations);
  return us > 0 && us < Infinity ? `tolerationSeconds ${us / SECOND}` : 'no toleration of the taint';
}

const priorityRule = (pod: Pod): string => `priority ${pod.spec.priority} is lower`;

const isDisruptionTarget = ({ type, status }: Condition): boolean => type === 'DisruptionTarget' && status === 'True';

const isControllerName = (name: string): boolean => name.endsWith('-controller') || name === 'kubelet';
