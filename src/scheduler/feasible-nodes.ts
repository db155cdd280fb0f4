/**
 * Which nodes are feasible for a class of pods and how they score, kept up to date from decision to decision: only changed nodes are
 * looked at again.
 */
import type { Pod } from '../api/core-v1.ts';
import { BestTotals } from './best-totals.ts';
import type { SchedulerCache } from './cache.ts';
import type { ClassMemory } from './framework/class-memory.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { NodeInfo } from './framework/node-info.ts';
import { NodeStatuses } from './framework/node-statuses.ts';
import type { Framework } from './framework/runtime.ts';
import { Code, Status, isRejected } from './framework/status.ts';

/** Feasible nodes of one class. It holds as long as every filter looks at one node's account only. */
export class FeasibleNodes {
  /** The best of them, after `findBest`. */
  readonly best = new BestTotals();
  private feasibleCount = 0;
  private readonly cache: SchedulerCache;
  /** Refused nodes by plugin. */
  private readonly refusals = new Map<string, number>();
  /** By position in `list`; undefined = feasible. */
  private verdicts: (Status | undefined)[] = [];
  private readonly collected: NodeInfo[] = [];
  /** Whether `collected` is not yet what the verdicts say. */
  private isStale = false;
  private list: readonly NodeInfo[] | undefined;
  private version = -1;
  private seen = 0;

  constructor(cache: SchedulerCache) {
    this.cache = cache;
  }

  get count(): number {
    return this.feasibleCount;
  }

  /** In canonical order. */
  get nodes(): readonly NodeInfo[] {
    if (this.isStale) this.collect();
    return this.collected;
  }

  /** Brings everything up to date; false = a filter failed on some node or waits for something, and nothing is known. */
  refresh(framework: Framework, state: CycleState, pod: Pod, memory: ClassMemory): boolean {
    const { cache } = this;
    const isKnown = this.list === cache.nodes && this.version === memory.version;
    this.list = undefined;
    if (!isKnown) this.startAnew(memory);
    const isWhole = isKnown ? this.lookAtChanged(framework, state, pod) : this.lookAtAll(framework, state, pod);
    if (!isWhole) return false;
    this.list = cache.nodes;
    this.version = memory.version;
    this.seen = cache.revision;
    return true;
  }

  /**
   * Finds the best nodes where scores are plain (`Framework.hasPlainScores`), and scores those that have changed; a status where
   * something went wrong.
   */
  findBest(framework: Framework, state: CycleState, pod: Pod): Status | undefined {
    const { best, cache } = this;
    for (let position = best.nextUnscored(); position >= 0; position = best.nextUnscored()) {
      const total = framework.totalOf(state, pod, cache.nodes[position]!);
      if (total instanceof Status) return total;
      best.score(position, total);
    }
    best.settle();
    return undefined;
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

  private startAnew(memory: ClassMemory): void {
    const { length } = this.cache.nodes;
    memory.reserve(length);
    this.verdicts = new Array<Status | undefined>(length).fill(undefined);
    this.best.startAnew(this.cache.nameOrder);
    this.feasibleCount = length;
    this.refusals.clear();
    this.isStale = true;
  }

  private lookAtAll(framework: Framework, state: CycleState, pod: Pod): boolean {
    const { nodes } = this.cache;
    for (let position = 0; position < nodes.length; position++) {
      if (!this.lookAt(position, framework.askFilters(state, pod, nodes[position]!))) return false;
    }
    return true;
  }

  private lookAtChanged(framework: Framework, state: CycleState, pod: Pod): boolean {
    const { cache, seen } = this;
    const { changes } = cache;
    for (let node = changes.newest; node !== undefined && node.generation > seen; node = changes.before(node)) {
      const position = cache.positionOf(node);
      if (position >= 0 && !this.lookAt(position, framework.askFilters(state, pod, node))) return false;
    }
    return true;
  }

  /** Notes what is said of a node; false = that is neither yes nor no. */
  private lookAt(position: number, verdict: Status | undefined): boolean {
    if (verdict !== undefined && !isPlainRefusal(verdict)) return false;
    this.best.change(position, verdict === undefined);
    const before = this.verdicts[position];
    if (before === verdict) return true;
    this.verdicts[position] = verdict;
    if (before?.plugin !== verdict?.plugin) {
      if (verdict !== undefined) this.countRefusal(verdict.plugin, 1);
      if (before !== undefined) this.countRefusal(before.plugin, -1);
    }
    if (before === undefined || verdict === undefined) {
      this.feasibleCount += verdict === undefined ? 1 : -1;
      this.isStale = true;
    }
    return true;
  }

  /** One pass over all nodes is cheaper than to put many of them in and out one by one. */
  private collect(): void {
    const { nodes: all } = this.cache;
    const { collected, verdicts } = this;
    let count = 0;
    for (let position = 0; position < all.length; position++) {
      if (verdicts[position] === undefined) collected[count++] = all[position]!;
    }
    collected.length = count;
    this.isStale = false;
  }

  private countRefusal(plugin: string, by: 1 | -1): void {
    this.refusals.set(plugin, (this.refusals.get(plugin) ?? 0) + by);
  }
}

function isPlainRefusal(verdict: Status): boolean {
  return isRejected(verdict) && verdict.code !== Code.pending;
}
