/** `kubectl apply`: creates an object, or brings the stored one to what its manifest says. */
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { clusterScopedKinds } from '../api/kinds.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { ApiObject, Labels, ObjectMeta } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { storeName } from '../apiserver/cluster-state.ts';
import { jobPodLabels } from '../apiserver/job-defaults.ts';
import { podWith, specWith } from '../apiserver/pod-object.ts';
import { createRequest, getRequest, patchRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/verbs.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { ManifestObject } from './manifest-object.ts';
import { ask } from './script.ts';
import type { Script } from './script.ts';

/** Objects without a namespace first, since the others may need them; else as written. */
export function inApplyOrder(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const isFirst = ({ kind }: ManifestObject): boolean => clusterScopedKinds.has(kind);
  return [...objects.filter(isFirst), ...objects.filter((object) => !isFirst(object))];
}

/**
 * Applies one manifest. `previous` is what the user applied before, if he did. Returns the API server's refusal, or an empty text.
 */
export function* applyObject(manifest: ManifestObject, previous: ManifestObject | undefined): Script<string> {
  const { object } = manifest;
  const kind: Kind = manifest.kind;
  const { namespace } = object.metadata;
  const name = storeName(kind, object);
  const read = yield* ask(getRequest(kind, namespace, name));
  if (read.code === 'NotFound') return (yield* ask(createRequest(kind, object as KindMap[typeof kind]))).message;
  if (read.object === undefined) return read.message;
  const change = changeOf(manifest, previous);
  if (mergePatch(read.object, change) === read.object) return '';
  return (yield* ask(patchRequest<Kind>(kind, namespace, name, mergePatch as never, change))).message;
}

interface Change {
  readonly kind: Kind;
  readonly desired: ApiObject;
  readonly previous: ApiObject | undefined;
  /** Fields of `spec` that the manifest states or stated; undefined = all. */
  readonly stated: ReadonlySet<string> | undefined;
}

function changeOf({ kind, object, specFields }: ManifestObject, previous: ManifestObject | undefined): Change {
  // Of pods nothing but what has changed since the last time is merged, see `mergePod`.
  const isMerged = specFields !== undefined && kind !== 'Pod';
  const stated = isMerged ? new Set([...specFields, ...(previous?.specFields ?? [])]) : undefined;
  return { kind, desired: object, previous: previous?.object, stated };
}

/** What a stored object becomes when a manifest is applied to it. */
export function afterApply<K extends Kind>(
  stored: KindMap[K],
  manifest: ManifestObject,
  previous: ManifestObject | undefined,
): KindMap[K] {
  return mergePatch(stored, changeOf(manifest, previous)) as KindMap[K];
}

function mergePatch(current: ApiObject, argument: unknown): ApiObject {
  const { kind, desired, previous, stated } = argument as Change;
  const meant = stated === undefined ? desired : withUnstated(desired, current, stated);
  return mergeApplied(kind, current as KindMap[Kind], meant as KindMap[Kind], previous as KindMap[Kind] | undefined);
}

/** Of a field that the manifest never stated, such as the replicas that somebody else scales, the stored value is kept. */
function withUnstated(desired: ApiObject, stored: ApiObject, stated: ReadonlySet<string>): ApiObject {
  const { spec } = desired as { readonly spec?: object };
  const { spec: storedSpec } = stored as { readonly spec?: object };
  if (spec === undefined || storedSpec === undefined) return desired;
  const kept = Object.entries(storedSpec).filter(([key]) => !stated.has(key));
  return { ...desired, spec: { ...spec, ...Object.fromEntries(kept) } } as ApiObject;
}

/**
 * The stored object with what the manifest says. What the API server and controllers own stays: status, identity, and fields that
 * no manifest states. Equal parts keep their identity, so that an unchanged template is seen to be unchanged.
 */
export function mergeApplied<K extends Kind>(
  kind: K,
  stored: KindMap[K],
  desired: KindMap[K],
  previous: KindMap[K] | undefined,
): KindMap[K] {
  const body = mergers[kind](stored, desired, previous);
  const metadata = mergeMetadata(stored.metadata, desired.metadata, previous?.metadata);
  return metadata === stored.metadata ? body : withMetadata(body, metadata);
}

function mergeMetadata(stored: ObjectMeta, desired: ObjectMeta, previous: ObjectMeta | undefined): ObjectMeta {
  const labels = mergeLabels(stored.labels, desired.labels, previous?.labels);
  const annotations = mergeLabels(stored.annotations, desired.annotations, previous?.annotations);
  if (labels === stored.labels && annotations === stored.annotations) return stored;
  return metadataWith(stored, { labels, annotations });
}

function mergeLabels(stored: Labels, desired: Labels, previous: Labels = {}): Labels {
  const kept = sortedLabels(stored).filter(([key]) => !Object.hasOwn(previous, key));
  const merged = labelsOf(new Map([...kept, ...sortedLabels(desired)]));
  return semanticEqual(stored, merged) ? stored : merged;
}

type Merger<K extends Kind> = (stored: KindMap[K], desired: KindMap[K], previous: KindMap[K] | undefined) => KindMap[K];

const mergers: { readonly [K in Kind]: Merger<K> } = {
  Deployment: mergeSpec,
  ReplicaSet: mergeSpec,
  ReplicationController: mergeSpec,
  StatefulSet: mergeSpec,
  DaemonSet: mergeSpec,
  ControllerRevision: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  Job: (stored, desired) => mergeSpec(stored, withGenerated(desired, stored)),
  Pod: mergePod,
  Node: mergeSpec,
  Namespace: (stored) => stored,
  Service: (stored, desired) =>
    mergeFields(stored, { ...desired, metadata: stored.metadata, clusterIP: desired.clusterIP || stored.clusterIP }),
  ResourceQuota: mergeSpec,
  LimitRange: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  EndpointSlice: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  PersistentVolumeClaim: (stored, { spec }) => {
    const volumeName = spec.volumeName || stored.spec.volumeName;
    const storageClassName = spec.storageClassName ?? stored.spec.storageClassName;
    return mergeSpec(stored, { ...stored, spec: { ...spec, volumeName, storageClassName } });
  },
  PersistentVolume: (stored, { spec }) =>
    mergeSpec(stored, { ...stored, spec: { ...spec, claimRef: spec.claimRef ?? stored.spec.claimRef } }),
  StorageClass: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  CSINode: mergeSpec,
  CSIDriver: mergeSpec,
  CSIStorageCapacity: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  VolumeAttachment: mergeSpec,
  RuntimeClass: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  PriorityClass: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
  PodDisruptionBudget: mergeSpec,
  CronJob: mergeSpec,
  HorizontalPodAutoscaler: mergeSpec,
  Custom: (stored, desired) => mergeFields(stored, { ...desired, metadata: stored.metadata }),
};

function mergeSpec<T extends { readonly spec: object }>(stored: T, desired: { readonly spec: T['spec'] }): T {
  const spec = mergeFields<T['spec']>(stored.spec, desired.spec);
  return spec === stored.spec ? stored : { ...stored, spec };
}

/** `desired` with those parts of `stored` that are equal; `stored` itself when all are. */
function mergeFields<T extends object>(stored: T, desired: T): T {
  const merged = { ...desired };
  let isSame = true;
  for (const key of Object.keys(desired) as (keyof T)[]) {
    if (semanticEqual(stored[key], desired[key])) merged[key] = stored[key];
    else isSame = false;
  }
  return isSame ? stored : merged;
}

/** The selector and the labels that the API server made up for a Job are no part of its manifest. */
function withGenerated(desired: Job, stored: Job): Job {
  const { spec } = desired;
  const generated = sortedLabels(stored.spec.template.labels).filter(([key]) => jobPodLabels.has(key));
  const labels = labelsOf(new Map([...sortedLabels(spec.template.labels), ...generated]));
  const selector = spec.selector ?? stored.spec.selector;
  return { ...desired, spec: { ...spec, selector, template: { ...spec.template, labels } } };
}

/**
 * Of a pod's spec only what the user has changed since he applied it last: admission has completed it, and its defaults cannot
 * be told from his words. A pod that he did not apply keeps its spec.
 */
function mergePod(stored: Pod, desired: Pod, previous: Pod | undefined): Pod {
  const before = previous?.spec ?? desired.spec;
  const changed = (Object.keys(desired.spec) as (keyof Pod['spec'])[]).filter(
    (key) => !semanticEqual(before[key], desired.spec[key]),
  );
  if (changed.length === 0) return stored;
  const parts = Object.fromEntries(changed.map((key) => [key, desired.spec[key]]));
  return podWith(stored, { spec: specWith(stored.spec, parts) });
}
