/** Which cluster events a change of an object is (upstream `ps/framework/events.go`). */
import type { Node, Pod, ResourceList } from '../api/core-v1.ts';
import type { Kind } from '../api/kinds.ts';
import type { ApiObject, Condition, Labels } from '../api/meta-v1.ts';
import { labelsKey } from '../api/labels.ts';
import { podRequests } from '../api/resources.ts';
import { ActionType, clusterEvent } from './framework/cluster-event.ts';
import type { ClusterEvent, EventResource } from './framework/cluster-event.ts';

type PodResource = 'AssignedPod' | 'TargetPod';

const podActions = [
  ActionType.updatePodLabel,
  ActionType.updatePodScaleDown,
  ActionType.updatePodScaleUp,
  ActionType.updatePodSchedulingGatesEliminated,
  ActionType.updatePodToleration,
  ActionType.updatePodGeneratedResourceClaim,
] as const;

const eventsByResource: ReadonlyMap<EventResource, ReadonlyMap<number, ClusterEvent>> = new Map(
  (['AssignedPod', 'TargetPod'] as const).map((resource) => [
    resource,
    new Map([...podActions, ActionType.update].map((action) => [action, clusterEvent(resource, action)])),
  ]),
);

export const assignedPodAdd: ClusterEvent = clusterEvent('AssignedPod', ActionType.add);
export const assignedPodDelete: ClusterEvent = clusterEvent('AssignedPod', ActionType.delete);
export const nodeAdd: ClusterEvent = clusterEvent('Node', ActionType.add);
export const nodeDelete: ClusterEvent = clusterEvent('Node', ActionType.delete);

/** Kinds besides pods and nodes whose changes may help waiting pods. */
export const watchedKinds = [
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
] as const satisfies readonly (EventResource & Kind)[];

/** One of `watchedKinds`. */
export type WatchedKind = (typeof watchedKinds)[number];

const objectActions = [ActionType.add, ActionType.update, ActionType.delete] as const;

const objectEvents: ReadonlyMap<WatchedKind, ReadonlyMap<number, ClusterEvent>> = new Map(
  watchedKinds.map((kind) => [kind, new Map(objectActions.map((action) => [action, clusterEvent(kind, action)]))]),
);

/** What has happened to an object: `ActionType` add, delete or update. */
export function actionOf(before: ApiObject | undefined, after: ApiObject | undefined): number {
  if (before === undefined) return ActionType.add;
  return after === undefined ? ActionType.delete : ActionType.update;
}

/** The event of a changed object: one for each change, whatever changed. */
export function objectEvent(
  kind: WatchedKind,
  before: ApiObject | undefined,
  after: ApiObject | undefined,
): ClusterEvent {
  return objectEvents.get(kind)!.get(actionOf(before, after))!;
}

/** Events of a changed pod, in upstream's order; a change of no special kind is one plain update. */
export function podEvents(before: Pod, after: Pod, resource: PodResource): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const known = eventsByResource.get(resource)!;
  const add = (action: number): unknown => events.push(known.get(action)!);
  if (areLabelsDifferent(before.metadata.labels, after.metadata.labels)) add(ActionType.updatePodLabel);
  const scaled = scaleOf(before, after);
  if (scaled.down) add(ActionType.updatePodScaleDown);
  if (scaled.up) add(ActionType.updatePodScaleUp);
  const areGatesGone = before.spec.schedulingGates.length > 0 && after.spec.schedulingGates.length === 0;
  if (areGatesGone) add(ActionType.updatePodSchedulingGatesEliminated);
  if (before.spec.tolerations.length !== after.spec.tolerations.length) add(ActionType.updatePodToleration);
  if (events.length === 0) add(ActionType.update);
  return events;
}

function scaleOf(before: Pod, after: Pod): { down: boolean; up: boolean } {
  if (before.spec.containers === after.spec.containers && before.spec.resources === after.spec.resources) {
    return { down: false, up: false };
  }
  const old = podRequests(before.spec);
  const now = podRequests(after.spec);
  return { down: hasLess(old, now), up: hasLess(now, old) };
}

/** Whether some amount of `a` is smaller in `b`, or missing there. */
function hasLess(a: ResourceList, b: ResourceList): boolean {
  for (const [name, amount] of a) if (!b.has(name) || b.get(name)! < amount) return true;
  return false;
}

interface NodeChange {
  readonly event: ClusterEvent;
  readonly isSeen: (before: Node, after: Node) => boolean;
}

/** One event each, in upstream's order. */
const nodeChanges: readonly NodeChange[] = [
  {
    event: clusterEvent('Node', ActionType.updateNodeTaint),
    isSeen: (before, after) => before.spec.unschedulable && !after.spec.unschedulable,
  },
  {
    event: clusterEvent('Node', ActionType.updateNodeAllocatable),
    isSeen: (before, after) => areAmountsDifferent(before.status.allocatable, after.status.allocatable),
  },
  {
    event: clusterEvent('Node', ActionType.updateNodeLabel),
    isSeen: (before, after) => areLabelsDifferent(before.metadata.labels, after.metadata.labels),
  },
  {
    event: clusterEvent('Node', ActionType.updateNodeTaint),
    isSeen: (before, after) => areTaintsDifferent(before, after),
  },
  {
    event: clusterEvent('Node', ActionType.updateNodeCondition),
    isSeen: (before, after) => areConditionsDifferent(before.status.conditions, after.status.conditions),
  },
  {
    event: clusterEvent('Node', ActionType.updateNodeAnnotation),
    isSeen: (before, after) => areLabelsDifferent(before.metadata.annotations, after.metadata.annotations),
  },
  {
    event: clusterEvent('Node', ActionType.updateNodeDeclaredFeature),
    isSeen: (before, after) => areListsDifferent(before.status.declaredFeatures, after.status.declaredFeatures),
  },
];

/** Events of a changed node; none for a heartbeat. */
export function nodeEvents(before: Node, after: Node): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  for (const { event, isSeen } of nodeChanges) {
    if (isSeen(before, after)) events.push(event);
  }
  return events;
}

function areLabelsDifferent(a: Labels, b: Labels): boolean {
  return a !== b && labelsKey(a) !== labelsKey(b);
}

function areAmountsDifferent(a: ResourceList, b: ResourceList): boolean {
  if (a === b) return false;
  if (a.size !== b.size) return true;
  for (const [name, amount] of a) if (b.get(name) !== amount) return true;
  return false;
}

function areTaintsDifferent(before: Node, after: Node): boolean {
  const a = before.spec.taints;
  const b = after.spec.taints;
  if (a === b) return false;
  if (a.length !== b.length) return true;
  return a.some(({ key, value, effect }, at) => {
    const other = b[at]!;
    return key !== other.key || value !== other.value || effect !== other.effect;
  });
}

/** Only the statuses count: times and messages of heartbeats do not. */
function areConditionsDifferent(a: readonly Condition[], b: readonly Condition[]): boolean {
  if (a === b) return false;
  const strip = (conditions: readonly Condition[]): readonly string[] =>
    conditions.map(({ type, status }) => `${type}=${status}`).sort((x, y) => (x < y ? -1 : 1));
  return areListsDifferent(strip(a), strip(b));
}

function areListsDifferent(a: readonly string[], b: readonly string[]): boolean {
  return a.length !== b.length || a.some((entry, at) => entry !== b[at]);
}
