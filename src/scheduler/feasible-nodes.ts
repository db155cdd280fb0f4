/** Which nodes are feasible for a class of pods, kept up to date from decision to decision: only changed nodes are looked at again. */
import type { Pod } from '../api/core-v1.ts';
import type { SchedulerCache } from './cache.ts';
import type { ClassMemory } from './framework/class-memory.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { NodeInfo } from './framework/node-info.ts';
import { NodeStatuses } from './framework/node-statuses.ts';
import type { Framework } from './framework/runtime.ts';
import type { Status } from './framework/status.ts';
import { Code, isRejected } from './framework/status.ts';

/** Feasible nodes of one class. It holds as long as every filter looks at one node's account only. */
export class FeasibleNodes {
  /** In canonical order. */
  readonly nodes: NodeInfo[] = [];
  private readonly cache: SchedulerCache;
  /** Refused nodes by plugin. */
  private readonly refusals = new Map<string, number>();
  /** By position in `list`; undefined = feasible. */
  private verdicts: (Status | undefined)[] = [];
  /** Whether `nodes` is not yet what the verdicts say. */
  private isStale = false;
  private list: readonly NodeInfo[] | undefined;
  private version = -1;
  private seen = 0;

  constructor(cache: SchedulerCache) {
    this.cache = cache;
  }

  /** Brings everything up to date; false = a filter failed on some node or waits for something, and nothing is known. */
  refresh(framework: Framework, state: CycleState, pod: Pod, memory: ClassMemory): boolean {
    const { cache } = this;
    const first = cache.recentChanges.length - (cache.revision - this.seen);
    const isKnown = this.list === cache.nodes && this.version === memory.version && first >= 0;
    this.list = undefined;
    if (!isKnown) this.startAnew();
    const nodes = isKnown ? cache.recentChanges : cache.nodes;
    for (let at = isKnown ? first : 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      // What is decided about one node changes it several times in a row.
      if (node === nodes[at + 1]) continue;
      const position = cache.positionOf(node);
      if (position < 0) continue;
      const verdict = framework.runFilter(state, pod, node);
      if (verdict !== undefined && !isPlainRefusal(verdict)) return false;
      if (isKnown) this.change(position, verdict);
      else this.enter(verdict);
    }
    if (this.isStale) this.collect();
    this.list = cache.nodes;
    this.version = memory.version;
    this.seen = cache.revision;
    return true;
  }

  /** Plugins that have refused a node. */
  refusingPlugins(): readonly string[] {
    return [...this.refusals].filter(([, count]) => count > 0).map(([plugin]) => plugin);
  }

  /** How many nodes a plugin has refused. */
  refusedBy(plugin: string): number {
    return this.refusals.get(plugin) ?? 0;
  }

  /** Every node that was refused, and the refusal. */
  statuses(): NodeStatuses {
    const statuses = new NodeStatuses();
    for (const [position, node] of this.cache.nodes.entries()) {
      const verdict = this.verdicts[position];
      if (verdict !== undefined) statuses.set(node, verdict);
    }
    return statuses;
  }

  private startAnew(): void {
    this.verdicts = [];
    this.refusals.clear();
    this.isStale = true;
  }

  private enter(verdict: Status | undefined): void {
    this.verdicts.push(verdict);
    if (verdict !== undefined) this.count(verdict.plugin, 1);
  }

  private change(position: number, verdict: Status | undefined): void {
    const before = this.verdicts[position];
    if (before === verdict) return;
    this.verdicts[position] = verdict;
    if (before?.plugin !== verdict?.plugin) {
      if (verdict !== undefined) this.count(verdict.plugin, 1);
      if (before !== undefined) this.count(before.plugin, -1);
    }
    if (before === undefined || verdict === undefined) this.isStale = true;
  }

  /** One pass over all nodes is cheaper than to put many of them in and out one by one. */
  private collect(): void {
    const { nodes: all } = this.cache;
    const { nodes, verdicts } = this;
    let count = 0;
    for (let position = 0; position < all.length; position++) {
      if (verdicts[position] === undefined) nodes[count++] = all[position]!;
    }
    nodes.length = count;
    this.isStale = false;
  }

  private count(plugin: string, by: 1 | -1): void {
    this.refusals.set(plugin, (this.refusals.get(plugin) ?? 0) + by);
  }
}

function isPlainRefusal(verdict: Status): boolean {
  return isRejected(verdict) && verdict.code !== Code.pending;
}
