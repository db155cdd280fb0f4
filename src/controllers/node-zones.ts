/** Zones of the node lifecycle controller: when a zone counts as disrupted, and how fast its nodes are tainted then. */
import type { Node } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { regionOf, zoneOf } from '../api/node-conditions.ts';
import type { ZoneDisruption } from '../record/facts.ts';

/** How much of a zone is out of order. */
export type ZoneState = ZoneDisruption;

/** Flags of kube-controller-manager (cmd/kube-controller-manager/app/options/nodelifecyclecontroller.go). */
export const zoneDefaults = {
  /** Nodes per second. */
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  /** Zones up to this size are not evicted from at all in partial disruption. */
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
} as const;

/** Nodes with this label do not count when a zone is judged; they are tainted like the others. */
const excludeLabel = 'node.kubernetes.io/exclude-disruption';

const separator = ':\0:';

/** Key of a node's zone: region and zone labels; nodes with neither share one anonymous zone. */
export function zoneKey(node: Node): string {
  return regionOf(node) + separator + zoneOf(node);
}

/** The zone in a key. */
export function zoneOfKey(key: string): string {
  return key.slice(key.indexOf(separator) + separator.length);
}

/** How many nodes of a zone are ready and how many are not. */
export interface ZoneCount {
  ready: number;
  notReady: number;
}

/** The nodes of all zones, counted as they change. */
export class ZoneCensus {
  private readonly nodes = new Map<string, { readonly zone: string; readonly isReady: boolean }>();
  private readonly countByZone = new Map<string, ZoneCount>();

  /** Takes note of a node, for the first time or again. */
  note(node: Node, isReady: boolean): void {
    const { name, labels } = node.metadata;
    if (labelValue(labels, excludeLabel) !== undefined) return this.forget(name);
    const zone = zoneKey(node);
    const known = this.nodes.get(name);
    if (known?.zone === zone && known.isReady === isReady) return;
    this.forget(name);
    this.nodes.set(name, { zone, isReady });
    let count = this.countByZone.get(zone);
    if (count === undefined) this.countByZone.set(zone, (count = { ready: 0, notReady: 0 }));
    if (isReady) count.ready++;
    else count.notReady++;
  }

  forget(nodeName: string): void {
    const known = this.nodes.get(nodeName);
    if (known === undefined) return;
    this.nodes.delete(nodeName);
    const count = this.countByZone.get(known.zone)!;
    if (known.isReady) count.ready--;
    else count.notReady--;
    if (count.ready + count.notReady === 0) this.countByZone.delete(known.zone);
  }

  /** Zones that have nodes. */
  counts(): ReadonlyMap<string, Readonly<ZoneCount>> {
    return this.countByZone;
  }

  /** Names of the nodes that are not ready. */
  notReady(): readonly string[] {
    return [...this.nodes].flatMap(([name, { isReady }]) => (isReady ? [] : [name]));
  }
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

/** The flag behind the rate at which a node of a zone in this state was tainted, with its value. */
export function taintRule(state: ZoneState | undefined): string {
  const { nodeEvictionRate, secondaryNodeEvictionRate } = zoneDefaults;
  return state === 'PartialDisruption'
    ? `secondary-node-eviction-rate ${secondaryNodeEvictionRate}/s`
    : `node-eviction-rate ${nodeEvictionRate}/s`;
}

/**
 * The rate-limited set of nodes that await their NoExecute taint (upstream RateLimitedTimedQueue with a token bucket of
 * burst 1). Times in microseconds.
 */
export class ZoneQueue {
  private readonly waiting = new Set<string>();
  private intervalUs: number;
  private nextTokenAt = 0;

  /** @param rate nodes per second; 0 = stopped. The bucket is full. */
  constructor(rate: number) {
    this.intervalUs = intervalOf(rate);
  }

  /** A new rate comes with a full bucket, unless the old one has no token to give: a stopped queue never has one. */
  setRate(rate: number, now: number): void {
    const intervalUs = intervalOf(rate);
    if (intervalUs === this.intervalUs) return;
    const wasEmpty = this.intervalUs === Infinity || this.nextTokenAt > now;
    this.intervalUs = intervalUs;
    this.nextTokenAt = wasEmpty && intervalUs !== Infinity ? now + intervalUs : now;
  }

  /** A node that waits already keeps its place. */
  add(nodeName: string): void {
    this.waiting.add(nodeName);
  }

  remove(nodeName: string): void {
    this.waiting.delete(nodeName);
  }

  /** When the head may be taken; undefined when the queue is empty or stopped. */
  get nextAt(): number | undefined {
    return this.waiting.size === 0 || this.intervalUs === Infinity ? undefined : this.nextTokenAt;
  }

  /** Takes the head and a token, if there is one of each. */
  take(now: number): string | undefined {
    if (this.intervalUs === Infinity || this.nextTokenAt > now) return undefined;
    for (const nodeName of this.waiting) {
      this.waiting.delete(nodeName);
      this.nextTokenAt = now + this.intervalUs;
      return nodeName;
    }
    return undefined;
  }
}

function intervalOf(rate: number): number {
  return rate === 0 ? Infinity : Math.round(1_000_000 / rate);
}
