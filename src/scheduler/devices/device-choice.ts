/** Which of a node's devices a pod gets. */
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { DeviceAccount } from './device-accounts.ts';
import type { DeviceDemand } from './device-kind.ts';
import { wholeDevice } from './device-kind.ts';

/**
 * For a part of a device: `best` = the one with least room that is enough, `worst` = that with most, `random` = any with room, `score`
 * = the one for which the score plugin gave its score. Ties go to the lowest number. Whole devices: always the lowest numbers.
 */
export const devicePolicies = ['best', 'worst', 'random', 'score'] as const;

/** One of `devicePolicies`. */
export type DevicePolicy = (typeof devicePolicies)[number];

/** What a score plugin leaves in the state of the cycle so that Reserve gives the device that it has scored. */
export interface DeviceChooser extends StateValue {
  /** Number of the device; undefined = it has no opinion. */
  choose(node: NodeInfo, demand: DeviceDemand): number | undefined;
}

/** Where Reserve looks for it. */
export const deviceChooserKey = cycleStateKey<DeviceChooser>('DeviceChooser');

/** Numbers of the devices with room for the demand's part of one, ascending. */
export function roomyDevices({ free }: DeviceAccount, { milli }: DeviceDemand): number[] {
  const indices: number[] = [];
  for (let at = 0; at < free.length; at++) if (free[at]! >= milli) indices.push(at);
  return indices;
}

/**
 * The devices for a demand by a policy other than `score`, ascending; undefined = there are not enough.
 *
 * @param below draws an integer in 0..n-1, for `random`.
 */
export function chooseDevices(
  account: DeviceAccount,
  demand: DeviceDemand,
  policy: Exclude<DevicePolicy, 'score'>,
  below: (n: number) => number,
): readonly number[] | undefined {
  const roomy = roomyDevices(account, demand);
  if (roomy.length < demand.count) return undefined;
  if (demand.milli === wholeDevice) return roomy.slice(0, demand.count);
  if (policy === 'random') return drawn(roomy, demand.count, below);
  const sign = policy === 'best' ? 1 : -1;
  const { free } = account;
  const sorted = roomy.sort((a, b) => sign * (free[a]! - free[b]!) || a - b);
  return sorted.slice(0, demand.count).sort((a, b) => a - b);
}

function drawn(from: number[], count: number, below: (n: number) => number): readonly number[] {
  const indices: number[] = [];
  while (indices.length < count) indices.push(...from.splice(below(from.length), 1));
  return indices.sort((a, b) => a - b);
}
