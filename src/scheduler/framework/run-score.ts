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
  readonly byPlugin: readonly PluginScores[];
}

/** Scores feasible nodes. The arrays of a result are reused: they hold until the next call. */
export class ScoreStage {
  private readonly entries: readonly ScoreEntry[];
  private readonly buffers: Float64Array[] = [];
  private totals = new Float64Array(0);

  constructor(entries: readonly ScoreEntry[]) {
    this.entries = entries;
  }

  run(state: CycleState, pod: Pod, nodes: readonly NodeInfo[], keepRaw = false): NodeScores | Status {
    const byPlugin: PluginScores[] = [];
    const active = this.entries.filter(({ plugin }) => !state.skipScorePlugins.has(plugin.name));
    for (const [at, { plugin, weight }] of active.entries()) {
      const normalized = this.buffer(at, nodes.length);
      const failure = scoreNodes(plugin, state, pod, nodes, normalized);
      if (failure !== undefined) return failure;
      byPlugin.push({ plugin: plugin.name, weight, raw: keepRaw ? normalized.slice() : undefined, normalized });
    }
    for (const [at, { plugin }] of active.entries()) {
      const failure = plugin.normalizeScore?.(state, pod, byPlugin[at]!.normalized, nodes);
      if (failure !== undefined && !isSuccess(failure)) {
        return scoreError(
          plugin.name,
          `running Normalize on Score plugins: plugin "${plugin.name}" failed with: ${failure.message}`,
        );
      }
    }
    return this.addUp(byPlugin, nodes.length);
  }

  private addUp(byPlugin: readonly PluginScores[], nodeCount: number): NodeScores | Status {
    if (this.totals.length !== nodeCount) this.totals = new Float64Array(nodeCount);
    const { totals } = this;
    totals.fill(0);
    for (const { plugin, weight, normalized } of byPlugin) {
      for (let at = 0; at < nodeCount; at++) {
        const score = normalized[at]!;
        if (!(score >= 0 && score <= nodeScoreMax && Number.isInteger(score))) return invalidScore(plugin, score);
        totals[at]! += score * weight;
      }
    }
    return { totals, byPlugin };
  }

  private buffer(at: number, length: number): Float64Array {
    let buffer = this.buffers[at];
    if (buffer === undefined || buffer.length !== length) this.buffers[at] = buffer = new Float64Array(length);
    return buffer;
  }
}

function scoreNodes(
  plugin: Plugin & ScorePlugin,
  state: CycleState,
  pod: Pod,
  nodes: readonly NodeInfo[],
  into: Float64Array,
): Status | undefined {
  for (let at = 0; at < nodes.length; at++) {
    const score = plugin.score(state, pod, nodes[at]!);
    if (typeof score !== 'number') {
      return scoreError(plugin.name, `running Score plugins: plugin "${plugin.name}" failed with: ${score.message}`);
    }
    into[at] = score;
  }
  return undefined;
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
