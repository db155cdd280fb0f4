/** Changes of the cluster as the scheduling queue sees them (upstream `ks/framework/types.go` ClusterEvent). */
import type { ApiObject } from '../../api/meta-v1.ts';
import type { Node, Pod } from '../../api/core-v1.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from '../../api/storage-v1.ts';

/** Bits in upstream's order: matching compares masks as numbers. */
export const ActionType = {
  add: 1 << 0,
  delete: 1 << 1,
  updateNodeAllocatable: 1 << 2,
  updateNodeLabel: 1 << 3,
  updateNodeTaint: 1 << 4,
  updateNodeCondition: 1 << 5,
  updateNodeAnnotation: 1 << 6,
  updateNodeDeclaredFeature: 1 << 7,
  updateNodePreemptionPolicy: 1 << 8,
  updatePodLabel: 1 << 9,
  updatePodScaleDown: 1 << 10,
  updatePodScaleUp: 1 << 11,
  updatePodToleration: 1 << 12,
  updatePodSchedulingGatesEliminated: 1 << 13,
  updatePodGeneratedResourceClaim: 1 << 14,
  /** All update bits: a change of no kind above. */
  update: (1 << 15) - 4,
  /** Add, Delete and Update. */
  all: (1 << 15) - 1,
} as const;

/** Objects that hints are shown, by resource. The three kinds of pods are upstream's. */
export interface EventObjects {
  /** A pod with a node. */
  AssignedPod: Pod;
  /** Another pod that waits. */
  UnscheduledPod: Pod;
  /** The waiting pod itself. */
  TargetPod: Pod;
  Node: Node;
  PersistentVolume: PersistentVolume;
  PersistentVolumeClaim: PersistentVolumeClaim;
  StorageClass: StorageClass;
  CSINode: CSINode;
  CSIDriver: CSIDriver;
  CSIStorageCapacity: CSIStorageCapacity;
  VolumeAttachment: VolumeAttachment;
  DeviceClass: ApiObject;
  ResourceClaim: ApiObject;
  ResourceSlice: ApiObject;
  /** Every resource. */
  '*': ApiObject;
}

/** A resource that events are about. */
export type EventResource = keyof EventObjects;

/** A kind of change of one resource. */
export interface ClusterEvent {
  readonly resource: EventResource;
  /** Bits of `ActionType`. */
  readonly actions: number;
  /** As upstream prints it, for example `NodeUpdateNodeTaint`, `storage.k8s.io/CSINodeUpdate`. */
  readonly label: string;
}

const actionLabels: readonly (readonly [number, string])[] = [
  [ActionType.add, 'Add'],
  [ActionType.delete, 'Delete'],
  [ActionType.updateNodeAllocatable, 'UpdateNodeAllocatable'],
  [ActionType.updateNodeLabel, 'UpdateNodeLabel'],
  [ActionType.updateNodeTaint, 'UpdateNodeTaint'],
  [ActionType.updateNodeCondition, 'UpdateNodeCondition'],
  [ActionType.updateNodeAnnotation, 'UpdateNodeAnnotation'],
  [ActionType.updateNodeDeclaredFeature, 'UpdateNodeDeclaredFeature'],
  [ActionType.updateNodePreemptionPolicy, 'UpdateNodePreemptionPolicy'],
  [ActionType.updatePodLabel, 'UpdatePodLabel'],
  [ActionType.updatePodScaleDown, 'UpdatePodScaleDown'],
  [ActionType.updatePodScaleUp, 'UpdatePodScaleUp'],
  [ActionType.updatePodToleration, 'UpdatePodToleration'],
  [ActionType.updatePodSchedulingGatesEliminated, 'UpdatePodSchedulingGatesEliminated'],
  [ActionType.updatePodGeneratedResourceClaim, 'UpdatePodGeneratedResourceClaim'],
  [ActionType.update, 'Update'],
];

/** Groups of resources outside of core, which their labels begin with. */
const groups: ReadonlyMap<EventResource, string> = new Map<EventResource, string>([
  ['StorageClass', 'storage.k8s.io/'],
  ['CSINode', 'storage.k8s.io/'],
  ['CSIDriver', 'storage.k8s.io/'],
  ['CSIStorageCapacity', 'storage.k8s.io/'],
  ['VolumeAttachment', 'storage.k8s.io/'],
  ['DeviceClass', 'resource.k8s.io/'],
  ['ResourceClaim', 'resource.k8s.io/'],
  ['ResourceSlice', 'resource.k8s.io/'],
]);

/** Events are few and constant: build them once at the top of a file or at start. */
export function clusterEvent(resource: EventResource, actions: number): ClusterEvent {
  const known = actionLabels.find(([bits]) => bits === actions);
  return Object.freeze({ resource, actions, label: `${groups.get(resource) ?? ''}${resource}${known?.[1] ?? ''}` });
}

const forceActivate = 'ForceActivate';
const unschedulableTimeout = 'UnschedulableTimeout';

/** The two events that every pod matches, whatever rejected it. */
export const wildcardEvents = {
  forceActivate: Object.freeze({ resource: '*', actions: ActionType.all, label: forceActivate }) as ClusterEvent,
  unschedulableTimeout: Object.freeze({
    resource: '*',
    actions: ActionType.all,
    label: unschedulableTimeout,
  }) as ClusterEvent,
} as const;

/** Whether every waiting pod matches the event. */
export function isWildcard(event: ClusterEvent): boolean {
  return event.resource === '*' && event.actions === ActionType.all;
}

/** Whether a plugin that registered `registered` wants to hear `incoming` (upstream `MatchClusterEvents`). */
export function matchesClusterEvent(registered: ClusterEvent, incoming: ClusterEvent): boolean {
  if (isWildcard(registered)) return true;
  if (registered.resource !== '*' && registered.resource !== incoming.resource) return false;
  return (registered.actions & incoming.actions) !== 0 && incoming.actions <= registered.actions;
}

/** Whether an event is worth another try of a pod that the plugin rejected. */
export type QueueingHint = 'Queue' | 'Skip';

/**
 * Must not have side effects. `before` is undefined for an addition, `after` for a deletion, both for wildcards.
 *
 * @param pod the waiting pod.
 */
export type QueueingHintFunction<T = ApiObject> = (
  pod: Pod,
  before: T | undefined,
  after: T | undefined,
) => QueueingHint;

/** An event that a plugin wants to hear. */
export interface ClusterEventWithHint {
  readonly event: ClusterEvent;
  /** Absent: always Queue. */
  readonly hint: QueueingHintFunction | undefined;
}

/** One entry of `eventsToRegister`, with the hint's objects typed by the resource. */
export function onClusterEvent<R extends EventResource>(
  resource: R,
  actions: number,
  hint?: QueueingHintFunction<EventObjects[R]>,
): ClusterEventWithHint {
  return { event: clusterEvent(resource, actions), hint: hint as unknown as QueueingHintFunction | undefined };
}
