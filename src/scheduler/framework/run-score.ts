/** The Score stage: scores, normalizing, weights (upstream `RunScorePlugins`). */
import type { Pod } from '../../api/core-v1.ts';
import type { CycleState } from './cycle-state.ts';
import { nodeScoreMax } from './interface.ts';
import type { Plugin, ScorePlugin } from './interface.ts';
import type { NodeInfo } from './node-info.ts';
import { Code, Status, isSuccess } from './status.ts';

/** A score plugin with its weight in the profile. */
export interface ScoreEntry {
  readonly plugin: Plugin & ScorePlugin;
  /** >= 1. */
  readonly weight: number;
}

/** Scores of one plugin in the order of the nodes. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  /** As `score` returned them; only where asked for. */
  readonly raw: Float64Array | undefined;
  /** After normalizing, before the weight. */
  readonly normalized: Float64Array;
}

/** Scores of all feasible nodes. */
export interface NodeScores {
  /** Sum over the plugins of weight times score, in the order of the nodes. */
  readonly totals: Float64Array;
  /** Without the remembered ones, except where raw scores are asked for. */
  readonly byPlugin: readonly PluginScores[];
}

/** Scores feasible nodes. The arrays of a result are reused: they hold until the next call. */
export class ScoreStage {
  private readonly entries: readonly ScoreEntry[];
  private readonly buffers: readonly ScoreBuffer[];
  private readonly totals = new ScoreBuffer();

  constructor(entries: readonly ScoreEntry[]) {
    this.entries = entries;
    this.buffers = entries.map(() => new ScoreBuffer());
  }

  /** @param keepRaw keeps the scores before normalizing, and those of every plugin apart. */
  run(state: CycleState, pod: Pod, nodes: readonly NodeInfo[], keepRaw = false): NodeScores | Status {
    const active = this.entries.filter(({ plugin }) => !state.skipScorePlugins.has(plugin.name));
    if (keepRaw || state.template === undefined) return this.runApart(active, state, pod, nodes, keepRaw);
    const others = active.filter(({ plugin }) => !isRemembered(plugin));
    const scores = this.runApart(others, state, pod, nodes, false);
    if (scores instanceof Status) return scores;
    const local = active.filter(({ plugin }) => isRemembered(plugin));
    return addLocalScores(local, state, pod, nodes, scores.totals) ?? scores;
  }

  private runApart(
    entries: readonly ScoreEntry[],
    state: CycleState,
    pod: Pod,
    nodes: readonly NodeInfo[],
    keepRaw: boolean,
  ): NodeScores | Status {
    const byPlugin: PluginScores[] = [];
    for (const [at, { plugin, weight }] of entries.entries()) {
      const normalized = this.buffers[at]!.ofLength(nodes.length);
      const failure = scoreNodes(plugin, state, pod, nodes, normalized);
      if (failure !== undefined && !isSuccess(failure)) return runningError(plugin, failure);
      byPlugin.push({ plugin: plugin.name, weight, raw: keepRaw ? normalized.slice() : undefined, normalized });
    }
    for (const [at, { plugin }] of entries.entries()) {
      const failure = plugin.normalizeScore?.(state, pod, byPlugin[at]!.normalized, nodes);
      if (failure !== undefined && !isSuccess(failure)) return normalizingError(plugin, failure);
    }
    return this.addUp(byPlugin, nodes.length);
  }

  private addUp(byPlugin: readonly PluginScores[], nodeCount: number): NodeScores | Status {
    const totals = this.totals.ofLength(nodeCount);
    totals.fill(0);
    for (const { plugin, weight, normalized } of byPlugin) {
      const invalid = addWeighted(totals, normalized, weight);
      if (invalid !== undefined) return invalidScore(plugin, invalid);
    }
    return { totals, byPlugin };
  }
}

/** Memory for one array of scores, which grows to the greatest number of nodes and is kept. */
class ScoreBuffer {
  private memory = new Float64Array(0);
  private scores = this.memory;

  /** An array of just that length; what it holds is left over. */
  ofLength(length: number): Float64Array {
    if (this.scores.length === length) return this.scores;
    if (this.memory.length < length) this.memory = new Float64Array(length);
    this.scores = this.memory.subarray(0, length);
    return this.scores;
  }
}

function scoreNodes(
  plugin: Plugin & ScorePlugin,
  state: CycleState,
  pod: Pod,
  nodes: readonly NodeInfo[],
  scores: Float64Array,
): Status | undefined {
  if (plugin.scoreNodes !== undefined) return plugin.scoreNodes(state, pod, nodes, scores);
  for (let at = 0; at < nodes.length; at++) {
    const score = plugin.score(state, pod, nodes[at]!);
    if (typeof score !== 'number') return score;
    scores[at] = score;
  }
  return undefined;
}

/** Scores that are the same for every pod of a template until the node's account changes. */
function isRemembered({ isNodeLocal, normalizeScore }: Plugin): boolean {
  return isNodeLocal === true && normalizeScore === undefined;
}

/** Adds each node's sum over the remembered plugins, which is worked out only where it is not known. */
function addLocalScores(
  entries: readonly ScoreEntry[],
  state: CycleState,
  pod: Pod,
  nodes: readonly NodeInfo[],
  totals: Float64Array,
): Status | undefined {
  const { template } = state;
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at]!;
    if (node.scoredTemplate !== template) {
      const score = localScoreOf(entries, state, pod, node);
      if (typeof score !== 'number') return score;
      node.scoredTemplate = template;
      node.localScore = score;
    }
    totals[at]! += node.localScore;
  }
  return undefined;
}

function localScoreOf(entries: readonly ScoreEntry[], state: CycleState, pod: Pod, node: NodeInfo): number | Status {
  let sum = 0;
  for (const { plugin, weight } of entries) {
    const score = plugin.score(state, pod, node);
    if (typeof score !== 'number') return runningError(plugin, score);
    if (!isValidScore(score)) return invalidScore(plugin.name, score);
    sum += score * weight;
  }
  return sum;
}

/** An integer in 0..100. */
function isValidScore(score: number): boolean {
  return score >= 0 && score <= nodeScoreMax && (score | 0) === score;
}

/** Adds up to the first score that is no integer in 0..100 and returns that one. */
function addWeighted(totals: Float64Array, scores: Float64Array, weight: number): number | undefined {
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at]!;
    if (!isValidScore(score)) return score;
    totals[at]! += score * weight;
  }
  return undefined;
}

function runningError({ name }: Plugin, { message }: Status): Status {
  return scoreError(name, `running Score plugins: plugin "${name}" failed with: ${message}`);
}

function normalizingError({ name }: Plugin, { message }: Status): Status {
  return scoreError(name, `running Normalize on Score plugins: plugin "${name}" failed with: ${message}`);
}

function invalidScore(plugin: string, score: number): Status {
  const range = 'it should in the range of [0, 100] after normalizing';
  return scoreError(
    plugin,
    `applying score defaultWeights on Score plugins: plugin "${plugin}" returns an invalid score ${score}, ${range}`,
  );
}

function scoreError(plugin: string, message: string): Status {
  return new Status(Code.error, [message], plugin);
}
