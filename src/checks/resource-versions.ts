import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

class ResourceVersionsCheck implements Check {
  private readonly report: Report;
  private lastVersion = 0;
  private lastUid = 0;
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
    if (after !== undefined) this.checkNew(before, after);
  }

  private checkNew(before: ApiObject | undefined, after: ApiObject): void {
    const { uid, resourceVersion } = after.metadata;
    if (resourceVersion <= this.lastVersion) {
      this.report(nameOf(after), `resourceVersion ${resourceVersion} was committed after ${this.lastVersion}`);
    }
    this.lastVersion = resourceVersion;
    if (before === undefined) {
      if (uid <= this.lastUid) this.report(nameOf(after), `was created with uid ${uid} after uid ${this.lastUid}`);
      this.lastUid = uid;
    } else if (before.metadata.uid !== uid) {
      this.report(nameOf(after), `changed its uid from ${before.metadata.uid} to ${uid}`);
    }
  }
}

/** Optimistic concurrency works, and no identity is used twice. */
export const resourceVersionsCheck: CheckDefinition = {
  name: 'resource-versions',
  description:
    'Each commit has a higher resourceVersion, replaces the stored one, and each object has a new uid for life.',
  create: (report) => new ResourceVersionsCheck(report),
};
