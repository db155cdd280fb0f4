/**
 * Explains a decision at the instant at which it is taken: the filters are asked about every node, one by one, and the
 * scores are written down. It looks on while a run is executed again; nothing of it is kept during ordinary runs.
 */
import type { Pod } from '../api/core-v1.ts';
import type { SimTime } from '../engine/time.ts';
import type { ScheduleResult } from './node-search.ts';
import type {
  DecisionOutcome,
  ExplainedDecision,
  FilterSummary,
  NodeRefusal,
  NodeResource,
  NodeVerdict,
  ScoreTable,
} from './explained-decision.ts';
import { CycleState } from './framework/cycle-state.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { PodInfo, PodNeeds } from './framework/pod-info.ts';
import { outsideNarrowedNodes } from './framework/run-pre-filter.ts';
import type { PreFilterOutcome } from './framework/run-pre-filter.ts';
import type { NodeScores } from './framework/run-score.ts';
import type { Framework } from './framework/runtime.ts';
import { Status, codeNames, isSuccess } from './framework/status.ts';
import type { DecisionObserver } from './scheduler.ts';

interface Search {
  readonly nodes: readonly NodeInfo[];
  readonly start: number;
  readonly wanted: number;
}

interface Scoring {
  readonly nodes: readonly NodeInfo[];
  readonly scores: NodeScores;
}

/** What has to be known of a decision. */
export interface DecidedPod {
  readonly info: { readonly podInfo: PodInfo; readonly attempts: number };
  readonly framework: Framework;
  /** A result that is no node may be told by what the attempt came to. */
  readonly outcome: ScheduleResult | { readonly result: 'unschedulable' | 'error'; readonly message: string };
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
}

/** Whether a decision is to be explained. */
export type DecisionFilter = (decision: DecidedPod, now: SimTime) => boolean;

/** Explains the wanted decisions; the newest stays. */
export class DecisionExplainer implements DecisionObserver {
  explained: ExplainedDecision | undefined = undefined;
  private readonly isWanted: DecisionFilter;
  private search: Search | undefined;
  private scoring: Scoring | undefined;

  constructor(isWanted: DecisionFilter) {
    this.isWanted = isWanted;
  }

  searching(nodes: readonly NodeInfo[], start: number, wanted: number): void {
    this.search = { nodes, start, wanted };
  }

  scored(nodes: readonly NodeInfo[], scores: NodeScores): void {
    this.scoring = { nodes, scores };
  }

  decided(decision: DecidedPod, now: SimTime): void {
    if (this.isWanted(decision, now)) this.explained = this.explain(decision, now);
    this.search = undefined;
    this.scoring = undefined;
  }

  private explain(decision: DecidedPod, now: SimTime): ExplainedDecision {
    const { info, framework, evaluatedNodes, feasibleNodes } = decision;
    const { pod } = info.podInfo;
    // The scores first: their memory is used again when all nodes are scored.
    const scores = this.scoring && scoreTable(this.scoring, framework);
    const state = new CycleState();
    const preFilter = framework.runPreFilter(state, pod, framework.snapshot.nodes);
    const lookedAt = lookedAtNodes(decision, this.search, preFilter);
    const nodes = verdicts(decision, state, preFilter, lookedAt);
    const feasible = framework.snapshot.nodes.filter((_, at) => nodes[at] !== undefined && !nodes[at].refusal);
    const isSampled = scores !== undefined && feasible.length > scores.nodes.length;
    return {
      ...{ namespace: pod.metadata.namespace, pod: pod.metadata.name, attempt: info.attempts, decidedAt: now },
      profile: framework.profileName,
      outcome: outcomeOf(decision, scores),
      ...{ evaluatedNodes, feasibleNodes, wantedNodes: this.search?.wanted },
      filters: summaries(framework, state, preFilter, nodes),
      nodes,
      scores,
      scoresOfAll: isSampled ? scoresOf(framework, state, pod, feasible) : undefined,
    };
  }
}

function outcomeOf({ outcome }: DecidedPod, scores: ScoreTable | undefined): DecisionOutcome {
  if (!('type' in outcome)) return { type: outcome.result, message: outcome.message };
  if (outcome.type !== 'node') return { type: 'error', message: outcome.type };
  const { node, score, ties } = outcome;
  return { type: 'scheduled', node: node.name, score, ties, tied: tiedNodes(node.name, scores) };
}

/** The nodes with the best total, the chosen one among them. */
function tiedNodes(chosen: string, scores: ScoreTable | undefined): readonly string[] {
  if (scores === undefined) return [chosen];
  const best = scores.totals.reduce((most, total) => Math.max(most, total), -1);
  return scores.nodes.filter((_, at) => scores.totals[at] === best);
}

/** The nodes that the decision filtered. */
function lookedAtNodes(
  { info, framework, evaluatedNodes }: DecidedPod,
  search: Search | undefined,
  { nodeNames }: PreFilterOutcome,
): ReadonlySet<NodeInfo> {
  const { nominatedNodeName } = info.podInfo.pod.status;
  const isNominable = nodeNames === undefined || nodeNames.has(nominatedNodeName);
  const nominated = isNominable ? framework.snapshot.get(nominatedNodeName) : undefined;
  const found = new Set<NodeInfo>();
  let rest = evaluatedNodes;
  if (nominated !== undefined && rest > 0) {
    found.add(nominated);
    rest--;
  }
  for (let at = 0; search !== undefined && at < rest; at++) {
    found.add(search.nodes[(search.start + at) % search.nodes.length]!);
  }
  return found;
}

function verdicts(
  { info, framework }: DecidedPod,
  state: CycleState,
  { status, nodeNames, narrowingPlugins }: PreFilterOutcome,
  lookedAt: ReadonlySet<NodeInfo>,
): NodeVerdict[] {
  const { pod, needs } = info.podInfo;
  const outside = refusalOf(outsideNarrowedNodes(narrowingPlugins), narrowingPlugins.join(', '));
  return framework.snapshot.nodes.map((node) => {
    const common = { node: node.name, isLookedAt: lookedAt.has(node), resources: resourcesOf(node, needs) };
    if (status !== undefined) {
      const refusal = refusalOf(status, status.plugin === '' ? narrowingPlugins.join(', ') : status.plugin);
      return { ...common, refusal, refusals: [refusal] };
    }
    const alone = refusalsAlone(framework, state, pod, node);
    if (nodeNames !== undefined && !nodeNames.has(node.name)) {
      return { ...common, refusal: outside, refusals: [outside, ...alone] };
    }
    const first = framework.runFilterPluginsWithNominatedPods(state, pod, node);
    return { ...common, refusal: isSuccess(first) ? undefined : refusalOf(first!, first!.plugin), refusals: alone };
  });
}

function refusalsAlone(framework: Framework, state: CycleState, pod: Pod, node: NodeInfo): NodeRefusal[] {
  return framework
    .runEachFilter(state, pod, node)
    .flatMap(([plugin, status]) => (isSuccess(status) ? [] : [refusalOf(status!, plugin)]));
}

function refusalOf({ code, reasons }: Status, plugin: string): NodeRefusal {
  return { plugin, code: codeNames[code], reasons };
}

function resourcesOf(node: NodeInfo, needs: PodNeeds): NodeResource[] {
  const rows: NodeResource[] = [];
  const add = (name: string, asked: number, requested: number, allocatable: number): void => {
    if (asked > 0) rows.push({ name, asked, requested, allocatable });
  };
  add('cpu', needs.milliCpu, node.requestedMilliCpu, node.allocatableMilliCpu);
  add('memory', needs.memory, node.requestedMemory, node.allocatableMemory);
  add('ephemeral-storage', needs.ephemeralStorage, node.requestedEphemeralStorage, node.allocatableEphemeralStorage);
  for (const [name, asked] of needs.scalars)
    add(name, asked, node.requestedScalars.get(name) ?? 0, node.allocatableScalars.get(name) ?? 0);
  add('pods', 1, node.podCount, node.allowedPodNumber);
  return rows;
}

/** One row per filter in the order of running; before them who refused or narrowed at PreFilter. */
function summaries(
  framework: Framework,
  { skipFilterPlugins }: CycleState,
  { status, narrowingPlugins }: PreFilterOutcome,
  nodes: readonly NodeVerdict[],
): FilterSummary[] {
  const filters = framework.pluginsAt('filter');
  const early = status !== undefined || narrowingPlugins.length > 0 ? [preFilterName(status, narrowingPlugins)] : [];
  const rows = [
    ...early.map((plugin) => summaryOf(plugin, 'PreFilter', false, nodes)),
    ...(status === undefined && nodes.length > 0 ? filters : []).map((plugin) =>
      summaryOf(plugin, early.includes(plugin) ? 'PreFilter' : 'Filter', skipFilterPlugins.has(plugin), nodes),
    ),
  ];
  return rows.filter((row, at) => rows.findIndex(({ plugin }) => plugin === row.plugin) === at);
}

function preFilterName(status: Status | undefined, narrowingPlugins: readonly string[]): string {
  return status !== undefined && status.plugin !== '' ? status.plugin : narrowingPlugins.join(', ');
}

function summaryOf(
  plugin: string,
  stage: FilterSummary['stage'],
  isSkipped: boolean,
  nodes: readonly NodeVerdict[],
): FilterSummary {
  const refused = nodes.filter(({ refusal }) => refusal?.plugin === plugin);
  const reasons = new Map<string, number>();
  for (const { refusal } of refused)
    for (const reason of refusal!.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return {
    ...{ plugin, stage, isSkipped, refused: refused.length, reasons },
    refusedOfLookedAt: refused.filter(({ isLookedAt }) => isLookedAt).length,
    refusedAlone: nodes.filter(({ refusals }) => refusals.some((entry) => entry.plugin === plugin)).length,
  };
}

function scoresOf(
  framework: Framework,
  state: CycleState,
  pod: Pod,
  nodes: readonly NodeInfo[],
): ScoreTable | undefined {
  if (framework.runPreScore(state, pod, nodes) !== undefined) return undefined;
  const scores = framework.runScore(state, pod, nodes, true);
  return scores instanceof Status ? undefined : scoreTable({ nodes, scores }, framework);
}

function scoreTable({ nodes, scores }: Scoring, framework: Framework): ScoreTable {
  const scoring = scores.byPlugin.map(({ plugin }) => plugin);
  return {
    nodes: nodes.map(({ name }) => name),
    plugins: scores.byPlugin.map(({ plugin, weight, raw, normalized }) => ({
      ...{ plugin, weight, normalized: [...normalized] },
      raw: [...(raw ?? normalized)],
    })),
    totals: [...scores.totals],
    skipped: framework.pluginsAt('score').filter((plugin) => !scoring.includes(plugin)),
  };
}
