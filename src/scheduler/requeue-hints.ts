/** Which pods a change of the cluster may help (upstream `ps/backend/queue/scheduling_queue.go`, isPodWorthRequeuing). */
import type { ApiObject } from '../api/meta-v1.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import { isWildcard, matchesClusterEvent } from './framework/cluster-event.ts';
import type { QueuedPodInfo } from './framework/queued-pod-info.ts';
import type { RegisteredEvent } from './framework/registered-events.ts';
import type { Framework } from './framework/runtime.ts';

/** What becomes of an unschedulable pod after an event. */
export type RequeueStrategy = 'skip' | 'afterBackoff' | 'immediately';

/** What the plugins of all profiles registered for. */
export class RequeueHints {
  /** By schedulerName. */
  private readonly registered = new Map<string, readonly RegisteredEvent[]>();
  /** Answers of `isEventOfInterest`: events are a few constants. */
  private readonly interests = new Map<ClusterEvent, boolean>();

  /** @param frameworks profiles by schedulerName. */
  constructor(frameworks: ReadonlyMap<string, Framework>) {
    for (const [name, framework] of frameworks) this.registered.set(name, framework.registeredEvents());
  }

  /** Whether any plugin of any profile registered such an event; others need not be told. */
  isEventOfInterest(event: ClusterEvent): boolean {
    let isOfInterest = this.interests.get(event);
    if (isOfInterest === undefined) {
      const registered = [...this.registered.values()].flat();
      isOfInterest = isWildcard(event) || registered.some((entry) => matchesClusterEvent(entry.event, event));
      this.interests.set(event, isOfInterest);
    }
    return isOfInterest;
  }

  /** Only the plugins that rejected the pod have a say. */
  strategyOf(
    info: QueuedPodInfo,
    event: ClusterEvent,
    before: ApiObject | undefined,
    after: ApiObject | undefined,
  ): RequeueStrategy {
    const { pod } = info.podInfo;
    if (isErrored(info)) return 'afterBackoff';
    if (isWildcard(event)) {
      return after === undefined || after.metadata.uid === pod.metadata.uid ? 'afterBackoff' : 'skip';
    }
    let strategy: RequeueStrategy = 'skip';
    for (const { plugin, event: registered, hint } of this.registered.get(pod.spec.schedulerName) ?? []) {
      const isPending = info.pendingPlugins.has(plugin);
      if (!isPending && !info.unschedulablePlugins.has(plugin)) continue;
      if (!matchesClusterEvent(registered, event)) continue;
      if (hint !== undefined && hint(pod, before, after) === 'Skip') continue;
      if (isPending) return 'immediately';
      if (info.pendingPlugins.size === 0) return 'afterBackoff';
      strategy = 'afterBackoff';
    }
    return strategy;
  }

  /** What one plugin of a profile registered for. */
  eventsOf(schedulerName: string, plugin: string): readonly ClusterEvent[] {
    const registered = this.registered.get(schedulerName) ?? [];
    return registered.filter((entry) => entry.plugin === plugin).map(({ event }) => event);
  }
}

/** No plugin rejected the pod: it failed by an error. */
export function isErrored(info: QueuedPodInfo): boolean {
  return info.unschedulablePlugins.size === 0 && info.pendingPlugins.size === 0;
}
