/** The Score stage: scores, normalizing, weights (upstream `RunScorePlugins`). */
import type { Pod } from '../../api/core-v1.ts';
import type { CycleState } from './cycle-state.ts';
import type { Plugin, ScorePlugin } from './interface.ts';
import type { NodeInfo } from './node-info.ts';
import { LocalScores } from './local-scores.ts';
import type { LocalEntries, ScoreEntry } from './local-scores.ts';
import { ScoreBuffer, addWeighted } from './score-buffer.ts';
import { invalidScore, normalizingError, runningError } from './score-errors.ts';
import { Status, isSuccess } from './status.ts';

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

/** The plugins that take part. */
interface ScoreParts {
  readonly active: readonly ScoreEntry[];
  readonly local: LocalEntries;
  readonly others: readonly ScoreEntry[];
}

function partsOf(active: readonly ScoreEntry[]): ScoreParts {
  const local = active.filter(({ plugin }) => plugin.isNodeLocal === true);
  return {
    active,
    local: {
      plain: local.filter(({ plugin }) => plugin.normalizeScore === undefined),
      normalized: local.filter(({ plugin }) => plugin.normalizeScore !== undefined),
    },
    others: active.filter(({ plugin }) => plugin.isNodeLocal !== true),
  };
}

/** Scores feasible nodes. The arrays of a result are reused: they hold until the next call. */
export class ScoreStage {
  private readonly entries: readonly ScoreEntry[];
  /** Where no plugin is skipped. */
  private readonly whole: ScoreParts;
  private readonly buffers: readonly ScoreBuffer[];
  private readonly totals = new ScoreBuffer();
  private readonly local: LocalScores;

  /** @param isVerified asks node-local plugins anew all the same and compares. */
  constructor(entries: readonly ScoreEntry[], isVerified = false) {
    this.entries = entries;
    this.whole = partsOf(entries);
    this.buffers = entries.map(() => new ScoreBuffer());
    this.local = new LocalScores(isVerified);
  }

  /** Whether a node's total depends on the class of the pod and the state of this node only. */
  get isPlain(): boolean {
    return this.whole.others.length === 0 && this.whole.local.normalized.length === 0;
  }

  /** A node's total, asked anew; only where `isPlain` and no plugin is skipped. */
  totalOf(state: CycleState, pod: Pod, node: NodeInfo): number | Status {
    return this.local.sumOf(this.whole.local, state, pod, node);
  }

  /** @param keepRaw keeps the scores before normalizing, and those of every plugin apart. */
  run(state: CycleState, pod: Pod, nodes: readonly NodeInfo[], keepRaw = false): NodeScores | Status {
    const { skipScorePlugins: skipped } = state;
    const parts =
      skipped.size === 0 ? this.whole : partsOf(this.entries.filter(({ plugin }) => !skipped.has(plugin.name)));
    if (keepRaw || state.scores === undefined) return this.runApart(parts.active, state, pod, nodes, keepRaw);
    const scores = this.runApart(parts.others, state, pod, nodes, false);
    if (scores instanceof Status) return scores;
    return this.local.addTo(scores.totals, parts.local, { state, pod, nodes }) ?? scores;
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
      if (failure !== undefined) return failure;
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

function scoreNodes(
  plugin: Plugin & ScorePlugin,
  state: CycleState,
  pod: Pod,
  nodes: readonly NodeInfo[],
  scores: Float64Array,
): Status | undefined {
  if (plugin.scoreNodes !== undefined) {
    const failure = plugin.scoreNodes(state, pod, nodes, scores);
    return isSuccess(failure) ? undefined : runningError(plugin, failure);
  }
  for (let at = 0; at < nodes.length; at++) {
    const score = plugin.score(state, pod, nodes[at]!);
    if (typeof score !== 'number') return runningError(plugin, score);
    scores[at] = score;
  }
  return undefined;
}
