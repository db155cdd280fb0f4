import type { Node, Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { SECOND } from '../engine/time.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

/** A scheduler hears late of a node that is gone, but not for ever. */
const noticedWithinUs = 30 * SECOND;

class BoundOnceCheck implements Check {
  private readonly report: Report;
  private readonly now: () => number;
  private readonly nodes = new Set<string>();
  /** Microseconds. */
  private readonly goneAt = new Map<string, number>();

  constructor(report: Report, now: () => number) {
    this.report = report;
    this.now = now;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'Node') this.onNode(before as Node | undefined, after as Node | undefined);
    if (kind !== 'Pod' || before === undefined || after === undefined) return;
    const from = (before as Pod).spec.nodeName;
    const to = (after as Pod).spec.nodeName;
    if (from === to) return;
    if (from !== '') {
      const found = to === '' ? 'lost its node' : `was bound again, to ${to}`;
      this.report(nameOf(after), `${found}; it was bound to ${from}`);
    } else if (after.metadata.deletionTimestamp !== undefined) {
      this.report(nameOf(after), `was bound to ${to} while being deleted`);
    } else if (!this.nodes.has(to) && this.now() - (this.goneAt.get(to) ?? 0) > noticedWithinUs) {
      this.report(nameOf(after), `was bound to ${to}, which does not exist`);
    }
  }

  private onNode(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    if (after !== undefined) {
      if (before === undefined) this.nodes.add(name);
      return;
    }
    this.nodes.delete(name);
    this.goneAt.set(name, this.now());
  }
}

/** A binding is for life. */
export const boundOnceCheck: CheckDefinition = {
  name: 'bound-once',
  description: 'A pod is bound at most once, never while it is being deleted, to a node that exists, and keeps it.',
  create: (report, now) => new BoundOnceCheck(report, now),
};
