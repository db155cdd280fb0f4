/** What a kubelet hears of its pods while its sync loop stands still. */
import type { Pod } from '../api/core-v1.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodWorker } from './pod-worker.ts';

/** One change; `worker` is that of a pod that the kubelet knew when it heard of it. */
export interface HeldChange {
  readonly pod: Pod;
  readonly worker: PodWorker | undefined;
}

interface HeldNode {
  readonly changes: HeldChange[];
  /** The kubelet has to list its pods anew. */
  relists: boolean;
}

/** Changes in the order in which they were heard; only of nodes whose loop stands still. */
export class HeldChanges {
  private readonly nodes = new Map<NodeMachine, HeldNode>();

  hold(node: NodeMachine, change: HeldChange): void {
    this.of(node).changes.push(change);
  }

  /** The kubelet could not be reached meanwhile. */
  relistLater(node: NodeMachine): void {
    this.of(node).relists = true;
  }

  /** Whether the kubelet lists its pods once its loop goes on; asked once. */
  takeRelist(node: NodeMachine): boolean {
    return this.nodes.get(node)?.relists === true && this.nodes.delete(node);
  }

  /** The oldest change that has not been looked at. */
  next(node: NodeMachine): HeldChange | undefined {
    const change = this.nodes.get(node)?.changes.shift();
    if (change === undefined) this.nodes.delete(node);
    return change;
  }

  forget(node: NodeMachine): void {
    this.nodes.delete(node);
  }

  private of(node: NodeMachine): HeldNode {
    let held = this.nodes.get(node);
    if (held === undefined) this.nodes.set(node, (held = { changes: [], relists: false }));
    return held;
  }
}
