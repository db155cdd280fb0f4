/** Which pods a ReplicaSet or a Job deletes first (upstream pkg/controller/controller_utils.go, ActivePodsWithRanks). */
import type { Pod } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { isPodReady } from '../api/pod-conditions.ts';
import type { ContainerStatus } from '../api/pod-status.ts';
import { conditionSince } from '../api/pod-status.ts';
import { fnv32a } from '../api/template-hash.ts';
import { SECOND } from '../engine/time.ts';

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const nanosecondsPerMicrosecond = 1000;

/** What a choice of victims needs to know beside the pods. */
export interface VictimContext {
  /** Number of related pods on the pod's node. */
  readonly rankOf: (pod: Pod) => number;
  /** Microseconds. */
  readonly now: number;
  /** 32 random bits of the run, which decide among equal pods. */
  readonly salt: number;
}

/** The first `count` pods to delete. */
export function chooseVictims(pods: readonly Pod[], count: number, context: VictimContext): readonly Pod[] {
  if (count >= pods.length) return pods;
  return pods.toSorted((a, b) => compareVictims(a, b, context)).slice(0, count);
}

/** Negative when `a` is deleted before `b`. Pods that are equal in everything come from a Go map: any order. */
function compareVictims(a: Pod, b: Pod, context: VictimContext): number {
  const { rankOf } = context;
  return (
    compareUsefulness(a, b) ||
    deletionCost(a) - deletionCost(b) ||
    rankOf(b) - rankOf(a) ||
    compareReadyAges(a, b, context) ||
    compareRestarts(a, b) ||
    compareAges(a, b, a.metadata.creationTimestamp, b.metadata.creationTimestamp, context) ||
    compareUids(a, b, context.salt)
  );
}

/** Order of a Job's surplus pods (upstream `ActivePods`): neither costs nor ranks nor buckets. */
export function compareJobVictims(a: Pod, b: Pod): number {
  const readyFirst = isPodReady(a) ? conditionSince(b.status.ready) - conditionSince(a.status.ready) : 0;
  return (
    compareUsefulness(a, b) ||
    readyFirst ||
    compareRestarts(a, b) ||
    b.metadata.creationTimestamp - a.metadata.creationTimestamp
  );
}

/** Unassigned, then not running, then not ready. */
function compareUsefulness(a: Pod, b: Pod): number {
  const isAssigned = (pod: Pod): number => (pod.spec.nodeName === '' ? 0 : 1);
  const isReady = (pod: Pod): number => (isPodReady(pod) ? 1 : 0);
  return isAssigned(a) - isAssigned(b) || phaseOrder(a) - phaseOrder(b) || isReady(a) - isReady(b);
}

function phaseOrder(pod: Pod): number {
  return pod.status.phase === 'Pending' ? 0 : pod.status.phase === 'Unknown' ? 1 : 2;
}

/** Missing and malformed costs are 0; the API takes 32-bit integers only. */
function deletionCost(pod: Pod): number {
  const text = labelValue(pod.metadata.annotations, deletionCostAnnotation);
  if (text === undefined || !/^(0|-?[1-9][0-9]{0,9})$/.test(text)) return 0;
  const cost = Number(text);
  return cost === (cost | 0) ? cost : 0;
}

function compareReadyAges(a: Pod, b: Pod, context: VictimContext): number {
  if (!isPodReady(a) || !isPodReady(b)) return 0;
  return compareAges(a, b, conditionSince(a.status.ready), conditionSince(b.status.ready), context);
}

/** Younger first by powers of two of the age; within one power the order is that of random UIDs. */
function compareAges(a: Pod, b: Pod, since: number, otherSince: number, { now, salt }: VictimContext): number {
  if (since === otherSince) return 0;
  const difference = ageBucket(now - since * SECOND) - ageBucket(now - otherSince * SECOND);
  return difference || compareUids(a, b, salt);
}

/** UIDs are random upstream; ours count upwards, so a hash of the name stands for them, another one in each run. */
function compareUids(a: Pod, b: Pod, salt: number): number {
  return scrambled(fnv32a(a.metadata.name) ^ salt) - scrambled(fnv32a(b.metadata.name) ^ salt);
}

/** A permutation of the 32-bit numbers that keeps nothing of their order (the finalizer of MurmurHash3). */
function scrambled(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** floor(log2(age in nanoseconds)), -1 for no age; `ageUs` in microseconds. Halving is exact, a logarithm is not. */
export function ageBucket(ageUs: number): number {
  let bucket = -1;
  for (let rest = ageUs * nanosecondsPerMicrosecond; rest >= 1; rest /= 2) bucket++;
  return bucket;
}

function compareRestarts(a: Pod, b: Pod): number {
  const regular = (pod: Pod): number => maxRestarts(pod.status.containerStatuses);
  const sidecar = (pod: Pod): number =>
    maxRestarts(
      pod.status.initContainerStatuses.filter(
        (status) => pod.spec.initContainers[status.index]?.restartPolicy === 'Always',
      ),
    );
  return regular(b) - regular(a) || sidecar(b) - sidecar(a);
}

function maxRestarts(statuses: readonly ContainerStatus[]): number {
  let max = 0;
  for (const { restartCount } of statuses) if (restartCount > max) max = restartCount;
  return max;
}
