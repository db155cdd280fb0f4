/**
 * The order in which pods of a trace are offered, as in the experiments of Weng et al. (USENIX ATC 2023): the pods sorted by name and shuffled;
 * copies of drawn pods behind them, or drawn pods left out, until they ask for a wanted share of the cluster's devices; and a rank
 * for each node, by which ties are broken. All from one generator of Go, draw by draw as the authors' program does.
 */
import { GoRandom } from './go-random.ts';

/** How pods are put in order. */
export interface OrderOptions {
  /** Whether they are shuffled; else they come by name. */
  readonly shuffle: boolean;
  /** Devices that all pods together ask for, as a share of what the nodes have; undefined = as many pods as there are. */
  readonly tuneRatio: number | undefined;
}

/** What a pod weighs. */
export interface OrderedPod {
  readonly name: string;
  /** Thousandths on each device. */
  readonly milli: number;
  readonly count: number;
}

/** One offer. */
export interface Offer<T> {
  readonly name: string;
  readonly pod: T;
}

/** Draws that other parts of the authors' program take: one before the shuffle, ten before the ranks. */
const drawsBeforeShuffle = 1;
const drawsBeforeRanks = 10;

/** The offers in their order, and the rank of each node. */
export interface ArrivalOrder<T> {
  readonly offers: readonly Offer<T>[];
  /** By position of the node by name: its rank from 0. */
  readonly ranks: Int32Array;
}

/**
 * @param pods sorted by name.
 * @param nodeCount number of nodes. @param capacityMilli thousandths of all their devices.
 */
export function arrivalOrder<T extends OrderedPod>(
  pods: readonly T[],
  options: OrderOptions,
  seed: number,
  { nodeCount, capacityMilli }: { readonly nodeCount: number; readonly capacityMilli: number },
): ArrivalOrder<T> {
  const random = new GoRandom(seed);
  for (let at = 0; at < drawsBeforeShuffle; at++) random.int31();
  const shuffled = [...pods];
  if (options.shuffle) random.shuffle(shuffled);
  const offers = shuffled.map((pod) => ({ name: pod.name, pod }));
  if (options.tuneRatio !== undefined) tune(offers, pods, options.tuneRatio * capacityMilli, random);
  for (let at = 0; at < drawsBeforeRanks; at++) random.int31();
  return { offers, ranks: random.perm(nodeCount) };
}

/**
 * Adds copies, or takes offers away. The copies come in the order of drawing behind all others. Whether one more would be too much is judged
 * by its thousandths on one device, whatever the number of its devices.
 */
function tune<T extends OrderedPod>(offers: Offer<T>[], pods: readonly T[], wanted: number, random: GoRandom): void {
  let total = pods.reduce((sum, { count, milli }) => sum + count * milli, 0);
  if (total < wanted) {
    for (let copies = 0; ; copies++) {
      const pod = pods[random.intn(pods.length)]!;
      if (total + pod.milli > wanted) return;
      total += pod.count * pod.milli;
      offers.push({ name: `${pod.name}-tuned-${copies}`, pod });
    }
  }
  while (total > wanted) {
    const [removed] = offers.splice(random.intn(offers.length), 1);
    total -= removed!.pod.count * removed!.pod.milli;
  }
}
