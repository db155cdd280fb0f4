import type { Kind, KindMap } from '../api/kinds.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

class UniqueUidsCheck implements Check {
  private readonly report: Report;
  private lastUid = 0;

  constructor(report: Report) {
    this.report = report;
  }

  committed<K extends Kind>(
    _kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (after === undefined) return;
    const { uid } = after.metadata;
    if (before === undefined) {
      if (uid <= this.lastUid)
        this.report(nameOf(after), `was created with the uid ${uid}; ${this.lastUid} was given before`);
      this.lastUid = Math.max(this.lastUid, uid);
    } else if (uid !== before.metadata.uid) {
      this.report(nameOf(after), `had the uid ${before.metadata.uid} and now has ${uid}`);
    }
  }
}

/** An object is itself: uids count upwards, so that one more than all before is new. */
export const uniqueUidsCheck: CheckDefinition = {
  name: 'unique-uids',
  description: 'Every object is created with a uid that no object had before, and keeps it.',
  create: (report) => new UniqueUidsCheck(report),
};
