/** From a pod to a node (upstream `ps/schedule_one.go` schedulePod). Reads the cache, changes nothing but its own place in the rotation. */
import type { Pod } from '../api/core-v1.ts';
import { assertRemembered } from '../util/assert.ts';
import type { SchedulerCache } from './cache.ts';
import type { ClassMemory } from './framework/class-memory.ts';
import { CycleState } from './framework/cycle-state.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { Framework } from './framework/runtime.ts';
import { FeasibleNodes } from './feasible-nodes.ts';
import { outsideNarrowedNodes } from './framework/run-pre-filter.ts';
import type { PreFilterOutcome } from './framework/run-pre-filter.ts';
import type { NodeScores } from './framework/run-score.ts';
import { Code, Status, isRejected } from './framework/status.ts';
import { NodeSearch } from './node-search.ts';
import type { ScheduleResult } from './node-search.ts';
import { TiedList, bestNodes, heapWinner, selectTied } from './select-host.ts';
import type { TieBreak } from './select-host.ts';

/** What holds for every decision. */
export interface AlgorithmOptions {
  readonly tieBreak: TieBreak;
  /** Which draws `uniform` makes: another salt, other draws, and nothing else differs. Default 0. */
  readonly tieSalt?: number;
  /** 0..100; 0 = adaptive. */
  readonly percentageOfNodesToScore: number;
}

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
    if (search.feasibleCount === 1) return search.chosen(search.feasibleNodes()[0]!, 0, 1);
    return this.selectNode(search, pod);
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
    if (isKnown && framework.isVerified) this.compareFeasible(known, search);
    return isKnown;
  }

  /** For `--verify`: the same nodes must pass when all are filtered. */
  private compareFeasible({ nodes }: FeasibleNodes, { framework, state, pod }: NodeSearch): void {
    const plain = new NodeSearch(framework, state, pod, []);
    plain.evaluateAll(this.cache.nodes, 0, this.cache.nodes.length);
    const feasible = plain.feasibleNodes();
    const isSame = feasible.length === nodes.length && feasible.every((node, at) => node === nodes[at]);
    assertRemembered(
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

  private selectNode(search: NodeSearch, pod: Pod): ScheduleResult {
    const { framework, state, known } = search;
    if (!framework.hasScorePlugins) return this.breakTie(search, search.feasibleNodes(), 1);
    const failure = framework.hasPreScorePlugins
      ? framework.runPreScore(state, pod, search.feasibleNodes())
      : undefined;
    if (failure !== undefined) return search.error(failure);
    search.scoredNodes = search.feasibleCount;
    if (known !== undefined && framework.hasPlainScores(state) && this.options.tieBreak !== 'heap')
      return this.selectKnown(search, known);
    const feasible = search.feasibleNodes();
    const scores = framework.runScore(state, pod, feasible, this.observer !== undefined);
    if (scores instanceof Status) return search.error(scores);
    this.observer?.scored(feasible, scores);
    const best = bestNodes(feasible, scores.totals);
    if (this.options.tieBreak === 'heap')
      return search.chosen(feasible[heapWinner(scores.totals, feasible.length)]!, best.score, best.nodes.length);
    return this.breakTie(search, best.nodes, best.score);
  }

  /** The best of nodes whose scores are known, all but those of changed ones. They begin at the front of the canonical order. */
  private selectKnown(search: NodeSearch, known: FeasibleNodes): ScheduleResult {
    const { framework, state, pod } = search;
    const failure = known.findBest(framework, state, pod);
    if (failure !== undefined) return search.error(failure);
    if (framework.isVerified) this.compareTotals(known, search);
    const { best } = known;
    const position = selectTied(best, this.options.tieBreak, framework, this.tieStream);
    return search.chosen(this.cache.nodes[position]!, best.total, best.count);
  }

  /** For `--verify`: the same totals must come out when every plugin is asked about every node. */
  private compareTotals(known: FeasibleNodes, { framework, state, pod }: NodeSearch): void {
    const plain = framework.runScore(state, pod, known.nodes);
    const isSame =
      !(plain instanceof Status) &&
      known.nodes.every((node, at) => known.best.of(this.cache.positionOf(node)) === plain.totals[at]);
    assertRemembered(
      isSame,
      `--verify: the scores remembered for ${pod.metadata.name} are not those that are asked for anew`,
    );
  }

  private breakTie(search: NodeSearch, tied: readonly NodeInfo[], score: number): ScheduleResult {
    const list = new TiedList(tied, this.cache);
    const node = selectTied(list, this.options.tieBreak, search.framework, this.tieStream);
    return search.chosen(node, score, tied.length);
  }
}
