import TinyQueue from 'tinyqueue';
import type { QueuedPodInfo } from './framework/queued-pod-info.ts';

/**
 * A heap of waiting pods. An entry taken out of the middle stays inside as a dead one until it comes to the top, so
 * whoever removes an entry must not change it afterwards (`QueuedPodInfo.copy` makes one that may be).
 */
export class PodHeap {
  private readonly heap: TinyQueue<QueuedPodInfo>;
  private readonly members = new Set<QueuedPodInfo>();

  /** `less` may leave ties; the sequence of arrival breaks them. */
  constructor(less: (a: QueuedPodInfo, b: QueuedPodInfo) => boolean) {
    this.heap = new TinyQueue<QueuedPodInfo>([], (a, b) => {
      if (less(a, b)) return -1;
      return less(b, a) ? 1 : a.sequence - b.sequence;
    });
  }

  get size(): number {
    return this.members.size;
  }

  push(info: QueuedPodInfo): void {
    this.members.add(info);
    this.heap.push(info);
  }

  peek(): QueuedPodInfo | undefined {
    let top = this.heap.peek();
    while (top !== undefined && !this.members.has(top)) {
      this.heap.pop();
      top = this.heap.peek();
    }
    return top;
  }

  pop(): QueuedPodInfo | undefined {
    const top = this.peek();
    if (top === undefined) return undefined;
    this.heap.pop();
    this.members.delete(top);
    return top;
  }

  remove(info: QueuedPodInfo): void {
    this.members.delete(info);
  }

  /** In no useful order. */
  values(): Iterable<QueuedPodInfo> {
    return this.members;
  }
}
