import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

class ResourceVersionsCheck implements Check {
  private readonly report: Report;
  private lastVersion = 0;
  /** Version last committed, by kind and slot; 0 = there is no object. */
  private readonly versions = new Map<Kind, number[]>();

  constructor(report: Report) {
    this.report = report;
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    let versions = this.versions.get(kind);
    if (versions === undefined) this.versions.set(kind, (versions = []));
    while (versions.length <= slot) versions.push(0);
    const stored = versions[slot]!;
    const replaced = before?.metadata.resourceVersion ?? 0;
    if (replaced !== stored) {
      const message = `a commit replaced resourceVersion ${replaced}, but ${stored} was stored: an update was lost`;
      this.report(nameOf((after ?? before)!), message);
    }
    versions[slot] = after?.metadata.resourceVersion ?? 0;
    if (after !== undefined) this.checkGrowth(after);
  }

  private checkGrowth(after: ApiObject): void {
    const { resourceVersion } = after.metadata;
    if (resourceVersion <= this.lastVersion) {
      this.report(nameOf(after), `resourceVersion ${resourceVersion} was committed after ${this.lastVersion}`);
    }
    this.lastVersion = resourceVersion;
  }
}

/** Optimistic concurrency works. */
export const resourceVersionsCheck: CheckDefinition = {
  name: 'resource-versions',
  description: 'Each commit has a higher resourceVersion than all before and replaces the stored one.',
  create: (report) => new ResourceVersionsCheck(report),
};
