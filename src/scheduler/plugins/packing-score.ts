/** What BestFit and DotProduct have in common: the requests of the pod at hand, and that they look at one node only. */
import type { Pod } from '../../api/core-v1.ts';
import type { DeviceDemand } from '../devices/device-kind.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import type { Handle } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { PackedResources } from './packed-resources.ts';
import type { PackedRequest, PackingArgs } from './packed-resources.ts';

class PackingState implements StateValue {
  readonly requests: readonly PackedRequest[];

  constructor(requests: readonly PackedRequest[]) {
    this.requests = requests;
  }

  clone(): PackingState {
    return this;
  }
}

/** A score that is a sum over resources. */
export abstract class PackingScore {
  abstract readonly name: string;
  readonly isNodeLocal = true;
  private readonly resources: PackedResources;
  private readonly key = cycleStateKey<PackingState>('PreScorePacking');

  constructor(args: PackingArgs, handle: Handle) {
    this.resources = new PackedResources(args, handle);
  }

  classOf(pod: Pod): DeviceDemand | undefined {
    return this.resources.accounts.demands.of(pod);
  }

  preScore(state: CycleState, pod: Pod): undefined {
    state.write(this.key, new PackingState(this.resources.requestsOf(pod)));
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    return this.scoreOf(state.read(this.key)!.requests, node);
  }

  /** An integer. */
  protected abstract scoreOf(requests: readonly PackedRequest[], node: NodeInfo): number;
}
