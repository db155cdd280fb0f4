/** Zones of the node lifecycle controller: when a zone counts as disrupted, and how fast its nodes are tainted then. */
import type { Node } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Flags of kube-controller-manager (cmd/kube-controller-manager/app/options/nodelifecyclecontroller.go). */
export const zoneDefaults = {
  /** Nodes per second. */
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  /** Zones up to this size are not evicted from at all in partial disruption. */
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
} as const;

/** Key of a node's zone: region and zone labels; nodes with neither share one anonymous zone. */
export function zoneKey(node: Node): string {
  const region = labelValue(node.metadata.labels, 'topology.kubernetes.io/region') ?? '';
  const zone = labelValue(node.metadata.labels, 'topology.kubernetes.io/zone') ?? '';
  return `${region}:\0:${zone}`;
}

/** Upstream ComputeZoneState. */
export function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  if (notReady > 2 && notReady / (notReady + ready) >= zoneDefaults.unhealthyZoneThreshold) return 'PartialDisruption';
  return 'Normal';
}

/** Nodes per second that may be tainted in a zone of this state and size; 0 = none. */
export function evictionRate(state: ZoneState, size: number): number {
  if (state !== 'PartialDisruption') return zoneDefaults.nodeEvictionRate;
  return size > zoneDefaults.largeClusterSizeThreshold ? zoneDefaults.secondaryNodeEvictionRate : 0;
}

/**
 * The rate-limited set of nodes that await their NoExecute taint (upstream RateLimitedTimedQueue with a token bucket of
 * burst 1). Times in microseconds.
 */
export class ZoneQueue {
  private readonly waiting = new Map<string, number>();
  private intervalUs = 0;
  private nextTokenAt = 0;

  /** @param rate nodes per second; 0 stops the queue. The first node of a new rate passes at once unless the bucket was empty. */
  setRate(rate: number, now: number): void {
    const intervalUs = rate === 0 ? Infinity : Math.round(1_000_000 / rate);
    if (intervalUs === this.intervalUs) return;
    const wasEmpty = this.nextTokenAt > now;
    this.intervalUs = intervalUs;
    this.nextTokenAt = wasEmpty && intervalUs !== Infinity ? now + intervalUs : now;
  }

  add(nodeName: string, now: number): void {
    if (!this.waiting.has(nodeName)) this.waiting.set(nodeName, now);
  }

  remove(nodeName: string): void {
    this.waiting.delete(nodeName);
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** When the head may be taken; undefined when the queue is empty or stopped. */
  get nextAt(): number | undefined {
    return this.waiting.size === 0 || this.intervalUs === Infinity ? undefined : this.nextTokenAt;
  }

  /** Takes the head and a token, if there is one of each. */
  take(now: number): string | undefined {
    if (this.intervalUs === Infinity || this.nextTokenAt > now) return undefined;
    for (const nodeName of this.waiting.keys()) {
      this.waiting.delete(nodeName);
      this.nextTokenAt = now + this.intervalUs;
      return nodeName;
    }
    return undefined;
  }
}
