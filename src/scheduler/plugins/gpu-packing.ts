/**
 * GpuPacking: GPUs in use first, then free GPUs of nodes in use, then free nodes, as in the comparison of Weng et al., "Beware of
 * Fragmentation" (USENIX ATC 2023). A free node scores max(33 - f, f) with its f GPUs; one on which k free GPUs must be begun
 * max(50 - k, 33); else the fuller the GPUs that are taken, the better: max(100 - free % of them div 10, 50). Pods without GPUs: 0.
 */
import type { Pod } from '../../api/core-v1.ts';
import { deviceAccounts } from '../devices/device-accounts.ts';
import type { DeviceAccount, DeviceAccounts } from '../devices/device-accounts.ts';
import { roomyDevices } from '../devices/device-choice.ts';
import type { DeviceDemand } from '../devices/device-kind.ts';
import { wholeDevice } from '../devices/device-kind.ts';
import { sharedGpus } from '../devices/shared-gpus.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { truncate } from './integer-math.ts';

class GpuPacking implements Plugin {
  readonly name = 'GpuPacking';
  readonly isNodeLocal = true;
  private readonly accounts: DeviceAccounts;

  constructor(handle: Handle) {
    this.accounts = deviceAccounts(handle, sharedGpus);
  }

  classOf(pod: Pod): DeviceDemand | undefined {
    return this.accounts.demands.of(pod);
  }

  score(_state: CycleState, pod: Pod, node: NodeInfo): number {
    const demand = this.accounts.demands.of(pod);
    return demand === undefined ? 0 : packingScore(this.accounts.of(node), demand);
  }
}

/** 0..100. */
function packingScore(account: DeviceAccount, demand: DeviceDemand): number {
  const { free } = account;
  const whole = free.filter((milli) => milli === wholeDevice).length;
  if (whole === free.length) return Math.min(nodeScoreMax, Math.max(33 - whole, whole));
  const taken = roomyDevices(account, demand)
    .sort((a, b) => free[a]! - free[b]! || a - b)
    .slice(0, demand.count);
  const begun = taken.filter((device) => free[device] === wholeDevice).length;
  if (begun > 0) return Math.max(50 - begun, 33);
  const freeMilli = taken.reduce((sum, device) => sum + free[device]!, 0);
  return Math.max(100 - truncate(truncate((freeMilli * 100) / wholeDevice) / 10), 50);
}

export const gpuPacking = definePlugin({
  name: 'GpuPacking',
  description: 'prefers GPUs in use to free ones, and free ones of nodes in use to free nodes',
  create: (_args, handle) => new GpuPacking(handle),
});
