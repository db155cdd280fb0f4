/** Whom a node stops for a critical pod (upstream `pkg/kubelet/preemption/preemption.go`). */
import type { ResourceList } from '../api/core-v1.ts';

/** A pod that may be stopped. */
export interface PreemptionCandidate {
  readonly requests: ResourceList;
  /** 0 = best effort, 1 = burstable, 2 = guaranteed: the order in which they go. */
  readonly qosRank: 0 | 1 | 2;
}

/** What would still be lacking if all these pods were gone. */
export function lackingWithout(candidates: readonly PreemptionCandidate[], lacking: ResourceList): ResourceList {
  return lessAll(lacking, candidates);
}

/** The pods to stop, best effort first. `lacking` is what has to become free: all together have it. */
export function preemptionVictims<T extends PreemptionCandidate>(
  candidates: readonly T[],
  lacking: ResourceList,
): readonly T[] {
  const byRank = ([0, 1, 2] as const).map((rank) => candidates.filter(({ qosRank }) => qosRank === rank));
  // As few guaranteed pods as possible, given that all others go; then as few burstable ones; then the rest.
  const guaranteed = smallestSet(byRank[2]!, lessAll(lacking, [...byRank[0]!, ...byRank[1]!]));
  const burstable = smallestSet(byRank[1]!, lessAll(lacking, [...byRank[0]!, ...guaranteed]));
  const bestEffort = smallestSet(byRank[0]!, lessAll(lacking, [...burstable, ...guaranteed]));
  return [...bestEffort, ...burstable, ...guaranteed];
}

/** Takes the pod that comes nearest to what is needed, again and again; the last one takes its place in the list. */
function smallestSet<T extends PreemptionCandidate>(pods: readonly T[], needed: ResourceList): readonly T[] {
  const left = [...pods];
  const chosen: T[] = [];
  let rest = needed;
  while (rest.size > 0 && left.length > 0) {
    let best = 0;
    for (let at = 1; at < left.length; at++) if (isNearer(left[at]!, left[best]!, rest)) best = at;
    const pod = left[best]!;
    left[best] = left.at(-1)!;
    left.pop();
    chosen.push(pod);
    rest = less(rest, pod.requests);
  }
  return chosen;
}

/** Whether `a`, which stands behind `b` in the list, is preferred: of two equal ones it is. */
function isNearer(a: PreemptionCandidate, b: PreemptionCandidate, needed: ResourceList): boolean {
  const difference = distance(a, needed) - distance(b, needed);
  return difference < 0 || (difference === 0 && !isSmaller(b.requests, a.requests));
}

/** Sum over the resources of the square of the part that is still lacking. */
function distance({ requests }: PreemptionCandidate, needed: ResourceList): number {
  let sum = 0;
  for (const [name, amount] of needed) {
    const part = Math.max(0, amount - (requests.get(name) ?? (name === 'pods' ? 1 : 0))) / amount;
    sum += part * part;
  }
  return sum;
}

/** Less memory, or as much and less CPU. */
function isSmaller(a: ResourceList, b: ResourceList): boolean {
  const memory = (a.get('memory') ?? 0) - (b.get('memory') ?? 0);
  return memory < 0 || (memory === 0 && (a.get('cpu') ?? 0) < (b.get('cpu') ?? 0));
}

function lessAll(needed: ResourceList, pods: readonly PreemptionCandidate[]): ResourceList {
  let rest = needed;
  for (const { requests } of pods) rest = less(rest, requests);
  return rest;
}

/** What is still needed after a pod with these requests has gone. */
function less(needed: ResourceList, requests: ResourceList): ResourceList {
  const rest = new Map<string, number>();
  for (const [name, amount] of needed) {
    const left = amount - (requests.get(name) ?? (name === 'pods' ? 1 : 0));
    if (left > 0) rest.set(name, left);
  }
  return rest;
}
