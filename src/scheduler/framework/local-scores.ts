/** Scores of node-local plugins: asked for once per class of pods and state of a node, normalized over what is feasible now. */
import type { Pod } from '../../api/core-v1.ts';
import { assertRemembered } from '../../util/assert.ts';
import type { ClassMemory } from './class-memory.ts';
import type { CycleState } from './cycle-state.ts';
import type { Plugin, ScorePlugin } from './interface.ts';
import type { NodeInfo } from './node-info.ts';
import { ScoreBuffer, addWeighted, isValidScore } from './score-buffer.ts';
import { invalidScore, normalizingError, runningError } from './score-errors.ts';
import { isSuccess } from './status.ts';
import type { Status } from './status.ts';

/** A score plugin with its weight in the profile. */
export interface ScoreEntry {
  readonly plugin: Plugin & ScorePlugin;
  /** >= 1. */
  readonly weight: number;
}

/** The node-local plugins among them, without normalizing and with it. */
export interface LocalEntries {
  readonly plain: readonly ScoreEntry[];
  readonly normalized: readonly ScoreEntry[];
}

/** What is scored, and for whom. */
export interface ScoreTask {
  readonly state: CycleState;
  readonly pod: Pod;
  readonly nodes: readonly NodeInfo[];
}

/** The node-local part of the Score stage. */
export class LocalScores {
  private readonly isVerified: boolean;
  private readonly buffers: ScoreBuffer[] = [];
  /** Of the node that was asked about last: the weighted sum without normalizing, and the raw scores to be normalized. */
  private sum = 0;
  private readonly raws: number[] = [];

  /** @param isVerified asks about every node anew and compares. */
  constructor(isVerified: boolean) {
    this.isVerified = isVerified;
  }

  /** Adds each node's weighted scores to its total; a status where something went wrong. */
  addTo(totals: Float64Array, entries: LocalEntries, task: ScoreTask): Status | undefined {
    const { normalized } = entries;
    if (entries.plain.length + normalized.length === 0) return undefined;
    const raws = this.rawArrays(normalized.length, task.nodes.length);
    const failure = this.collect(totals, raws, entries, task);
    if (failure !== undefined) return failure;
    for (let at = 0; at < normalized.length; at++) {
      const { plugin, weight } = normalized[at]!;
      const scores = raws[at]!;
      const status = plugin.normalizeScore!(task.state, task.pod, scores, task.nodes);
      if (!isSuccess(status)) return normalizingError(plugin, status!);
      const invalid = addWeighted(totals, scores, weight);
      if (invalid !== undefined) return invalidScore(plugin.name, invalid);
    }
    return undefined;
  }

  private collect(
    totals: Float64Array,
    raws: readonly Float64Array[],
    entries: LocalEntries,
    task: ScoreTask,
  ): Status | undefined {
    const { nodes, state } = task;
    const memory = state.scores!;
    const { isVerified } = this;
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      if (!isVerified && memory.isScored(node)) {
        totals[at]! += memory.sum(node);
        for (let k = 0; k < raws.length; k++) raws[k]![at] = memory.raw(k, node);
        continue;
      }
      const failure = this.ask(entries, state, task.pod, node);
      if (failure !== undefined) return failure;
      if (isVerified && memory.isScored(node)) this.compare(memory, node, task.pod);
      memory.score(node, this.sum, this.raws);
      totals[at]! += this.sum;
      for (let k = 0; k < raws.length; k++) raws[k]![at] = this.raws[k]!;
    }
    return undefined;
  }

  /** The weighted sum for one node, asked anew, where nothing is normalized. */
  sumOf(entries: LocalEntries, state: CycleState, pod: Pod, node: NodeInfo): number | Status {
    return this.ask(entries, state, pod, node) ?? this.sum;
  }

  /** Fills `sum` and `raws`. */
  private ask({ plain, normalized }: LocalEntries, state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    this.sum = 0;
    for (let at = 0; at < plain.length; at++) {
      const { plugin, weight } = plain[at]!;
      const score = plugin.score(state, pod, node);
      if (typeof score !== 'number') return runningError(plugin, score);
      if (!isValidScore(score)) return invalidScore(plugin.name, score);
      this.sum += score * weight;
    }
    if (this.raws.length !== normalized.length) this.raws.length = normalized.length;
    for (let at = 0; at < normalized.length; at++) {
      const { plugin } = normalized[at]!;
      const score = plugin.score(state, pod, node);
      if (typeof score !== 'number') return runningError(plugin, score);
      this.raws[at] = score;
    }
    return undefined;
  }

  private compare(memory: ClassMemory, node: NodeInfo, { metadata }: Pod): void {
    const isSame = memory.sum(node) === this.sum && this.raws.every((raw, at) => memory.raw(at, node) === raw);
    const known = [memory.sum(node), ...this.raws.map((_, at) => memory.raw(at, node))].join(' ');
    assertRemembered(
      isSame,
      `--verify: the scores remembered of node ${node.name} for pod ${metadata.namespace}/${metadata.name} are ${known}, ` +
        `asked anew they are ${[this.sum, ...this.raws].join(' ')}: a plugin that says isNodeLocal looks at more`,
    );
  }

  private rawArrays(count: number, length: number): readonly Float64Array[] {
    while (this.buffers.length < count) this.buffers.push(new ScoreBuffer());
    const arrays: Float64Array[] = [];
    for (let at = 0; at < count; at++) arrays.push(this.buffers[at]!.ofLength(length));
    return arrays;
  }
}
