import type { Node, Pod } from '../../api/core-v1.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import { isPodTerminal } from '../../api/pod-conditions.ts';
import { PodResourcesCache } from '../../api/resources.ts';
import type { DeviceAccount } from './device-accounts.ts';
import { DeviceDemands } from './device-demands.ts';
import type { DeviceKind } from './device-kind.ts';
import { wholeDevice } from './device-kind.ts';

/** Devices and cpu of one node. Bound pods that are not terminal hold what they were given. */
export interface DeviceNode {
  readonly name: string;
  readonly model: string;
  /** Devices; 0 while there is no such node. */
  readonly count: number;
  /** Taken thousandths by number of the device; what nobody has is missing or 0. */
  readonly taken: readonly number[];
  /** Allocatable less requested; below zero where a node has shrunk. */
  readonly freeMilliCpu: number;
}

interface Entry extends DeviceNode {
  model: string;
  count: number;
  readonly taken: number[];
  freeMilliCpu: number;
}

/** Devices of one kind as the API tells of them, kept up to date from commits alone. The scheduler's own are `DeviceAccounts`. */
export class DeviceLedger {
  /** In order of first appearance; a node that was deleted and made again is the same. */
  readonly nodes: readonly DeviceNode[];
  private readonly entries: Entry[] = [];
  private readonly indexes = new Map<string, number>();
  private readonly kind: DeviceKind;
  private readonly demands: DeviceDemands;
  private readonly resources = new PodResourcesCache();

  constructor(kind: DeviceKind) {
    this.kind = kind;
    this.demands = new DeviceDemands(kind);
    this.nodes = this.entries;
  }

  /** Position of the node whose account has changed; -1 = none has. */
  committed<K extends Kind>(kind: K, before: KindMap[K] | undefined, after: KindMap[K] | undefined): number {
    if (kind === 'Pod') return this.podCommitted(before as Pod | undefined, after as Pod | undefined);
    return kind === 'Node' ? this.nodeCommitted(before as Node | undefined, after as Node | undefined) : -1;
  }

  private podCommitted(before: Pod | undefined, after: Pod | undefined): number {
    if (before !== undefined && after !== undefined && holdsAlike(before, after)) return -1;
    const released = before === undefined ? -1 : this.count(before, -1);
    const taken = after === undefined ? -1 : this.count(after, 1);
    return Math.max(released, taken);
  }

  private count(pod: Pod, sign: 1 | -1): number {
    if (!holdsDevices(pod)) return -1;
    const index = this.indexOf(pod.spec.nodeName);
    const entry = this.entries[index]!;
    entry.freeMilliCpu -= sign * (this.resources.of(pod.spec).requests.get('cpu') ?? 0);
    const demand = this.demands.of(pod);
    if (demand === undefined) return index;
    for (const device of this.kind.indicesOf(pod)) {
      entry.taken[device] = (entry.taken[device] ?? 0) + sign * demand.milli;
    }
    return index;
  }

  private nodeCommitted(before: Node | undefined, after: Node | undefined): number {
    const old = before?.status.allocatable;
    const allocatable = after?.status.allocatable;
    if (old === allocatable && before?.metadata.labels === after?.metadata.labels) return -1;
    const index = this.indexOf((after ?? before)!.metadata.name);
    const entry = this.entries[index]!;
    const stock = after === undefined ? undefined : this.kind.stockOf(after);
    entry.model = stock?.model ?? '';
    entry.count = stock?.count ?? 0;
    entry.freeMilliCpu += (allocatable?.get('cpu') ?? 0) - (old?.get('cpu') ?? 0);
    return index;
  }

  private indexOf(name: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    const index = this.entries.push({ name, model: '', count: 0, taken: [], freeMilliCpu: 0 }) - 1;
    this.indexes.set(name, index);
    return index;
  }
}

/** What is free of a node's devices; never below zero. */
export function freeDevices({ model, count, taken }: DeviceNode): DeviceAccount {
  const free = Array.from({ length: count }, (_, device) => Math.max(0, wholeDevice - (taken[device] ?? 0)));
  return { model, free, freeMilli: free.reduce((sum, milli) => sum + milli, 0) };
}

/** Whether a pod holds what it was given: it is on a node and not at its end. */
export function holdsDevices(pod: Pod): boolean {
  return pod.spec.nodeName !== '' && !isPodTerminal(pod);
}

function holdsAlike(before: Pod, after: Pod): boolean {
  return (
    before.spec === after.spec &&
    before.metadata.annotations === after.metadata.annotations &&
    holdsDevices(before) === holdsDevices(after)
  );
}
