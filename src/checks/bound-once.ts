import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

class BoundOnceCheck implements Check {
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
    if (kind !== 'Pod' || before === undefined || after === undefined) return;
    const from = (before as Pod).spec.nodeName;
    const to = (after as Pod).spec.nodeName;
    if (from === to) return;
    if (from !== '') {
      const found = to === '' ? 'lost its node' : `was bound again, to ${to}`;
      this.report(nameOf(after), `${found}; it was bound to ${from}`);
    } else if (after.metadata.deletionTimestamp !== undefined) {
      this.report(nameOf(after), `was bound to ${to} while being deleted`);
    }
  }
}

/** A binding is for life. */
export const boundOnceCheck: CheckDefinition = {
  name: 'bound-once',
  description: 'A pod is bound at most once, never while it is being deleted, and keeps its node.',
  create: (report) => new BoundOnceCheck(report),
};
