/** Why each node was refused in one cycle: an array by node index and one status for all the others. */
import type { NodeInfo } from './node-info.ts';
import type { Code, Status } from './status.ts';
import { unresolvable } from './status.ts';

/** What upstream assumes of a node that no filter has looked at. */
const unknownStatus = Object.freeze(unresolvable());

/** Upstream NodeToStatus. Holds references to shared statuses: nothing is made per node. */
export class NodeStatuses {
  /** Status of every node without an entry (upstream AbsentNodesStatus). */
  absentStatus: Status = unknownStatus;
  private readonly byIndex: (Status | undefined)[] = [];
  private entryCount = 0;

  /** Number of nodes with an entry of their own. */
  get size(): number {
    return this.entryCount;
  }

  /** The node's own status, or the absent one. */
  get(node: NodeInfo): Status {
    return this.byIndex[node.index] ?? this.absentStatus;
  }

  /** The node's own status; undefined where only the absent one holds. */
  own(node: NodeInfo): Status | undefined {
    return this.byIndex[node.index];
  }

  set(node: NodeInfo, status: Status): void {
    if (this.byIndex[node.index] === undefined) this.entryCount++;
    this.byIndex[node.index] = status;
  }

  /** Nodes of the list whose status, own or absent, has this code; in the order of the list. */
  nodesWithCode(nodes: readonly NodeInfo[], code: Code): NodeInfo[] {
    return nodes.filter((node) => this.get(node).code === code);
  }

  /** Count of nodes per reason. A node with two reasons counts in both; absent nodes count with the absent status. */
  countReasons(nodes: readonly NodeInfo[]): ReadonlyMap<string, number> {
    const byStatus = new Map<Status, number>();
    for (const node of nodes) {
      const status = this.get(node);
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    }
    const byReason = new Map<string, number>();
    for (const [{ reasons }, count] of byStatus) {
      for (const reason of reasons) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
    }
    return byReason;
  }
}
