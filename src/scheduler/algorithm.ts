/** From a pod to a node (upstream `ps/schedule_one.go` schedulePod). Reads the cache, changes nothing but its own place in the rotation. */
import type { Pod } from '../api/core-v1.ts';
import type { RandomStream } from '../engine/random.ts';
import { assert, assertNever } from '../util/assert.ts';
import type { SchedulerCache } from './cache.ts';
import type { ClassMemory } from './framework/class-memory.ts';
import type { Diagnosis } from './framework/fit-error.ts';
import { CycleState } from './framework/cycle-state.ts';
import type { CountedCycle } from './framework/evaluation-counts.ts';
import type { NodeInfo } from './framework/node-info.ts';
import { NodeStatuses } from './framework/node-statuses.ts';
import type { Framework } from './framework/runtime.ts';
import { FeasibleNodes } from './feasible-nodes.ts';
import { outsideNarrowedNodes } from './framework/run-pre-filter.ts';
import type { PreFilterOutcome } from './framework/run-pre-filter.ts';
import type { NodeScores } from './framework/run-score.ts';
import { Code, Status, isRejected } from './framework/status.ts';

/**
 * How a tie among the best nodes is broken. Upstream's choice hangs on a race of its 16 workers; here it is explicit.
 * `uniform`: one draw per decision, the k-th of the tied nodes in canonical order; `lowest-name`; `first`: the first that
 * was evaluated; `heap`: what upstream 1.37 takes when nobody races, its heap over the nodes in order of evaluation.
 */
export const tieBreaks = ['uniform', 'lowest-name', 'first', 'heap'] as const;

/** One of `tieBreaks`. */
export type TieBreak = (typeof tieBreaks)[number];

/** What holds for every decision. */
export interface AlgorithmOptions {
  readonly tieBreak: TieBreak;
  /** Which draws `uniform` makes: another salt, other draws, and nothing else differs. Default 0. */
  readonly tieSalt?: number;
  /** 0..100; 0 = adaptive. */
  readonly percentageOfNodesToScore: number;
}

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

/** Below this many nodes all are looked at, and never fewer feasible ones are wanted. */
const feasibleNodesMin = 100;
const percentageMin = 5;

/** Looks on while a decision is taken and must change nothing. What it is given holds until the call returns. */
export interface SearchObserver {
  /** A search through `nodes` begins, in a circle from `start` on; it ends when `wanted` of them have passed and one more does. */
  searching(nodes: readonly NodeInfo[], start: number, wanted: number): void;
  /** The feasible nodes that were found, with their scores, the raw ones too. */
  scored(nodes: readonly NodeInfo[], scores: NodeScores): void;
}

/** How many feasible nodes are enough (upstream `numFeasibleNodesToFind`). `percentage` 0 = adaptive. */
export function feasibleNodesToFind(percentage: number, nodeCount: number): number {
  if (nodeCount < feasibleNodesMin) return nodeCount;
  const adaptive = Math.max(percentageMin, 50 - Math.trunc(nodeCount / 125));
  const wanted = Math.trunc((nodeCount * (percentage === 0 ? adaptive : percentage)) / 100);
  return Math.max(feasibleNodesMin, wanted);
}

/** Takes the decision for one pod; one for all profiles, because they share the rotation. */
export class SchedulingAlgorithm {
  observer: SearchObserver | undefined = undefined;
  private readonly cache: SchedulerCache;
  private readonly options: AlgorithmOptions;
  private readonly tieStream: string;
  /** Feasible nodes of the present cycle; kept, because it has grown to its length in the first cycles. */
  private readonly feasible: NodeInfo[] = [];
  private readonly known = new WeakMap<ClassMemory, FeasibleNodes>();
  /** Where the next pod begins to look, so that over time all nodes are looked at alike. */
  private nextStartNodeIndex = 0;

  constructor(cache: SchedulerCache, options: AlgorithmOptions) {
    this.cache = cache;
    this.options = options;
    const { tieSalt = 0 } = options;
    this.tieStream = tieSalt === 0 ? 'ties' : `ties/${tieSalt}`;
  }

  get startNodeIndex(): number {
    return this.nextStartNodeIndex;
  }

  schedulePod(framework: Framework, pod: Pod): ScheduleResult {
    this.cache.updateSnapshot();
    const state = new CycleState();
    const nodes = this.cache.nodes;
    if (nodes.length === 0) return { type: 'no-nodes', state, evaluatedNodes: 0, feasibleNodes: 0 };
    const search = new NodeSearch(framework, state, pod, this.feasible);
    const result = this.search(search, pod, nodes);
    framework.evaluations.addCycle(search.counts());
    return result;
  }

  private search(search: NodeSearch, pod: Pod, nodes: readonly NodeInfo[]): ScheduleResult {
    const { framework, state } = search;
    const preFilter = framework.runPreFilter(state, pod, nodes);
    if (preFilter.status !== undefined) return this.refusedByPreFilter(preFilter, search);
    if (!this.tryNominatedNode(search, pod, preFilter.nodeNames)) this.findFeasibleNodes(search, preFilter);
    if (search.failure !== undefined) return search.error(search.failure);
    if (search.feasibleCount === 0) return search.unschedulable(preFilter.narrowingPlugins, '');
    const feasible = search.feasibleNodes();
    if (feasible.length === 1) return search.chosen(feasible[0]!, 0, 1);
    return this.selectNode(search, pod, feasible);
  }

  private refusedByPreFilter({ status, narrowingPlugins }: PreFilterOutcome, search: NodeSearch): ScheduleResult {
    if (status!.code !== Code.unschedulable) search.preFilterEndedBy = status!.plugin;
    if (!isRejected(status)) return search.error(status!);
    search.nodeStatuses.absentStatus = status!;
    search.blame(status!);
    return search.unschedulable(narrowingPlugins, status!.message);
  }

  /** A nominated node that passes is taken without a look at the others; the rotation stays. */
  private tryNominatedNode(search: NodeSearch, pod: Pod, nodeNames: ReadonlySet<string> | undefined): boolean {
    const { nominatedNodeName } = pod.status;
    if (nominatedNodeName === '' || (nodeNames !== undefined && !nodeNames.has(nominatedNodeName))) return false;
    const node = this.cache.get(nominatedNodeName);
    if (node === undefined) return false;
    search.evaluate(node);
    // What goes wrong on this node alone is no failure yet: it is met again among all nodes.
    search.failure = undefined;
    return search.feasibleCount > 0;
  }

  /** Looks at nodes from the place where the last pod ended until enough are feasible. */
  private findFeasibleNodes(search: NodeSearch, { nodeNames, narrowingPlugins }: PreFilterOutcome): void {
    const all = this.cache.nodes;
    const nodes = nodeNames === undefined ? all : this.narrowed(nodeNames);
    if (nodeNames !== undefined) search.nodeStatuses.absentStatus = outsideNarrowedNodes(narrowingPlugins);
    const wanted = search.framework.hasScorePlugins
      ? feasibleNodesToFind(this.percentageOf(search.framework), nodes.length)
      : Math.min(1, nodes.length);
    const start = this.nextStartNodeIndex % nodes.length;
    this.observer?.searching(nodes, start, wanted);
    if (nodes === all && start === 0 && wanted >= all.length && this.useKnown(search)) {
      this.nextStartNodeIndex = 0;
      return;
    }
    search.evaluateAll(nodes, start, wanted);
    // The feasible node that ended the search is neither kept nor counted: the next pod begins with it.
    this.nextStartNodeIndex = (this.nextStartNodeIndex + search.recordedCount) % all.length;
  }

  /** Where all nodes are looked at and each is judged by itself, what is known of them is brought up to date; false = it is not so. */
  private useKnown(search: NodeSearch): boolean {
    const { framework, state } = search;
    const memory = state.verdicts;
    if (memory === undefined || this.observer !== undefined || !framework.hasNoNominations) return false;
    let known = this.known.get(memory);
    if (known === undefined) this.known.set(memory, (known = new FeasibleNodes(this.cache)));
    const isKnown = search.take(known, this.cache.nodes, memory);
    if (isKnown && framework.isVerified) this.compareWithPlain(known, search);
    return isKnown;
  }

  /** For `--verify`: the same nodes must pass when all are filtered. */
  private compareWithPlain({ nodes }: FeasibleNodes, { framework, state, pod }: NodeSearch): void {
    const plain = new NodeSearch(framework, state, pod, []);
    plain.evaluateAll(this.cache.nodes, 0, this.cache.nodes.length);
    const feasible = plain.feasibleNodes();
    const isSame = feasible.length === nodes.length && feasible.every((node, at) => node === nodes[at]);
    assert(
      isSame,
      `--verify: ${nodes.length} nodes are held for feasible for ${pod.metadata.name}, ${feasible.length} are`,
    );
  }

  private percentageOf(framework: Framework): number {
    return framework.profile.percentageOfNodesToScore ?? this.options.percentageOfNodesToScore;
  }

  /** The named nodes that exist, in canonical order; upstream's order is that of a Go map. */
  private narrowed(names: ReadonlySet<string>): readonly NodeInfo[] {
    const nodes: NodeInfo[] = [];
    for (const name of names) {
      const node = this.cache.get(name);
      if (node !== undefined) nodes.push(node);
    }
    return nodes.sort((a, b) => this.cache.positionOf(a) - this.cache.positionOf(b));
  }

  private selectNode(search: NodeSearch, pod: Pod, feasible: readonly NodeInfo[]): ScheduleResult {
    const { framework, state } = search;
    if (!framework.hasScorePlugins) return this.breakTie(search, feasible, 1);
    const failure = framework.runPreScore(state, pod, feasible);
    if (failure !== undefined) return search.error(failure);
    search.scoredNodes = feasible.length;
    const scores = framework.runScore(state, pod, feasible, this.observer !== undefined);
    if (scores instanceof Status) return search.error(scores);
    this.observer?.scored(feasible, scores);
    const best = bestNodes(feasible, scores.totals);
    if (this.options.tieBreak === 'heap')
      return search.chosen(feasible[heapWinner(scores.totals, feasible.length)]!, best.score, best.nodes.length);
    return this.breakTie(search, best.nodes, best.score);
  }

  private breakTie(search: NodeSearch, tied: readonly NodeInfo[], score: number): ScheduleResult {
    const random = (): RandomStream => search.framework.random(this.tieStream);
    const node = selectTied(tied, this.options.tieBreak, random, (entry) => this.cache.positionOf(entry));
    return search.chosen(node, score, tied.length);
  }
}

/** The nodes with the highest total, in the order in which they were evaluated. */
export function bestNodes(
  nodes: readonly NodeInfo[],
  totals: Float64Array,
): { nodes: readonly NodeInfo[]; score: number } {
  let score = -Infinity;
  let ties = 0;
  for (let at = 0; at < nodes.length; at++) {
    const total = totals[at]!;
    if (total > score) {
      score = total;
      ties = 1;
    } else if (total === score) ties++;
  }
  const best = new Array<NodeInfo>(ties);
  for (let at = 0, next = 0; next < ties; at++) if (totals[at] === score) best[next++] = nodes[at]!;
  return { nodes: best, score };
}

/**
 * Which of `count` totals a binary heap has on top once it is built in place (Go container/heap Init): one of the best, though
 * not always the first of them.
 */
export function heapWinner(totals: Float64Array, count: number): number {
  const heap = Int32Array.from({ length: count }, (_, at) => at);
  const isBetter = (a: number, b: number): boolean => totals[heap[a]!]! > totals[heap[b]!]!;
  for (let top = (count >> 1) - 1; top >= 0; top--) {
    for (let at = top, child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && isBetter(child + 1, child)) child++;
      if (!isBetter(child, at)) break;
      const lifted = heap[child]!;
      heap[child] = heap[at]!;
      heap[at] = lifted;
      at = child;
    }
  }
  return heap[0]!;
}

/**
 * One of equally good nodes. `uniform` draws exactly once, also for a tie of one, so that the number of draws does not
 * depend on what the scores are.
 */
export function selectTied(
  tied: readonly NodeInfo[],
  tieBreak: TieBreak,
  random: () => RandomStream,
  positionOf: (node: NodeInfo) => number,
): NodeInfo {
  switch (tieBreak) {
    case 'first':
    case 'heap':
      return tied[0]!;
    case 'lowest-name':
      return lowestName(tied);
    case 'uniform': {
      const k = random().below(tied.length);
      return tied[(firstInOrder(tied, positionOf) + k) % tied.length]!;
    }
    default:
      return assertNever(tieBreak);
  }
}

function lowestName(nodes: readonly NodeInfo[]): NodeInfo {
  let lowest = nodes[0]!;
  for (let at = 1; at < nodes.length; at++) if (nodes[at]!.name < lowest.name) lowest = nodes[at]!;
  return lowest;
}

/** Nodes are evaluated in canonical order from some place on, so the tied ones are a rotation of that order. */
function firstInOrder(tied: readonly NodeInfo[], positionOf: (node: NodeInfo) => number): number {
  let last = positionOf(tied[0]!);
  for (let at = 1; at < tied.length; at++) {
    const position = positionOf(tied[at]!);
    if (position < last) return at;
    last = position;
  }
  return 0;
}

const noPlugins: ReadonlySet<string> = new Set();

/** What one search over the nodes has found so far. */
class NodeSearch implements Diagnosis {
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
  private known: FeasibleNodes | undefined = undefined;
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
    this.feasibleCount = known.nodes.length;
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
