import type { Handle } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { devicesOfKind } from '../framework/pod-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { DeviceDemands } from './device-demands.ts';
import type { DeviceDemand, DeviceKind } from './device-kind.ts';
import { wholeDevice } from './device-kind.ts';

/** What is free of a kind of devices on one node. Read only. */
export interface DeviceAccount {
  readonly model: string;
  /** Free thousandths by number of the device; empty = the node has none. */
  readonly free: readonly number[];
  /** The sum of them. */
  readonly freeMilli: number;
}

/** The account of a node without devices. */
export const noDevices: DeviceAccount = Object.freeze({ model: '', free: Object.freeze([]), freeMilli: 0 });

/**
 * Device accounts of nodes: what the node has, less what the pods on it have been given. Nothing is kept that the node's own account
 * does not say, so a pod that ends gives its devices back by leaving it, and what-ifs are right by themselves.
 */
export class DeviceAccounts {
  readonly demands: DeviceDemands;
  private readonly kind: DeviceKind;
  private readonly accounts: DeviceAccount[] = [];
  private readonly generations: number[] = [];

  constructor(kind: DeviceKind) {
    this.kind = kind;
    this.demands = new DeviceDemands(kind);
  }

  /** The account holds until the node or its pods change. */
  of(node: NodeInfo): DeviceAccount {
    const { index, generation } = node;
    if (generation >= 0 && this.generations[index] === generation) return this.accounts[index]!;
    const account = this.compute(node);
    this.accounts[index] = account;
    this.generations[index] = generation;
    return account;
  }

  /** The devices that a pod on a node has: those that Reserve has given it, else those that it says itself. */
  indicesOf({ pod, devices }: PodInfo): readonly number[] {
    return devicesOfKind(devices, this.kind.name) ?? this.kind.indicesOf(pod);
  }

  private compute({ node, pods }: NodeInfo): DeviceAccount {
    const stock = node === undefined ? undefined : this.kind.stockOf(node);
    if (stock === undefined) return noDevices;
    const free = new Array<number>(stock.count).fill(wholeDevice);
    for (const info of pods) {
      const demand = this.demands.of(info.pod);
      if (demand === undefined) continue;
      for (const index of this.indicesOf(info)) if (index < free.length) free[index]! -= demand.milli;
    }
    return { model: stock.model, free, freeMilli: free.reduce((sum, milli) => sum + milli, 0) };
  }
}

/** The accounts that the plugins of a profile share. */
export function deviceAccounts(handle: Pick<Handle, 'shared'>, kind: DeviceKind): DeviceAccounts {
  return handle.shared(kind, () => new DeviceAccounts(kind));
}

/** Whether a demand may have devices of this model. */
export function allowsModel({ models }: DeviceDemand, model: string): boolean {
  return models.length === 0 || models.includes(model);
}

/** How many devices have room for the demand's part of one. */
export function devicesWithRoom({ free }: DeviceAccount, { milli }: DeviceDemand): number {
  let count = 0;
  for (let at = 0; at < free.length; at++) if (free[at]! >= milli) count++;
  return count;
}

/** Thousandths that a demand takes of all its devices together. */
export function demandedMilli(demand: DeviceDemand | undefined): number {
  return demand === undefined ? 0 : demand.count * demand.milli;
}
