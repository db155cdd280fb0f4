/** Which cluster events plugins hear of. */
import { ActionType, onClusterEvent } from './cluster-event.ts';
import type { ClusterEventWithHint, EventResource } from './cluster-event.ts';
import type { Plugin } from './interface.ts';

/** Events that plugins registered, each with its plugin, in the order of the plugins. */
export interface RegisteredEvent extends ClusterEventWithHint {
  readonly plugin: string;
}

/** What plugins want to hear, in their order. */
export function registeredEvents(plugins: readonly Plugin[]): readonly RegisteredEvent[] {
  const registered: RegisteredEvent[] = [];
  for (const plugin of plugins) {
    if (!wakingMethods.some((method) => plugin[method] !== undefined)) continue;
    const events = plugin.eventsToRegister === undefined ? everyEvent : plugin.eventsToRegister();
    for (const entry of events) registered.push({ ...entry, plugin: plugin.name });
  }
  return registered;
}

/** Only plugins that can keep a pod from being bound register events. */
const wakingMethods = [
  'preEnqueue',
  'preFilter',
  'filter',
  'reserve',
  'permit',
] as const satisfies readonly (keyof Plugin)[];

const everyResource: readonly EventResource[] = [
  'AssignedPod',
  'UnscheduledPod',
  'TargetPod',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'StorageClass',
  'ResourceClaim',
  'DeviceClass',
];

/** For a plugin that does not say what it wants to hear. */
const everyEvent: readonly ClusterEventWithHint[] = everyResource.map((resource) =>
  onClusterEvent(resource, ActionType.all),
);
