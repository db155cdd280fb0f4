import type { Pod, PodPhase } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

const phases: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];

class PodConservationCheck implements Check {
  private readonly report: Report;
  private created = 0;
  private deleted = 0;
  /** In the order of `phases`. */
  private readonly counts = phases.map(() => 0);

  constructor(report: Report) {
    this.report = report;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Pod') return;
    const from = before as Pod | undefined;
    const to = after as Pod | undefined;
    if (from === undefined) this.created++;
    else this.leave(from);
    if (to === undefined) this.deleted++;
    else this.counts[phases.indexOf(to.status.phase)]!++;
  }

  verify(state: ClusterState): void {
    const stored = phases.map(() => 0);
    for (const pod of state.list('Pod')) stored[phases.indexOf(pod.status.phase)]!++;
    phases.forEach((phase, index) => {
      const told = this.counts[index]!;
      if (told !== stored[index]) {
        this.report(`pods in phase ${phase}`, `${told} by what was committed, but ${stored[index]} are stored`);
      }
    });
    const live = this.counts.reduce((sum, count) => sum + count, 0);
    if (this.created === live + this.deleted) return;
    this.report('pods', `${this.created} were created, but ${live} are there and ${this.deleted} were deleted`);
  }

  private leave(pod: Pod): void {
    const index = phases.indexOf(pod.status.phase);
    this.counts[index]!--;
    if (this.counts[index]! < 0) this.report(nameOf(pod), `left phase ${pod.status.phase}, in which no pod was`);
  }
}

/** No pod appears from nowhere or vanishes. */
export const podConservationCheck: CheckDefinition = {
  name: 'pod-conservation',
  description: 'Pods created = pending + running + succeeded + failed + deleted, and the store holds just those.',
  create: (report) => new PodConservationCheck(report),
};
