/**
 * FragmentationGradientDescent: the node (and GPU) whose fragmentation grows least by the pod (Weng et al., "Beware of Fragmentation: Scheduling
 * GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023, section 4). Score: trunc(100 * sigmoid((before -
 * after) / 1000)) with the fragmentation in thousandths of a GPU. 50 = nothing changes.
 */
import type { Pod } from '../../api/core-v1.ts';
import { deviceAccounts } from '../devices/device-accounts.ts';
import type { DeviceAccount, DeviceAccounts } from '../devices/device-accounts.ts';
import { chooseDevices, deviceChooserKey } from '../devices/device-choice.ts';
import type { DeviceChooser } from '../devices/device-choice.ts';
import type { DeviceDemand } from '../devices/device-kind.ts';
import { wholeDevice } from '../devices/device-kind.ts';
import { DeviceFragmentation } from '../devices/fragmentation.ts';
import { sharedGpus } from '../devices/shared-gpus.ts';
import { typicalPodsOf } from '../devices/typical-pods.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';

/** What the pod wants, and which device of a node the score is for. */
class GradientState implements DeviceChooser {
  readonly milliCpu: number;
  readonly demand: DeviceDemand | undefined;
  private readonly policy: FragmentationGradientDescent;

  constructor(policy: FragmentationGradientDescent, milliCpu: number, demand: DeviceDemand | undefined) {
    this.policy = policy;
    this.milliCpu = milliCpu;
    this.demand = demand;
  }

  choose(node: NodeInfo, demand: DeviceDemand): number | undefined {
    return this.policy.bestDevice(node, this.milliCpu, demand);
  }

  clone(): StateValue {
    return this;
  }
}

const stateKey = cycleStateKey<GradientState>('PreFilterFragmentationGradientDescent');

class FragmentationGradientDescent implements Plugin {
  readonly name = 'FragmentationGradientDescent';
  readonly isNodeLocal = true;
  private readonly handle: Handle;
  private readonly accounts: DeviceAccounts;
  /** Made before the first score: the workload is known by then. */
  private fragmentation!: DeviceFragmentation;
  /** By node: what its fragmentation is at present. */
  private readonly before: number[] = [];
  private readonly generations: number[] = [];
  /** The device that the last score of a part of a device was for; -1 = none. */
  private device = -1;

  constructor(handle: Handle) {
    this.handle = handle;
    this.accounts = deviceAccounts(handle, sharedGpus);
  }

  classOf(pod: Pod): DeviceDemand | undefined {
    return this.accounts.demands.of(pod);
  }

  preFilter(state: CycleState, pod: Pod): undefined {
    this.fragmentation ??= new DeviceFragmentation(typicalPodsOf(this.handle.expectedPods()));
    const { milliCpu } = this.handle.needsOf(pod);
    const own = new GradientState(this, milliCpu, this.accounts.demands.of(pod));
    state.write(stateKey, own);
    state.write(deviceChooserKey, own);
  }

  /** It refuses no pod. */
  eventsToRegister(): readonly [] {
    return [];
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    const { milliCpu, demand } = state.read(stateKey)!;
    const account = this.accounts.of(node);
    const freeMilliCpu = node.allocatableMilliCpu - node.requestedMilliCpu;
    const before = this.fragmentationOf(node, account, freeMilliCpu);
    const left = freeMilliCpu - milliCpu;
    if (demand === undefined) return this.scoreOf(account.model, before, left, account.free);
    if (isPart(demand)) return Math.max(0, this.scoreParts(account, before, left, demand));
    const after = account.free.slice();
    const indices = chooseDevices(account, demand, 'best', first) ?? none;
    for (const index of indices) after[index]! -= demand.milli;
    return this.scoreOf(account.model, before, left, after);
  }

  /**
   * The device for which a part of one scores best, the first of equal ones; undefined = none has room.
   *
   * @param node holds the pod already, but not its device.
   */
  bestDevice(node: NodeInfo, milliCpu: number, demand: DeviceDemand): number | undefined {
    const account = this.accounts.of(node);
    const left = node.allocatableMilliCpu - node.requestedMilliCpu;
    const before = this.fragmentation.of(left + milliCpu, account.model, account.free);
    this.scoreParts(account, before, left, demand);
    return this.device < 0 ? undefined : this.device;
  }

  /**
   * The best integer score over the devices with room; -1 = there is none.
   *
   * @param before fragments without the pod, thousandths. @param left free milliCPU with the pod.
   */
  private scoreParts(account: DeviceAccount, before: number, left: number, { milli }: DeviceDemand): number {
    const { free, model } = account;
    const after = free.slice();
    this.device = -1;
    let best = -1;
    for (let device = 0; device < free.length; device++) {
      const room = free[device]!;
      // An earlier device with as much room has the same score.
      if (room < milli || free.indexOf(room) < device) continue;
      after[device] = room - milli;
      const score = this.scoreOf(model, before, left, after);
      after[device] = room;
      if (score <= best) continue;
      best = score;
      this.device = device;
    }
    return best;
  }

  /** @param free thousandths of each device with the pod. */
  private scoreOf(model: string, before: number, left: number, free: readonly number[]): number {
    const after = this.fragmentation.of(left, model, free);
    return Math.trunc(nodeScoreMax * (1 / (1 + Math.exp(-(before - after) / wholeDevice))));
  }

  private fragmentationOf({ index, generation }: NodeInfo, account: DeviceAccount, freeMilliCpu: number): number {
    if (generation >= 0 && this.generations[index] === generation) return this.before[index]!;
    const before = this.fragmentation.of(freeMilliCpu, account.model, account.free);
    this.before[index] = before;
    this.generations[index] = generation;
    return before;
  }
}

const none: readonly number[] = [];
const first = (): number => 0;

function isPart({ count, milli }: DeviceDemand): boolean {
  return count === 1 && milli < wholeDevice;
}

export const fragmentationGradientDescent = definePlugin({
  name: 'FragmentationGradientDescent',
  description: 'prefers the node and GPU on which the pod makes the fewest GPUs useless to others',
  create: (_args, handle) => new FragmentationGradientDescent(handle),
});
