import type { NodeInfo } from './framework/node-info.ts';

/**
 * Nodes by their last change, the newest first (upstream's list of `nodeInfoListItem`): whoever has seen everything up to some
 * generation walks from the front to the first node that is not younger, and meets each changed node once.
 */
export class ChangeOrder {
  private first: NodeInfo | undefined = undefined;
  /** Neighbours by node index. */
  private readonly newer: (NodeInfo | undefined)[] = [];
  private readonly older: (NodeInfo | undefined)[] = [];

  /** The node that changed last. */
  get newest(): NodeInfo | undefined {
    return this.first;
  }

  /** The node whose last change came just before that of this one. */
  before(node: NodeInfo): NodeInfo | undefined {
    return this.older[node.index];
  }

  /** The node has changed. */
  touch(node: NodeInfo): void {
    const { first } = this;
    if (node === first) return;
    this.drop(node);
    this.older[node.index] = first;
    if (first !== undefined) this.newer[first.index] = node;
    this.first = node;
  }

  /** The node is gone; its index may be given to another one. */
  drop(node: NodeInfo): void {
    const { index } = node;
    const newer = this.newer[index];
    const older = this.older[index];
    if (newer !== undefined) this.older[newer.index] = older;
    else if (this.first === node) this.first = older;
    if (older !== undefined) this.newer[older.index] = newer;
    this.newer[index] = undefined;
    this.older[index] = undefined;
  }
}
