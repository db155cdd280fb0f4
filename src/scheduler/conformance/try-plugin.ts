/** Asks one plugin about one pod in a cluster written as manifests: what tests of a plugin stand on. */
import { CycleState } from '../framework/cycle-state.ts';
import type { PluginDefinition } from '../framework/define-plugin.ts';
import { Status, isSkip, isSuccess } from '../framework/status.ts';
import type { Manifest } from './drawn-world.ts';
import { PluginTrial, setupOf } from './plugin-trial.ts';

/** A cluster as manifests, as short as the test allows. */
export interface TriedCluster {
  /** `{ metadata: { name }, status: { allocatable: { cpu: '4' } } }` and whatever else the plugin looks at. */
  readonly nodes: readonly Manifest[];
  /** Pods with a `spec.nodeName`. */
  readonly pods?: readonly Manifest[];
  /** The pod that waits. */
  readonly pod: Manifest;
  /** As under `pluginConfig`. */
  readonly args?: unknown;
}

/** What the plugin says of one node. */
export interface TriedNode {
  readonly node: string;
  /** Why it refuses the node; empty = it does not. */
  readonly refusal: string;
  /** After normalizing over all nodes of the cluster; undefined where it does not score. */
  readonly score: number | undefined;
}

/**
 * What a plugin says of every node, in the order of the nodes' names.
 *
 * @returns one entry with an empty node name where the args are refused.
 */
export function tryPlugin(
  definition: PluginDefinition,
  { nodes, pods = [], pod, args }: TriedCluster,
): readonly TriedNode[] {
  const trial = new PluginTrial(setupOf(definition, args), { nodes, bound: pods, waiting: pod });
  if (trial.problems.length > 0) return [{ node: '', refusal: trial.problems.join('; '), score: undefined }];
  const state = new CycleState();
  const before = trial.plugin.preFilter?.(state, trial.pod, trial.nodes);
  const scores = scoresOf(trial, state);
  return trial.nodes
    .map(({ name }, at) => ({ node: name, refusal: refusalOf(trial, state, before, at), score: scores?.[at] }))
    .sort((a, b) => (a.node < b.node ? -1 : 1));
}

function refusalOf(
  { plugin, pod, nodes }: PluginTrial,
  state: CycleState,
  before: ReturnType<NonNullable<PluginTrial['plugin']['preFilter']>>,
  at: number,
): string {
  const node = nodes[at]!;
  if (before instanceof Status) {
    if (isSkip(before)) return '';
    if (!isSuccess(before)) return before.message;
  } else if (before !== undefined && !before.nodeNames.has(node.name)) return 'narrowed out by PreFilter';
  const status = plugin.filter?.(state, pod, node);
  return isSuccess(status) ? '' : status!.message;
}

function scoresOf({ plugin, pod, nodes }: PluginTrial, state: CycleState): Float64Array | undefined {
  if (plugin.score === undefined || !isSuccess(plugin.preScore?.(state, pod, nodes))) return undefined;
  const raw = nodes.map((node) => plugin.score!(state, pod, node));
  if (raw.some((score) => score instanceof Status)) return undefined;
  const scores = Float64Array.from(raw as readonly number[]);
  plugin.normalizeScore?.(state, pod, scores, nodes);
  return scores;
}
