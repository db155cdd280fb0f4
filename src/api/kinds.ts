/** The kinds that the simulator acts on, by name. Adding one: its type in the file of its group and one line here. */
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from './apps-v1.ts';
import type { HorizontalPodAutoscaler } from './autoscaling-v2.ts';
import type { CronJob, Job } from './batch-v1.ts';
import type { LimitRange, Namespace, Node, Pod, ResourceQuota, Service } from './core-v1.ts';
import type { CustomObject } from './custom.ts';
import type { EndpointSlice } from './discovery-v1.ts';
import type { RuntimeClass } from './node-v1.ts';
import type { PersistentVolume, PersistentVolumeClaim } from './persistent-volumes.ts';
import type { PodDisruptionBudget } from './policy-v1.ts';
import type { PriorityClass } from './scheduling-v1.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from './storage-v1.ts';

/** The type of each kind. */
export interface KindMap {
  Pod: Pod;
  Node: Node;
  Namespace: Namespace;
  Service: Service;
  LimitRange: LimitRange;
  ResourceQuota: ResourceQuota;
  ReplicationController: ReplicationController;
  Deployment: Deployment;
  ReplicaSet: ReplicaSet;
  StatefulSet: StatefulSet;
  DaemonSet: DaemonSet;
  ControllerRevision: ControllerRevision;
  Job: Job;
  CronJob: CronJob;
  HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  EndpointSlice: EndpointSlice;
  PriorityClass: PriorityClass;
  PersistentVolumeClaim: PersistentVolumeClaim;
  PersistentVolume: PersistentVolume;
  StorageClass: StorageClass;
  CSINode: CSINode;
  CSIDriver: CSIDriver;
  CSIStorageCapacity: CSIStorageCapacity;
  VolumeAttachment: VolumeAttachment;
  PodDisruptionBudget: PodDisruptionBudget;
  RuntimeClass: RuntimeClass;
  /** Every kind that is stored, listed and otherwise inert. */
  Custom: CustomObject;
}

/** Name of a kind that has a store. */
export type Kind = keyof KindMap;

/** All kinds in a fixed order (Map order of the stores, of dumps and of the summary). */
export const kinds = [
  'Pod',
  'Node',
  'Namespace',
  'Service',
  'LimitRange',
  'ResourceQuota',
  'ReplicationController',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ControllerRevision',
  'Job',
  'CronJob',
  'HorizontalPodAutoscaler',
  'EndpointSlice',
  'PriorityClass',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
  'PodDisruptionBudget',
  'RuntimeClass',
  'Custom',
] as const satisfies readonly Kind[];

/** Kinds without a namespace. */
export const clusterScopedKinds: ReadonlySet<Kind> = new Set<Kind>([
  'Node',
  'Namespace',
  'PriorityClass',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'VolumeAttachment',
  'RuntimeClass',
]);
