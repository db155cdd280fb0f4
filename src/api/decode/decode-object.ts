import type { Kind, KindMap } from '../kinds.ts';
import { nearest } from '../../util/suggest.ts';
import { decodeDeployment, decodeReplicaSet } from './apps-v1.ts';
import { decodeCronJob, decodeJob } from './batch-v1.ts';
import { decodeNamespace, decodeNode, decodeService } from './core-v1.ts';
import { FieldPosition } from './field-position.ts';
import { FieldReader, isRawObject } from './field-reader.ts';
import type { RawObject } from './field-reader.ts';
import { decodeCustom, decodeEndpointSlice, decodePriorityClass } from './others.ts';
import { decodeLimitRange } from './limit-range.ts';
import { decodePersistentVolume, decodePersistentVolumeClaim } from './persistent-volumes.ts';
import { decodePod } from './pod.ts';
import { decodeReplicationController } from './replication-controller.ts';
import { decodeResourceQuota } from './resource-quota.ts';
import { convertV1HorizontalPodAutoscaler } from './autoscaling-v1.ts';
import { decodeHorizontalPodAutoscaler } from './autoscaling-v2.ts';
import { decodeControllerRevision } from './controller-revision.ts';
import { decodeDaemonSet } from './daemon-set.ts';
import { decodeStatefulSet } from './stateful-set.ts';
import { decodePodDisruptionBudget } from './policy-v1.ts';
import { decodeRuntimeClass } from './runtime-class.ts';
import type { FieldPath, FieldProblem } from './problems.ts';
import {
  decodeCSIDriver,
  decodeCSINode,
  decodeCSIStorageCapacity,
  decodeStorageClass,
  decodeVolumeAttachment,
} from './storage-v1.ts';

/** An object read from a manifest, or everything that is wrong with it. */
export type DecodedObject =
  | {
      readonly [K in Kind]: {
        readonly ok: true;
        readonly kind: K;
        readonly object: KindMap[K];
        readonly warnings: readonly FieldProblem[];
      };
    }[Kind]
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** An object with the kind of store that it belongs to. */
type ManifestObject = { readonly [K in Kind]: { readonly kind: K; readonly object: KindMap[K] } }[Kind];

interface KindDecoder<K extends Kind> {
  readonly apiVersion: string;
  readonly decode: (root: FieldReader) => KindMap[K];
}

/** A kind that the simulator acts on: one line here. All others are kept as `Custom`. */
const decoders: { readonly [K in Exclude<Kind, 'Custom'>]: KindDecoder<K> } = {
  Pod: { apiVersion: 'v1', decode: decodePod },
  Node: { apiVersion: 'v1', decode: decodeNode },
  Namespace: { apiVersion: 'v1', decode: decodeNamespace },
  Service: { apiVersion: 'v1', decode: decodeService },
  LimitRange: { apiVersion: 'v1', decode: decodeLimitRange },
  ReplicationController: { apiVersion: 'v1', decode: decodeReplicationController },
  ResourceQuota: { apiVersion: 'v1', decode: decodeResourceQuota },
  Deployment: { apiVersion: 'apps/v1', decode: decodeDeployment },
  ReplicaSet: { apiVersion: 'apps/v1', decode: decodeReplicaSet },
  DaemonSet: { apiVersion: 'apps/v1', decode: decodeDaemonSet },
  ControllerRevision: { apiVersion: 'apps/v1', decode: decodeControllerRevision },
  StatefulSet: { apiVersion: 'apps/v1', decode: decodeStatefulSet },
  Job: { apiVersion: 'batch/v1', decode: decodeJob },
  HorizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', decode: decodeHorizontalPodAutoscaler },
  CronJob: { apiVersion: 'batch/v1', decode: decodeCronJob },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', decode: decodeEndpointSlice },
  PriorityClass: { apiVersion: 'scheduling.k8s.io/v1', decode: decodePriorityClass },
  PersistentVolumeClaim: { apiVersion: 'v1', decode: decodePersistentVolumeClaim },
  PersistentVolume: { apiVersion: 'v1', decode: decodePersistentVolume },
  StorageClass: { apiVersion: 'storage.k8s.io/v1', decode: decodeStorageClass },
  CSINode: { apiVersion: 'storage.k8s.io/v1', decode: decodeCSINode },
  CSIDriver: { apiVersion: 'storage.k8s.io/v1', decode: decodeCSIDriver },
  CSIStorageCapacity: { apiVersion: 'storage.k8s.io/v1', decode: decodeCSIStorageCapacity },
  VolumeAttachment: { apiVersion: 'storage.k8s.io/v1', decode: decodeVolumeAttachment },
  PodDisruptionBudget: { apiVersion: 'policy/v1', decode: decodePodDisruptionBudget },
  RuntimeClass: { apiVersion: 'node.k8s.io/v1', decode: decodeRuntimeClass },
};

const modelledKinds: ReadonlyMap<string, Exclude<Kind, 'Custom'>> = new Map(
  (Object.keys(decoders) as Exclude<Kind, 'Custom'>[]).map((kind) => [kind, kind]),
);

/** API groups that hold, or once held, the kinds above: there, another version or spelling is a mistake. */
const ownGroups: ReadonlySet<string> = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'extensions',
  'discovery.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'policy',
  'node.k8s.io',
]);

/** Further versions that the API server serves: what is written in them is stored in the version above. */
const conversions: ReadonlyMap<string, (root: FieldReader) => KindMap[Kind]> = new Map([
  ['autoscaling/v1 HorizontalPodAutoscaler', convertV1HorizontalPodAutoscaler],
]);

function decodedAs(kind: Kind, root: FieldReader): KindMap[Kind] {
  if (kind === 'Custom') return decodeCustom(root);
  const convert = conversions.get(`${root.text('apiVersion')} ${kind}`);
  return convert === undefined ? decoders[kind].decode(root) : convert(root);
}

/**
 * Reads one object as parsed from YAML or JSON: a manifest, or an item of `kubectl get -o yaml|json`. The API server's
 * defaults of 1.37 are applied and its rules checked, all problems in one pass.
 *
 * @param path where the object stands in its document, for problems; their texts do not show it.
 */
export function decodeObject(raw: unknown, path: FieldPath = []): DecodedObject {
  const at = new FieldPosition(path, '', [], []);
  if (!isRawObject(raw)) {
    at.invalid(raw, 'must be a Kubernetes object');
    return { ok: false, problems: at.problems };
  }
  const root = new FieldReader(raw, at);
  const kind = kindOf(root);
  const object = kind === undefined ? undefined : decodedAs(kind, root);
  if (kind === undefined || at.problems.length > 0) return { ok: false, problems: firstProblems(at.problems) };
  return { ok: true, kind, object, warnings: at.warnings } as DecodedObject;
}

/**
 * The API server looks at rules only once every value has the type of its field; what it would say of the rules of an
 * object with a wrong type is but a consequence. A value that was read twice is reported once.
 */
function firstProblems(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const wrongTypes = problems.filter(({ code }) => code === 'wrong-type');
  const said = new Set<string>();
  return (wrongTypes.length > 0 ? wrongTypes : problems).filter(({ message }) => {
    const isFirst = !said.has(message);
    said.add(message);
    return isFirst;
  });
}

/** An object whose source is trusted: whatever is wrong with it is passed over, and any version of a kind is taken. */
export function decodeTrustedObject(raw: RawObject): ManifestObject {
  const root = new FieldReader(raw, new FieldPosition([], '', [], []));
  const kind = modelledKinds.get(root.text('kind')) ?? 'Custom';
  return { kind, object: decodedAs(kind, root) } as ManifestObject;
}

/** The kind, or undefined after a report. */
function kindOf(root: FieldReader): Kind | undefined {
  const apiVersion = root.requiredText('apiVersion');
  const kind = root.requiredText('kind');
  if (apiVersion === '' || kind === '') return undefined;
  const modelled = modelledKinds.get(kind);
  const isConverted = conversions.has(`${apiVersion} ${kind}`);
  if (modelled !== undefined && (isConverted || decoders[modelled].apiVersion === apiVersion)) return modelled;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  if (!ownGroups.has(group)) return 'Custom';
  const meant = modelled ?? (knownInertKinds.has(kind) ? undefined : nearest(kind, modelledKinds.keys()));
  if (meant === undefined) return 'Custom';
  const hint = `did you mean ${decoders[meant as Exclude<Kind, 'Custom'>].apiVersion} ${meant}?`;
  const subject = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
  root.at.report('unknown-kind', subject, hint);
  return undefined;
}

/** Kinds of these groups that are near in spelling to a modelled one, or near to none and only listed here for speed. */
const knownInertKinds: ReadonlySet<string> = new Set(
  (
    'Binding ComponentStatus ConfigMap Endpoints Event List ' +
    'PodTemplate Secret ServiceAccount ' +
    'PodGroup Workload Ingress NetworkPolicy PodSecurityPolicy VolumeAttributesClass'
  ).split(' '),
);

/** One object of a document and where it stands there. */
export interface ListedObject {
  readonly raw: unknown;
  readonly path: FieldPath;
}

/**
 * The objects of a document: its items when it is a List, as `kubectl get` prints them, else itself. Items of a typed list
 * (`PodList`), which carry no kind of their own, get it from the list.
 */
export function listedObjects(raw: unknown, path: FieldPath = []): readonly ListedObject[] {
  if (!isRawObject(raw) || typeof raw['kind'] !== 'string' || !raw['kind'].endsWith('List')) return [{ raw, path }];
  const items = Object.hasOwn(raw, 'items') ? raw['items'] : undefined;
  if (!Array.isArray(items)) return [{ raw, path }];
  const typed = { apiVersion: raw['apiVersion'], kind: raw['kind'].slice(0, -'List'.length) };
  return items.map((item: unknown, index) => ({
    raw: isRawObject(item) && typed.kind !== '' && !Object.hasOwn(item, 'kind') ? { ...typed, ...item } : item,
    path: [...path, 'items', index],
  }));
}
