/** PersistentVolume and PersistentVolumeClaim of core/v1, with what everybody who binds them has to know. */
import type { NodeSelectorTerm, ResourceList } from './core-v1.ts';
import type { ApiObject, Condition, LabelSelector, Labels, Uid } from './meta-v1.ts';
import { labelValue } from './meta-v1.ts';

/** How many nodes or pods may use a volume, and for what. */
export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';
/** As a file system or as a bare device. */
export type VolumeMode = 'Filesystem' | 'Block';
/** What becomes of a volume whose claim is gone. */
export type ReclaimPolicy = 'Retain' | 'Delete' | 'Recycle';

/** The claim that a volume belongs to. */
export interface ClaimReference {
  readonly namespace: string;
  readonly name: string;
  /** 0 = any claim of that name (bound by hand in advance); `goneClaim` = one that is not in this cluster. */
  readonly uid: Uid;
}

/** Uid of a reference to a claim of another cluster: no claim has it. */
export const goneClaim: Uid = -1;

/** A volume as its maker describes it. */
export interface PersistentVolumeSpec {
  /** `storage` in bytes. */
  readonly capacity: ResourceList;
  readonly accessModes: readonly AccessMode[];
  readonly claimRef: ClaimReference | undefined;
  readonly persistentVolumeReclaimPolicy: ReclaimPolicy;
  /** Empty = no class. */
  readonly storageClassName: string;
  readonly volumeMode: VolumeMode;
  /** Empty = none. */
  readonly volumeAttributesClassName: string;
  /** Required terms; undefined = every node. */
  readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
  /** The key of the source in the manifest, for example `csi`, `local`; empty = none. */
  readonly source: string;
  readonly csi: { readonly driver: string; readonly volumeHandle: string } | undefined;
  /** The source as written. */
  readonly raw: unknown;
}

/** Where the controller has come to. */
export interface PersistentVolumeStatus {
  readonly phase: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
}

/** A volume; cluster-scoped. */
export interface PersistentVolume extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolume';
  readonly spec: PersistentVolumeSpec;
  readonly status: PersistentVolumeStatus;
}

/** What a user asks for. */
export interface PersistentVolumeClaimSpec {
  readonly accessModes: readonly AccessMode[];
  readonly selector: LabelSelector | undefined;
  /** `storage` in bytes. */
  readonly requests: ResourceList;
  readonly limits: ResourceList;
  /** Empty until bound. */
  readonly volumeName: string;
  /** undefined = the default class of the cluster is meant; empty = no class. */
  readonly storageClassName: string | undefined;
  readonly volumeMode: VolumeMode;
  /** Empty = none. */
  readonly volumeAttributesClassName: string;
}

/** What he has got. */
export interface PersistentVolumeClaimStatus {
  readonly phase: 'Pending' | 'Bound' | 'Lost';
  /** Absent = none. */
  readonly conditions?: readonly Condition[];
  readonly accessModes: readonly AccessMode[];
  readonly capacity: ResourceList;
}

/** Of a claim that nobody has looked at. */
export const newClaimStatus: PersistentVolumeClaimStatus = Object.freeze({
  phase: 'Pending',
  accessModes: Object.freeze([]),
  capacity: new Map<string, number>(),
});

/** A claim to a volume. */
export interface PersistentVolumeClaim extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolumeClaim';
  readonly spec: PersistentVolumeClaimSpec;
  readonly status: PersistentVolumeClaimStatus;
}

/** Holds a claim that pods use. */
export const claimProtectionFinalizer = 'kubernetes.io/pvc-protection';
/** Holds a volume that is bound. */
export const volumeProtectionFinalizer = 'kubernetes.io/pv-protection';
/** Says that binding a claim is complete; the value does not matter. */
export const bindCompletedAnnotation = 'pv.kubernetes.io/bind-completed';
/** Says that a binding was made by a controller and not by hand. */
export const boundByControllerAnnotation = 'pv.kubernetes.io/bound-by-controller';
/** On a claim: the node for which its volume is to be provisioned. */
export const selectedNodeAnnotation = 'volume.kubernetes.io/selected-node';
/** The provisioner of classes whose volumes are made by hand. */
export const noProvisioner = 'kubernetes.io/no-provisioner';
const betaClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** Storage class of a claim; empty = none (upstream `GetPersistentVolumeClaimClass`). */
export function classOfClaim({ metadata, spec }: PersistentVolumeClaim): string {
  return labelValue(metadata.annotations, betaClassAnnotation) ?? spec.storageClassName ?? '';
}

/** Whether a claim names a class, be it the empty one (upstream `PersistentVolumeClaimHasClass`). */
export function hasClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return spec.storageClassName !== undefined || labelValue(metadata.annotations, betaClassAnnotation) !== undefined;
}

/** Storage class of a volume; empty = none (upstream `GetPersistentVolumeClass`). */
export function classOfVolume({ metadata, spec }: PersistentVolume): string {
  return labelValue(metadata.annotations, betaClassAnnotation) ?? spec.storageClassName;
}

/** Whether a claim has its volume and the binding is complete (upstream `isPVCFullyBound`). */
export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return spec.volumeName !== '' && labelValue(metadata.annotations, bindCompletedAnnotation) !== undefined;
}

/** Whether the volume belongs to the claim, or is promised to it in advance (upstream `IsVolumeBoundToClaim`). */
export function isVolumeBoundToClaim({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  if (claimRef === undefined) return false;
  if (claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return claimRef.uid === 0 || claimRef.uid === metadata.uid;
}

/** Annotations with one more or another value. */
export function withAnnotation(annotations: Labels, key: string, value: string): Labels {
  return { ...annotations, [key]: value };
}
