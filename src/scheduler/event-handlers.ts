/**
 * What the scheduler makes of changes in the cluster (upstream `ps/eventhandlers.go`): the cache follows nodes and bound
 * pods, the queue follows the others, and every change that may help a waiting pod is told to the queue.
 */
import type { Node, Pod } from '../api/core-v1.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Recorder } from '../record/recorder.ts';
import type { SchedulerCache } from './cache.ts';
import type { Framework } from './framework/runtime.ts';
import type { WaitingPods } from './framework/waiting-pods.ts';
import {
  assignedPodAdd,
  assignedPodDelete,
  nodeAdd,
  nodeDelete,
  nodeEvents,
  objectEvent,
  podEvents,
} from './object-events.ts';
import type { WatchedKind } from './object-events.ts';
import type { SchedulingQueue } from './scheduling-queue.ts';

/** What the handlers write to. */
export interface EventHandlerServices {
  readonly clock: { readonly now: number };
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  /** Profiles by schedulerName. */
  readonly frameworks: ReadonlyMap<string, Framework>;
  readonly waitingPods: WaitingPods;
  readonly recorder: Recorder;
}

/**
 * Whether a change of a pod can matter to the scheduler. Of a bound pod that means what filters and scores read: its spec,
 * labels and resources, and its end. Its life on the node (conditions, restarts) makes no event for anybody.
 */
export function isPodOfInterest(before: Pod | undefined, after: Pod | undefined): boolean {
  const old = visible(before);
  const now = visible(after);
  if (old === undefined || now === undefined) return old !== now;
  if (old.spec.nodeName === '' || old.spec !== now.spec) return true;
  if (old.metadata.labels !== now.metadata.labels) return true;
  if (old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp) return true;
  return areResourcesDifferent(old, now);
}

/** The scheduler lists with `status.phase!=Succeeded,status.phase!=Failed`: a pod that ends looks deleted. */
function visible(pod: Pod | undefined): Pod | undefined {
  return pod === undefined || isPodTerminal(pod) ? undefined : pod;
}

function areResourcesDifferent({ status: old }: Pod, { status: now }: Pod): boolean {
  if (old.containerStatuses === now.containerStatuses) return false;
  return now.containerStatuses.some(({ allocatedResources, actualRequests }, at) => {
    const before = old.containerStatuses[at];
    return allocatedResources !== before?.allocatedResources || actualRequests !== before?.actualRequests;
  });
}

/** Hears changes of pods and nodes, one call per change. */
export class EventHandlers {
  private readonly services: EventHandlerServices;

  constructor(services: EventHandlerServices) {
    this.services = services;
  }

  /** A pod changed; undefined = is not there. */
  onPod(before: Pod | undefined, after: Pod | undefined): void {
    const old = visible(before);
    const now = visible(after);
    if (now === undefined) {
      if (old !== undefined) this.onPodGone(old);
    } else if (old === undefined) {
      if (now.spec.nodeName === '') this.onPendingPod(now);
      else this.onPodAssigned(now);
    } else if (now.spec.nodeName === '') {
      this.onPendingPodUpdate(old, now);
    } else if (old.spec.nodeName === '') {
      this.onPodAssigned(now);
      this.services.queue.delete(now.metadata.uid);
    } else {
      this.onAssignedPodUpdate(old, now);
    }
  }

  /** A pod changed in a way that is not of interest. */
  onPodPassedOver(after: Pod | undefined): void {
    if (after !== undefined) this.services.cache.replacePod(after);
  }

  onNode(before: Node | undefined, after: Node | undefined): void {
    const { cache, queue, clock } = this.services;
    if (after === undefined) {
      queue.moveAllToActiveOrBackoff(nodeDelete, before, undefined, clock.now);
      cache.removeNode(before!);
    } else if (before === undefined) {
      cache.addNode(after);
      queue.moveAllToActiveOrBackoff(nodeAdd, undefined, after, clock.now);
    } else {
      cache.updateNode(before, after);
      for (const event of nodeEvents(before, after)) {
        queue.moveAllToActiveOrBackoff(event, before, after, clock.now);
      }
    }
  }

  /** What the plugins of any profile registered for a kind: bits of `ActionType`; 0 = nothing. */
  registeredActions(kind: WatchedKind): number {
    let actions = 0;
    for (const framework of this.services.frameworks.values()) {
      for (const { event } of framework.registeredEvents()) if (event.resource === kind) actions |= event.actions;
    }
    return actions;
  }

  /** An object other than a pod or a node changed. */
  onObject(kind: WatchedKind, before: ApiObject | undefined, after: ApiObject | undefined): void {
    const { queue, clock } = this.services;
    queue.moveAllToActiveOrBackoff(objectEvent(kind, before, after), before, after, clock.now);
  }

  /** Whether one of the profiles serves the pod. */
  private isResponsible(pod: Pod): boolean {
    return this.services.frameworks.has(pod.spec.schedulerName);
  }

  private onPendingPod(pod: Pod): void {
    if (!this.isResponsible(pod)) return;
    const { queue, clock, recorder } = this.services;
    recorder.podHop(pod.metadata.uid, 'seen_by_scheduler', clock.now);
    queue.add(pod, clock.now);
  }

  private onPendingPodUpdate(before: Pod, after: Pod): void {
    if (!this.isResponsible(after) || before.metadata.resourceVersion === after.metadata.resourceVersion) return;
    const { cache, queue, clock, waitingPods } = this.services;
    const { uid, deletionTimestamp } = after.metadata;
    if (cache.isAssumed(uid)) {
      const isNewlyDeleted = deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined;
      if (isNewlyDeleted) waitingPods.abort(uid, 'pod is being deleted');
      return;
    }
    queue.update(before, after, clock.now);
    const { nominatedNodeName } = before.status;
    const hasLostNomination = nominatedNodeName !== '' && nominatedNodeName !== after.status.nominatedNodeName;
    if (hasLostNomination) this.tellOfFreedNomination(before);
  }

  /** Bound by this scheduler or by somebody else. */
  private onPodAssigned(pod: Pod): void {
    const { cache, queue, clock } = this.services;
    cache.addPod(pod);
    queue.moveAllToActiveOrBackoff(assignedPodAdd, undefined, pod, clock.now);
  }

  private onAssignedPodUpdate(before: Pod, after: Pod): void {
    const { cache, queue, clock } = this.services;
    cache.updatePod(after);
    for (const event of podEvents(before, after, 'AssignedPod')) {
      queue.moveAllToActiveOrBackoff(event, before, after, clock.now);
    }
  }

  private onPodGone(pod: Pod): void {
    const { cache, queue, clock, waitingPods } = this.services;
    if (pod.spec.nodeName !== '') {
      cache.removePod(pod);
      queue.moveAllToActiveOrBackoff(assignedPodDelete, pod, undefined, clock.now);
      return;
    }
    if (!this.isResponsible(pod)) return;
    queue.delete(pod.metadata.uid);
    if (waitingPods.has(pod.metadata.uid)) {
      waitingPods.abort(pod.metadata.uid, 'pod was deleted');
      queue.moveAllToActiveOrBackoff(assignedPodDelete, pod, undefined, clock.now);
    } else if (pod.status.nominatedNodeName !== '') {
      this.tellOfFreedNomination(pod);
    }
  }

  /** Only pods of the same or a lower priority had to respect the nomination. */
  private tellOfFreedNomination(pod: Pod): void {
    const { queue, clock } = this.services;
    const hadToRespect = (other: Pod): boolean => other.spec.priority <= pod.spec.priority;
    queue.moveAllToActiveOrBackoff(assignedPodDelete, pod, undefined, clock.now, hadToRespect);
  }
}
