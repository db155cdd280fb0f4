/**
 * GpuClustering: pods with alike GPU demands together, as in the comparison of Weng et al., "Beware of Fragmentation" (USENIX ATC 2023). A pod
 * wants a part of a GPU, or 1, 2, ... of them; the node scores 25 * used share of 8 GPUs, and 75 more if it holds pods of that demand
 * only, 50 if of others too, 25 if it holds no GPU pod. Pods without GPUs: 0.
 */
import type { Pod } from '../../api/core-v1.ts';
import { deviceAccounts } from '../devices/device-accounts.ts';
import type { DeviceAccounts } from '../devices/device-accounts.ts';
import type { DeviceDemand } from '../devices/device-kind.ts';
import { wholeDevice } from '../devices/device-kind.ts';
import { sharedGpus } from '../devices/shared-gpus.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { truncate } from './integer-math.ts';

/** Thousandths of the greatest node. */
const nodeMilliMax = 8000;

class GpuClustering implements Plugin {
  readonly name = 'GpuClustering';
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
    if (demand === undefined) return 0;
    const { freeMilli } = this.accounts.of(node);
    const used = truncate((25 * Math.max(0, nodeMilliMax - freeMilli)) / nodeMilliMax);
    return used + this.likeness(tagOf(demand), node);
  }

  private likeness(tag: number, { pods }: NodeInfo): number {
    let hasSame = false;
    let hasOther = false;
    for (const { pod } of pods) {
      const demand = this.accounts.demands.of(pod);
      if (demand === undefined) continue;
      if (tagOf(demand) === tag) hasSame = true;
      else hasOther = true;
    }
    if (hasSame) return hasOther ? 50 : 75;
    return hasOther ? 0 : 25;
  }
}

/** 0 = a part of one GPU, else the number of GPUs. */
function tagOf({ count, milli }: DeviceDemand): number {
  return count === 1 && milli < wholeDevice ? 0 : count;
}

export const gpuClustering = definePlugin({
  name: 'GpuClustering',
  description: 'prefers nodes whose pods want GPUs in the same way',
  create: (_args, handle) => new GpuClustering(handle),
});
