/** Which nodes are feasible for a class of pods, kept up to date from decision to decision: only changed nodes are looked at again. */
import type { Pod } from '../api/core-v1.ts';
import type { SchedulerCache } from './cache.ts';
import type { ClassMemory } from './framework/class-memory.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { Framework } from './framework/runtime.ts';
import type { Status } from './framework/status.ts';
import { isRejected } from './framework/status.ts';

/** Feasible nodes of one class. It holds as long as every filter looks at one node's account only. */
export class FeasibleNodes {
  /** In canonical order. */
  readonly nodes: NodeInfo[] = [];
  private readonly cache: SchedulerCache;
  /** Refused nodes by plugin. */
  private readonly refusals = new Map<string, number>();
  /** By position in `list`; undefined = feasible. */
  private verdicts: (Status | undefined)[] = [];
  private list: readonly NodeInfo[] | undefined;
  private version = -1;
  private seen = 0;

  constructor(cache: SchedulerCache) {
    this.cache = cache;
  }

  /** Brings everything up to date; false = a filter failed on some node, and nothing is known. */
  refresh(framework: Framework, state: CycleState, pod: Pod, memory: ClassMemory): boolean {
    const { cache } = this;
    const first = cache.recentChanges.length - (cache.revision - this.seen);
    const isKnown = this.list === cache.nodes && this.version === memory.version && first >= 0;
    this.list = undefined;
    if (!isKnown) this.startAnew();
    const nodes = isKnown ? cache.recentChanges : cache.nodes;
    for (let at = isKnown ? first : 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      const position = cache.positionOf(node);
      if (position < 0) continue;
      const verdict = framework.runFilter(state, pod, node);
      if (verdict !== undefined && !isRejected(verdict)) return false;
      if (isKnown) this.change(node, position, verdict);
      else this.enter(node, verdict);
    }
    this.list = cache.nodes;
    this.version = memory.version;
    this.seen = cache.revision;
    return true;
  }

  /** The refusal of a node of the list; undefined = it is feasible. */
  verdictAt(position: number): Status | undefined {
    return this.verdicts[position];
  }

  /** How many nodes a plugin has refused. */
  refusedBy(plugin: string): number {
    return this.refusals.get(plugin) ?? 0;
  }

  private startAnew(): void {
    this.nodes.length = 0;
    this.verdicts = [];
    this.refusals.clear();
  }

  private enter(node: NodeInfo, verdict: Status | undefined): void {
    this.verdicts.push(verdict);
    if (verdict === undefined) this.nodes.push(node);
    else this.count(verdict.plugin, 1);
  }

  private change(node: NodeInfo, position: number, verdict: Status | undefined): void {
    const before = this.verdicts[position];
    if (before === verdict) return;
    this.verdicts[position] = verdict;
    if (before?.plugin !== verdict?.plugin) {
      if (verdict !== undefined) this.count(verdict.plugin, 1);
      if (before !== undefined) this.count(before.plugin, -1);
    }
    if (before === undefined) this.nodes.splice(this.placeOf(position), 1);
    else if (verdict === undefined) this.nodes.splice(this.placeOf(position), 0, node);
  }

  private count(plugin: string, by: 1 | -1): void {
    this.refusals.set(plugin, (this.refusals.get(plugin) ?? 0) + by);
  }

  /** Index of the first feasible node at this position or behind it. */
  private placeOf(position: number): number {
    let low = 0;
    let high = this.nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.cache.positionOf(this.nodes[middle]!) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
