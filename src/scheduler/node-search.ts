/** One search for feasible nodes, and what it ends with (upstream `pkg/scheduler/schedule_one.go`, findNodesThatPassFilters). */
import type { Pod } from '../api/core-v1.ts';
import type { FeasibleNodes } from './feasible-nodes.ts';
import type { ClassMemory } from './framework/class-memory.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { CountedCycle } from './framework/evaluation-counts.ts';
import type { Diagnosis } from './framework/fit-error.ts';
import type { NodeInfo } from './framework/node-info.ts';
import { NodeStatuses } from './framework/node-statuses.ts';
import type { Framework } from './framework/runtime.ts';
import type { Status } from './framework/status.ts';
import { Code, isRejected } from './framework/status.ts';

interface CycleFigures {
  readonly state: CycleState;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
}

/** A node, or why there is none. */
export type ScheduleResult = CycleFigures &
  (
    | {
        readonly type: 'node';
        readonly node: NodeInfo;
        /** Total score; 0 where only one node was feasible. */
        readonly score: number;
        readonly ties: number;
      }
    | { readonly type: 'unschedulable'; readonly diagnosis: Diagnosis }
    | { readonly type: 'no-nodes' }
    | { readonly type: 'error'; readonly status: Status }
  );

const noPlugins: ReadonlySet<string> = new Set();

/** What one search over the nodes has found so far. */
export class NodeSearch implements Diagnosis {
  readonly framework: Framework;
  readonly state: CycleState;
  pendingPlugins = noPlugins;
  preFilterMessage = '';
  feasibleCount = 0;
  /** Set when a feasible node was met after enough had been found. */
  isFull = false;
  failure: Status | undefined = undefined;
  evaluatedNodes = 0;
  scoredNodes = 0;
  preFilterEndedBy: string | undefined = undefined;
  readonly pod: Pod;
  /** The first `feasibleCount` belong to this search; what follows is left over. */
  private readonly feasible: NodeInfo[];
  /** In place of `feasible` and `statuses`, where it was known before. */
  known: FeasibleNodes | undefined = undefined;
  private ownStatuses: NodeStatuses | undefined = undefined;
  private lastBlamed: Status | undefined = undefined;
  private blamedPlugins = noPlugins;

  constructor(framework: Framework, state: CycleState, pod: Pod, feasible: NodeInfo[]) {
    this.framework = framework;
    this.state = state;
    this.pod = pod;
    this.feasible = feasible;
  }

  counts(): CountedCycle {
    const { skipFilterPlugins, skipScorePlugins } = this.state;
    const { preFilterEndedBy, evaluatedNodes, scoredNodes } = this;
    const statuses = this.known ?? this.nodeStatuses;
    return { skipFilterPlugins, skipScorePlugins, preFilterEndedBy, evaluatedNodes, scoredNodes, statuses };
  }

  /** Of nodes that were known before they are made when they are asked for, which must be before the next search. */
  get nodeStatuses(): NodeStatuses {
    return (this.ownStatuses ??= this.known?.statuses() ?? new NodeStatuses());
  }

  get unschedulablePlugins(): ReadonlySet<string> {
    return this.known === undefined ? this.blamedPlugins : new Set(this.known.refusingPlugins());
  }

  /** In the order in which they were evaluated. The array is the next search's as well. */
  feasibleNodes(): readonly NodeInfo[] {
    if (this.known !== undefined) return this.known.nodes;
    if (this.feasible.length !== this.feasibleCount) this.feasible.length = this.feasibleCount;
    return this.feasible;
  }

  /** Feasible and rejected nodes that were kept. */
  get recordedCount(): number {
    return this.feasibleCount + this.nodeStatuses.size;
  }

  /** Filters nodes in a circle from `start` on, until enough are feasible or something fails. */
  evaluateAll(nodes: readonly NodeInfo[], start: number, wanted: number): void {
    let at = start;
    for (let rest = nodes.length; rest > 0 && this.failure === undefined && !this.isFull; rest--) {
      this.evaluate(nodes[at]!, wanted);
      at = at + 1 === nodes.length ? 0 : at + 1;
    }
  }

  /** Takes over what is known, up to date; false = nothing is. */
  take(known: FeasibleNodes, nodes: readonly NodeInfo[], memory: ClassMemory): boolean {
    if (!known.refresh(this.framework, this.state, this.pod, memory)) return false;
    this.known = known;
    this.ownStatuses = undefined;
    this.evaluatedNodes += nodes.length;
    this.feasibleCount = known.count;
    return true;
  }

  /** Filters one node. A feasible one beyond `wanted` is dropped and says that there are enough. */
  evaluate(node: NodeInfo, wanted = 1): void {
    this.evaluatedNodes++;
    const status = this.framework.runFilterPluginsWithNominatedPods(this.state, this.pod, node);
    if (status === undefined || status.code === Code.success) {
      if (this.feasibleCount >= wanted) this.isFull = true;
      else this.feasible[this.feasibleCount++] = node;
    } else if (isRejected(status)) {
      this.refuse(node, status!);
    } else {
      this.failure = status;
    }
  }

  private refuse(node: NodeInfo, status: Status): void {
    this.nodeStatuses.set(node, status);
    if (status !== this.lastBlamed) this.blame(status);
    this.lastBlamed = status;
  }

  blame({ code, plugin }: Status): void {
    const isPending = code === Code.pending;
    const known = isPending ? this.pendingPlugins : this.blamedPlugins;
    if (plugin === '' || known.has(plugin)) return;
    if (isPending) this.pendingPlugins = new Set([...known, plugin]);
    else this.blamedPlugins = new Set([...known, plugin]);
  }

  chosen(node: NodeInfo, score: number, ties: number): ScheduleResult {
    return { type: 'node', node, score, ties, ...this.figures() };
  }

  error(status: Status): ScheduleResult {
    return { type: 'error', status, ...this.figures() };
  }

  unschedulable(narrowingPlugins: readonly string[], preFilterMessage: string): ScheduleResult {
    if (narrowingPlugins.length > 0) this.blamedPlugins = new Set([...narrowingPlugins, ...this.blamedPlugins]);
    this.preFilterMessage = preFilterMessage;
    return { type: 'unschedulable', diagnosis: this, ...this.figures() };
  }

  private figures(): CycleFigures {
    return { state: this.state, evaluatedNodes: this.evaluatedNodes, feasibleNodes: this.feasibleCount };
  }
}
