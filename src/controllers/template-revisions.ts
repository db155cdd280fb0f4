/** Templates that StatefulSets and DaemonSets have and had, as ControllerRevisions (upstream pkg/controller/history). */
import { byController } from '../apiserver/cluster-state.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import { createRequest, deleteRequest, getRequest, isSuccess, patchRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/verbs.ts';
import type { ControllerRevision } from '../api/apps-v1.ts';
import type { PodTemplateSpec } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { ApiObject, OwnerReference, Uid } from '../api/meta-v1.ts';
import { controllerOf, metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { hashTemplate } from '../api/template-hash.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send } from './controller.ts';
import { StaleCacheGuard } from './expectations.ts';
import { controllerReference } from './ownership.ts';

/** Label of a pod with the revision that it was made from. */
export const revisionLabel = 'controller-revision-hash';
/** Label of a revision with the hash of its template. */
const hashLabel = 'controller.kubernetes.io/hash';

/** An owner of pods with a template. */
export type TemplateOwner = ApiObject & {
  readonly spec: { readonly template: PodTemplateSpec; readonly revisionHistoryLimit: number };
};

/** Finds and makes the revisions of the sets of one controller. */
export class TemplateRevisions {
  private readonly context: ControllerContext;
  private readonly guard: StaleCacheGuard;
  /** By owner: its template and the name of the revision of that. */
  private readonly names = new Map<Uid, { readonly template: PodTemplateSpec; readonly name: string }>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.guard = new StaleCacheGuard(context.informer('ControllerRevision'));
  }

  /**
   * Name of the revision of the present template: that of an equal one, which a dump may have brought under the hash of its
   * cluster, or the one that is to be made.
   */
  nameOf(owner: TemplateOwner): string {
    const { uid, name: ownerName } = owner.metadata;
    const { template } = owner.spec;
    const known = this.names.get(uid);
    if (known?.template === template) return known.name;
    const equal = this.historyOf(owner).findLast(({ data }) => data === template || semanticEqual(data, template));
    const name = equal?.metadata.name ?? `${ownerName}-${hashTemplate(template)}`;
    this.names.set(uid, { template, name });
    return name;
  }

  /** The hash in that name. */
  hashOf(owner: TemplateOwner): string {
    return this.nameOf(owner).slice(owner.metadata.name.length + 1);
  }

  /** Makes the revision of the present template, or the newest one of an earlier one that comes back; a text says why not. */
  *ensure(key: string, owner: TemplateOwner): Step<string | undefined> {
    if (this.guard.isStale(key)) return 'the cache is older than own writes';
    const stored = this.historyOf(owner);
    const name = this.nameOf(owner);
    const newest = stored.at(-1);
    if (newest?.metadata.name === name) return undefined;
    const revision = (newest?.revision ?? 0) + 1;
    const isBack = stored.some(({ metadata }) => metadata.name === name);
    const response = isBack ? yield* this.raise(owner, name, revision) : yield* this.create(owner, name, revision);
    this.guard.wrote(key, response);
    return isSuccess(response) ? undefined : response.message;
  }

  /** The template of a revision; undefined when it is not there. */
  templateOf({ metadata }: TemplateOwner, name: string): PodTemplateSpec | undefined {
    return this.context.informer('ControllerRevision').get(metadata.namespace, name)?.data;
  }

  /** Deletes the oldest revisions that nobody needs, beyond revisionHistoryLimit. */
  *trim(key: string, owner: TemplateOwner, live: ReadonlySet<string>): Step<void> {
    const unused = this.historyOf(owner).filter(({ metadata }) => !live.has(metadata.name));
    for (const { metadata } of unused.slice(0, Math.max(0, unused.length - owner.spec.revisionHistoryLimit))) {
      const response = yield* send(deleteRequest('ControllerRevision', metadata.namespace, metadata.name));
      this.guard.wrote(key, response);
    }
  }

  forget(key: string, uid: Uid): void {
    this.names.delete(uid);
    this.guard.forget(key);
  }

  /** From the oldest to the newest. */
  private historyOf({ metadata }: TemplateOwner): readonly ControllerRevision[] {
    const stored = this.context.informer('ControllerRevision').by(byController, metadata.uid);
    return stored.sort((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  private *create(owner: TemplateOwner, name: string, revision: number): Step<ApiResponse<ControllerRevision>> {
    const { template: data } = owner.spec;
    const { namespace } = owner.metadata;
    const labels = labelsOf(new Map([...sortedLabels(data.labels), [hashLabel, this.hashOf(owner)]]));
    const ownerReferences = [controllerReference(owner)];
    const metadata = newObjectMeta({ name, namespace, labels, ownerReferences });
    const object = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision, data } as const;
    const response = yield* send(createRequest('ControllerRevision', object));
    return response.code === 'AlreadyExists' ? yield* this.adopt(owner, name, revision, response) : response;
  }

  /** One of that name is there: the owner's own, which the cache does not show yet, or one that an owner of this name has left. */
  private *adopt(
    owner: TemplateOwner,
    name: string,
    revision: number,
    refusal: ApiResponse<ControllerRevision>,
  ): Step<ApiResponse<ControllerRevision>> {
    const read = yield* send(getRequest('ControllerRevision', owner.metadata.namespace, name));
    if (read.object === undefined) return read;
    const holder = controllerOf(read.object);
    if (holder === undefined) return yield* this.raise(owner, name, revision);
    return holder.uid === owner.metadata.uid ? read : refusal;
  }

  private raise(owner: TemplateOwner, name: string, revision: number): Step<ApiResponse<ControllerRevision>> {
    const change: Raise = { revision, ownerReferences: [controllerReference(owner)] };
    return send(patchRequest('ControllerRevision', owner.metadata.namespace, name, raised as never, change));
  }
}

interface Raise {
  readonly revision: number;
  readonly ownerReferences: readonly OwnerReference[];
}

function raised(current: ControllerRevision, { revision, ownerReferences }: Raise): ControllerRevision {
  const owned =
    controllerOf(current) === undefined
      ? withMetadata(current, metadataWith(current.metadata, { ownerReferences }))
      : current;
  return { ...owned, revision };
}
