/**
 * Earlier templates of StatefulSets and DaemonSets. Upstream keeps them as ControllerRevision objects; nothing else in the
 * simulation reads those, so here the controller remembers the templates, under the names that the objects would have.
 */
import type { PodTemplateSpec } from '../api/core-v1.ts';
import type { ApiObject, Uid } from '../api/meta-v1.ts';
import { hashTemplate } from '../api/template-hash.ts';

/** Label of a pod with the revision that it was made from. */
export const revisionLabel = 'controller-revision-hash';

/** An owner of pods with a template. */
export type TemplateOwner = ApiObject & {
  readonly spec: { readonly template: PodTemplateSpec; readonly revisionHistoryLimit: number };
};

interface History {
  readonly templates: Map<string, PodTemplateSpec>;
  readonly hashes: WeakMap<PodTemplateSpec, string>;
}

/** Templates by owner and hash. */
export class TemplateRevisions {
  private readonly histories = new Map<Uid, History>();

  /** The hash of the present template, which is remembered. */
  hashOf(owner: TemplateOwner): string {
    const { template } = owner.spec;
    const history = this.historyOf(owner);
    const known = history.hashes.get(template);
    const hash = known ?? hashTemplate(template);
    if (known === undefined) history.hashes.set(template, hash);
    // The newest is last; a template that comes back is the newest again.
    if (history.templates.get(hash) !== template || known === undefined) {
      history.templates.delete(hash);
      history.templates.set(hash, template);
    }
    return hash;
  }

  /** A template by its hash; undefined when it was never seen or is forgotten. */
  templateOf(owner: TemplateOwner, hash: string): PodTemplateSpec | undefined {
    return this.historyOf(owner).templates.get(hash);
  }

  /** Drops the oldest templates that no pod has, beyond revisionHistoryLimit. */
  trim(owner: TemplateOwner, live: ReadonlySet<string>): void {
    const { templates } = this.historyOf(owner);
    const unused = [...templates.keys()].filter((hash) => !live.has(hash));
    for (const hash of unused.slice(0, Math.max(0, unused.length - owner.spec.revisionHistoryLimit)))
      templates.delete(hash);
  }

  forget(uid: Uid): void {
    this.histories.delete(uid);
  }

  private historyOf({ metadata }: TemplateOwner): History {
    let history = this.histories.get(metadata.uid);
    if (history === undefined) {
      history = { templates: new Map(), hashes: new WeakMap() };
      this.histories.set(metadata.uid, history);
    }
    return history;
  }
}
