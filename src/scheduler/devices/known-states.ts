/** States of nodes that are remembered at most, some 200 bytes each; then all are forgotten. */
const statesMax = 65_536;

/** Chains of states; a power of two. */
const chainCount = 16_384;

interface KnownState {
  readonly rank: number;
  readonly model: string;
  readonly free: readonly number[];
  readonly value: number;
  readonly next: KnownState | undefined;
}

/**
 * A number for each state of a node that was met: how its cpu ranks, the model of its devices, and what is free of each. In a cluster of many
 * nodes the same states come again and again, on this node and on others.
 */
export class KnownStates {
  private readonly chains = new Array<KnownState | undefined>(chainCount).fill(undefined);
  private count = 0;

  /** Undefined = this state was not met. */
  get(rank: number, model: string, free: ArrayLike<number>): number | undefined {
    let state = this.chains[chainOf(rank, free)];
    while (state !== undefined) {
      if (state.rank === rank && state.model === model && isEqual(state.free, free)) return state.value;
      state = state.next;
    }
    return undefined;
  }

  /** For a state that was not met. */
  set(rank: number, model: string, free: ArrayLike<number>, value: number): void {
    if (this.count === statesMax) {
      this.chains.fill(undefined);
      this.count = 0;
    }
    const chain = chainOf(rank, free);
    this.chains[chain] = { rank, model, free: Array.from(free), value, next: this.chains[chain] };
    this.count++;
  }
}

/** Mixes by the golden ratio (Knuth, The Art of Computer Programming, volume 3, section 6.4). */
function chainOf(rank: number, free: ArrayLike<number>): number {
  let mixed = rank;
  for (let device = 0; device < free.length; device++) {
    mixed = Math.imul(mixed ^ free[device]!, 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed & (chainCount - 1);
}

function isEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
