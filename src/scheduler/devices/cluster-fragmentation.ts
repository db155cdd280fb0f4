import type { DeviceAccount } from './device-accounts.ts';
import { DeviceFragmentation, fragmentClasses } from './fragmentation.ts';
import type { TypicalPod } from './typical-pods.ts';

const classCount = fragmentClasses.length;

/** Fragmentation of all nodes of a cluster against one list of typical pods: what becomes of a node measures that node only. */
export class ClusterFragmentation {
  /**
   * Per class, in the order of `fragmentClasses`: millionths of a device over all nodes. Each node's part is rounded to a whole
   * number first, so that the sums are exact however often nodes change.
   */
  readonly millionths = new Float64Array(classCount);
  private readonly fragmentation: DeviceFragmentation;
  /** By node: fragments, thousandths as measured; and the sum of those of the nodes up to this one. */
  private readonly fragments: number[] = [];
  private readonly sums: number[] = [];
  /** Nodes at the front whose sums hold. */
  private summed = 0;
  /** By node and class: thousandths as measured. */
  private readonly parts: number[] = [];

  constructor(pods: readonly TypicalPod[]) {
    this.fragmentation = new DeviceFragmentation(pods);
  }

  /** A node as it is now. Nodes are numbered densely; one that is gone has no devices. */
  set(node: number, freeMilliCpu: number, { model, free }: DeviceAccount): void {
    const { fragmentation, parts, millionths } = this;
    this.fragments[node] = fragmentation.measure(freeMilliCpu, model, free);
    this.summed = Math.min(this.summed, node);
    const first = node * classCount;
    for (let at = 0; at < classCount; at++) {
      const part = fragmentation.parts[at]!;
      millionths[at]! += millionthsOf(part) - millionthsOf(parts[first + at] ?? 0);
      parts[first + at] = part;
    }
  }

  /** Thousandths that are fragments: the unrounded sum in the order of the nodes. */
  fragmentMilli(): number {
    const { fragments, sums } = this;
    let sum = this.summed === 0 ? 0 : sums[this.summed - 1]!;
    for (let node = this.summed; node < fragments.length; node++) sums[node] = sum += fragments[node]!;
    this.summed = fragments.length;
    return sum;
  }
}

function millionthsOf(milli: number): number {
  return Math.round(milli * 1000);
}
