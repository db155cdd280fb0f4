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
  /** By node: fragments, thousandths as measured. */
  private readonly fragments: number[] = [];
  /** By node and class: thousandths as measured. */
  private readonly parts: number[] = [];

  constructor(pods: readonly TypicalPod[]) {
    this.fragmentation = new DeviceFragmentation(pods);
  }

  /** A node as it is now. Nodes are numbered densely; one that is gone has no devices. */
  set(node: number, freeMilliCpu: number, { model, free }: DeviceAccount): void {
    const { fragmentation, parts, millionths } = this;
    this.fragments[node] = fragmentation.measure(freeMilliCpu, model, free);
    const first = node * classCount;
    for (let at = 0; at < classCount; at++) {
      const part = fragmentation.parts[at]!;
      millionths[at]! += millionthsOf(part) - millionthsOf(parts[first + at] ?? 0);
      parts[first + at] = part;
    }
  }

  /** Thousandths that are fragments: the unrounded sum in the order of the nodes. */
  fragmentMilli(): number {
    const { fragments } = this;
    let sum = 0;
    for (let node = 0; node < fragments.length; node++) sum += fragments[node]!;
    return sum;
  }
}

function millionthsOf(milli: number): number {
  return Math.round(milli * 1000);
}
