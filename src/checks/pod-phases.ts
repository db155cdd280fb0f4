import type { Pod, PodPhase } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

/** Phases that may follow; Pending may end at once when the containers are faster than the kubelet's status. */
const next: Readonly<Record<PodPhase, readonly PodPhase[]>> = {
  Pending: ['Running', 'Succeeded', 'Failed', 'Unknown'],
  Running: ['Succeeded', 'Failed', 'Unknown'],
  Unknown: ['Pending', 'Running', 'Succeeded', 'Failed'],
  Succeeded: [],
  Failed: [],
};

class PodPhasesCheck implements Check {
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Pod' || after === undefined) return;
    const pod = after as Pod;
    const old = before as Pod | undefined;
    if (old !== undefined) this.checkChange(old, pod);
    if (pod.status !== old?.status && pod.status.phase === 'Running' && pod.spec.nodeName === '') {
      this.report(nameOf(pod), 'is Running without a node');
    }
  }

  private checkChange(before: Pod, after: Pod): void {
    const from = before.status.phase;
    const to = after.status.phase;
    const isAnew = from === 'Running' && isInitializedAgain(after);
    if (from !== to && !next[from].includes(to) && !isAnew) {
      this.report(nameOf(after), `went from phase ${from} to ${to}`);
    }
    if (before.metadata.deletionTimestamp !== undefined && after.metadata.deletionTimestamp === undefined) {
      this.report(nameOf(after), 'was being deleted and is not any more');
    }
    if (before.status !== after.status && !isPodTerminal(after)) this.checkRestarts(before, after);
  }

  private checkRestarts(before: Pod, after: Pod): void {
    for (const { index, restartCount } of before.status.containerStatuses) {
      const now = after.status.containerStatuses.find((status) => status.index === index);
      if (now !== undefined && now.restartCount >= restartCount) continue;
      const found = now === undefined ? 'is gone from the status' : `has ${now.restartCount} restarts`;
      this.report(nameOf(after), `container ${index} ${found} after ${restartCount}`);
    }
  }
}

/** A pod whose sandbox is new runs its init containers anew, and is Pending meanwhile (upstream `getPhase`). */
function isInitializedAgain({ spec, status }: Pod): boolean {
  return status.phase === 'Pending' && spec.initContainers.length > 0;
}

/** A pod lives once. */
export const podPhasesCheck: CheckDefinition = {
  name: 'pod-phases',
  description:
    'Pods go from Pending to Running to Succeeded or Failed, which are final; deletion and restarts are not undone.',
  create: (report) => new PodPhasesCheck(report),
};
