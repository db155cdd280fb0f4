/** Pods as stored: small objects that share everything their template gave them. */
import type { ApiObject, Labels, ObjectMeta } from '../api/meta-v1.ts';
import type { Pod, PodSpec } from '../api/core-v1.ts';
import type { PodStatus } from '../api/pod-status.ts';
import { assert } from '../util/assert.ts';
import type { SharedMetadata } from './stored-metadata.ts';
import { SharedMetadataCache, StoredMetadata } from './stored-metadata.ts';
import { storedStatus } from './stored-status.ts';

/** A pod that is not stored, or not in this form yet. */
class DraftPod implements Pod {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  readonly status: PodStatus;

  constructor(metadata: ObjectMeta, spec: PodSpec, status: PodStatus) {
    const isWhole = metadata.namespace !== undefined && status.schedulingMessage !== undefined;
    assert(isWhole, 'metadata or status of a pod were spread and have lost fields: use metadataWith and statusWith');
    this.metadata = metadata;
    this.spec = spec;
    this.status = status;
  }

  get apiVersion(): 'v1' {
    return 'v1';
  }

  get kind(): 'Pod' {
    return 'Pod';
  }
}

/**
 * A pod in the store. It is its own metadata, because both change with every version: one object of 80 bytes instead of two of
 * 112, and every pod of the cluster has one.
 */
class StoredPod extends StoredMetadata implements Pod {
  readonly spec: PodSpec;
  readonly status: PodStatus;

  constructor(draft: Pod, resourceVersion: number, shared: SharedMetadata, status: PodStatus) {
    super(draft.metadata, resourceVersion, shared);
    this.spec = draft.spec;
    this.status = status;
  }

  get metadata(): ObjectMeta {
    return this;
  }

  get apiVersion(): 'v1' {
    return 'v1';
  }

  get kind(): 'Pod' {
    return 'Pod';
  }
}

/**
 * The spec of a bound pod: the template's spec with a node name. A view of two fields instead of a copy of twenty,
 * because every running pod has one.
 */
class BoundPodSpec implements PodSpec {
  private readonly template: PodSpec;
  readonly nodeName: string;

  constructor(template: PodSpec, nodeName: string) {
    this.template = template instanceof BoundPodSpec ? template.template : template;
    this.nodeName = nodeName;
  }

  get containers(): PodSpec['containers'] {
    return this.template.containers;
  }
  get initContainers(): PodSpec['initContainers'] {
    return this.template.initContainers;
  }
  get restartPolicy(): PodSpec['restartPolicy'] {
    return this.template.restartPolicy;
  }
  get terminationGracePeriodSeconds(): number {
    return this.template.terminationGracePeriodSeconds;
  }
  get activeDeadlineSeconds(): number | undefined {
    return this.template.activeDeadlineSeconds;
  }
  get nodeSelector(): Labels {
    return this.template.nodeSelector;
  }
  get affinity(): PodSpec['affinity'] {
    return this.template.affinity;
  }
  get tolerations(): PodSpec['tolerations'] {
    return this.template.tolerations;
  }
  get topologySpreadConstraints(): PodSpec['topologySpreadConstraints'] {
    return this.template.topologySpreadConstraints;
  }
  get schedulerName(): string {
    return this.template.schedulerName;
  }
  get schedulingGates(): readonly string[] {
    return this.template.schedulingGates;
  }
  get priorityClassName(): string {
    return this.template.priorityClassName;
  }
  get priority(): number {
    return this.template.priority;
  }
  get preemptionPolicy(): PodSpec['preemptionPolicy'] {
    return this.template.preemptionPolicy;
  }
  get overhead(): PodSpec['overhead'] {
    return this.template.overhead;
  }
  get resources(): PodSpec['resources'] {
    return this.template.resources;
  }
  get volumes(): PodSpec['volumes'] {
    return this.template.volumes;
  }
  get hostNetwork(): boolean {
    return this.template.hostNetwork;
  }
  get readinessGates(): readonly string[] {
    return this.template.readinessGates;
  }
  get resourceClaims(): readonly string[] {
    return this.template.resourceClaims;
  }
  get runtimeClassName(): string {
    return this.template.runtimeClassName;
  }
  get hostUsers(): boolean | undefined {
    return this.template.hostUsers;
  }
  get osName(): string | undefined {
    return this.template.osName;
  }
  get sysctls(): readonly string[] | undefined {
    return this.template.sysctls;
  }
  /** The shared value behind the view; equal for all pods of a template. */
  get shared(): PodSpec {
    return this.template;
  }
}

/** Gives pods the form in which they are kept: as little as possible of their own. One per API server. */
export class PodStorage {
  private readonly shared = new SharedMetadataCache();

  /** The pod as it is stored under this version. `before` is the version that it replaces. */
  stored(pod: Pod, before: Pod | undefined, resourceVersion: number): Pod {
    const shared = this.shared.of(pod.metadata, before?.metadata);
    return new StoredPod(pod, resourceVersion, shared, storedStatus(pod.status, before?.status));
  }
}

/** A pod with some parts replaced. Pods have accessors, so they are rebuilt by this function and never by spreading. */
export function podWith(pod: Pod, parts: { metadata?: ObjectMeta; spec?: PodSpec; status?: PodStatus }): Pod {
  return new DraftPod(parts.metadata ?? pod.metadata, parts.spec ?? pod.spec, parts.status ?? pod.status);
}

/** Tells pods from other objects. */
export function isPod(object: ApiObject): object is Pod {
  return object.kind === 'Pod';
}

/** The same object with other metadata; pods are rebuilt, everything else is copied. */
export function withMetadata<T extends ApiObject>(object: T, metadata: ObjectMeta): T {
  return isPod(object) ? (podWith(object, { metadata }) as unknown as T) : { ...object, metadata };
}

/** Builds a pod from its parts. */
export function newPod(metadata: ObjectMeta, spec: PodSpec, status: PodStatus): Pod {
  return new DraftPod(metadata, spec, status);
}

/** The spec of a pod that has been bound to a node. */
export function bindSpec(spec: PodSpec, nodeName: string): PodSpec {
  return new BoundPodSpec(spec, nodeName);
}

/** A spec with some parts replaced; a bound pod stays bound. Specs have accessors, so they are never spread. */
export function specWith(spec: PodSpec, parts: Partial<Omit<PodSpec, 'nodeName'>>): PodSpec {
  const changed: PodSpec = { ...sharedSpec(spec), ...parts };
  return spec instanceof BoundPodSpec ? bindSpec(changed, spec.nodeName) : changed;
}

/** The value that all pods of a template share, bound or not: the key of caches per template. */
export function sharedSpec(spec: PodSpec): PodSpec {
  return spec instanceof BoundPodSpec ? spec.shared : spec;
}
