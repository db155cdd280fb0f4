/** The parts of storage.k8s.io/v1 that the simulator reads. */
import type { ApiObject, LabelSelector, Labels } from './meta-v1.ts';
import type { ReclaimPolicy } from './persistent-volumes.ts';

export interface TopologySelectorTerm {
  /** All must hold; a term without any matches no node. */
  readonly matchLabelExpressions: readonly { readonly key: string; readonly values: readonly string[] }[];
}

export interface StorageClass extends ApiObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'StorageClass';
  readonly provisioner: string;
  readonly parameters: Labels;
  readonly reclaimPolicy: ReclaimPolicy;
  readonly allowVolumeExpansion: boolean;
  readonly volumeBindingMode: 'Immediate' | 'WaitForFirstConsumer';
  /** One must hold; none = every node. */
  readonly allowedTopologies: readonly TopologySelectorTerm[];
}

export interface CSINodeDriver {
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys: readonly string[];
  /** How many volumes of the driver the node can use; undefined = no limit. */
  readonly allocatableCount: number | undefined;
}

/** Which CSI drivers run on the node of the same name. */
export interface CSINode extends ApiObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'CSINode';
  readonly spec: { readonly drivers: readonly CSINodeDriver[] };
}

export interface CSIDriver extends ApiObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'CSIDriver';
  readonly spec: {
    readonly attachRequired: boolean;
    /** Whether the driver says in CSIStorageCapacity objects how much room is left. */
    readonly storageCapacity: boolean;
    /** Whether nodes without the driver are out of question. */
    readonly preventPodSchedulingIfMissing: boolean;
  };
}

/** Room for volumes of one class in one part of the cluster. */
export interface CSIStorageCapacity extends ApiObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'CSIStorageCapacity';
  /** Selects nodes by their labels; undefined = none. */
  readonly nodeTopology: LabelSelector | undefined;
  readonly storageClassName: string;
  /** Bytes; undefined = not known. */
  readonly capacity: number | undefined;
  /** Bytes of the largest volume that can be made; undefined = not known. */
  readonly maximumVolumeSize: number | undefined;
}

export interface VolumeAttachment extends ApiObject {
  readonly apiVersion: 'storage.k8s.io/v1';
  readonly kind: 'VolumeAttachment';
  readonly spec: {
    /** Name of the CSI driver. */
    readonly attacher: string;
    readonly nodeName: string;
    /** undefined = an inline volume. */
    readonly persistentVolumeName: string | undefined;
  };
  readonly status: { readonly attached: boolean };
}
