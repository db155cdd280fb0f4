/** Why each node was refused in one cycle: an array by node index and one status for all the others. */
import type { RefusalCount } from '../../record/facts.ts';
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
  /** Refusals by plugin but for the present run of equal statuses, which is counted without a look into the map. */
  private refusals: Map<string, number> | undefined;
  private lastStatus: Status | undefined;
  private lastCount = 0;

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
    if (status !== this.lastStatus) this.startRun(status);
    this.lastCount++;
  }

  /** How many entries came from this plugin; one that was set twice counts twice. */
  refusedBy(plugin: string): number {
    const ended = this.refusals?.get(plugin) ?? 0;
    return this.lastStatus?.plugin === plugin ? ended + this.lastCount : ended;
  }

  private startRun(status: Status): void {
    if (this.lastStatus !== undefined) {
      const { plugin } = this.lastStatus;
      this.refusals ??= new Map();
      this.refusals.set(plugin, (this.refusals.get(plugin) ?? 0) + this.lastCount);
    }
    this.lastStatus = status;
    this.lastCount = 0;
  }

  /** Nodes of the list whose status, own or absent, has this code; in the order of the list. */
  nodesWithCode(nodes: readonly NodeInfo[], code: Code): NodeInfo[] {
    return nodes.filter((node) => this.get(node).code === code);
  }

  /** Count of nodes per reason. A node with two reasons counts in both; absent nodes count with the absent status. */
  countReasons(nodes: readonly NodeInfo[]): ReadonlyMap<string, number> {
    const byReason = new Map<string, number>();
    for (const [{ reasons }, count] of this.countStatuses(nodes)) {
      for (const reason of reasons) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
    }
    return byReason;
  }

  /** Count of nodes per plugin and reason, in order of both; the plugin is empty where several said it together. */
  refusalCounts(nodes: readonly NodeInfo[]): readonly RefusalCount[] {
    const counts = new Map<string, { plugin: string; reason: string; nodes: number }>();
    for (const [{ plugin, reasons }, count] of this.countStatuses(nodes)) {
      for (const reason of reasons) {
        const key = `${plugin}\n${reason}`;
        const entry = counts.get(key);
        if (entry === undefined) counts.set(key, { plugin, reason, nodes: count });
        else entry.nodes += count;
      }
    }
    return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }

  private countStatuses(nodes: readonly NodeInfo[]): ReadonlyMap<Status, number> {
    const counts = new Map<Status, number>();
    for (const node of nodes) {
      const status = this.get(node);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    return counts;
  }
}
