/**
 * What every scheduler plugin must keep to, whatever it decides. The kit tries a plugin in many small drawn clusters and
 * says what is wrong; it needs no test framework: `expect(pluginConformance(mine)).toEqual([])`.
 */
import { CycleState } from '../framework/cycle-state.ts';
import type { PluginDefinition } from '../framework/define-plugin.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { Code, Status, codeNames, isSkip, isSuccess } from '../framework/status.ts';
import { drawWorld } from './drawn-world.ts';
import { PluginTrial, setupOf } from './plugin-trial.ts';

/** How a plugin is tried. */
export interface ConformanceOptions {
  /** As under `pluginConfig` of a KubeSchedulerConfiguration; default: the plugin's own defaults. */
  readonly args?: unknown;
  /** How many clusters are drawn; default 60. */
  readonly worlds?: number;
  /** Number of the first one; other numbers are other clusters. Default 0. */
  readonly firstWorld?: number;
}

const worldsDefault = 60;

/**
 * What is wrong with a plugin, one sentence for each kind of mistake, with the first cluster in which it showed; empty = it
 * conforms. Checked are: names and args; scores are integers in 0..100 after normalizing; `scoreNodes` gives what `score`
 * gives; the same question has the same answer; inputs stay as they are; after Skip every node passes; a refusal has a
 * reason and a code that Filter allows; `addPod` and `removePod` cancel out, and a clone of the state is independent.
 */
export function pluginConformance(definition: PluginDefinition, options: ConformanceOptions = {}): readonly string[] {
  const { args, worlds = worldsDefault, firstWorld = 0 } = options;
  const problems = new ProblemList();
  const setup = setupOf(definition, args);
  for (let number = firstWorld; number < firstWorld + worlds; number++) {
    problems.world = number;
    const world = drawWorld(number);
    const make = (): PluginTrial => new PluginTrial(setup, world);
    try {
      const trial = make();
      if (!isUsable(definition, trial, problems)) break;
      for (const check of checks) check(trial, problems, make);
    } catch (error) {
      problems.add('throws', `the plugin throws: ${thrownText(error)}`);
    }
  }
  return problems.texts();
}

/** A frozen input that is written to answers with a TypeError. */
function thrownText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const isFrozen = /read only|not extensible|Cannot delete property|Cannot define property/.test(message);
  return isFrozen ? `${message} (pods and nodes are shared and must not be changed)` : message;
}

/** One problem of each kind, with the world of the first and the number of others. */
class ProblemList {
  world = 0;
  private readonly found = new Map<string, { readonly text: string; readonly world: number; count: number }>();

  add(kind: string, text: string): void {
    const known = this.found.get(kind);
    if (known === undefined) this.found.set(kind, { text, world: this.world, count: 1 });
    else known.count++;
  }

  texts(): readonly string[] {
    return [...this.found.values()].map(({ text, world, count }) => {
      const more = count === 1 ? '' : `, ${count} times in all`;
      return `${text} (cluster ${world}${more})`;
    });
  }
}

type Check = (trial: PluginTrial, problems: ProblemList, make: () => PluginTrial) => void;

const checks: readonly Check[] = [
  checkScores,
  checkScoreNodes,
  checkDeterminism,
  checkInputs,
  checkSkip,
  checkRefusals,
  checkWhatIfs,
  checkEvents,
];

function isUsable({ name }: PluginDefinition, trial: PluginTrial, problems: ProblemList): boolean {
  for (const problem of trial.problems) problems.add(problem, `configuration: ${problem}`);
  if (trial.problems.length > 0) return false;
  if (trial.plugin.name === name) return true;
  problems.add('name', `the definition is named "${name}", the plugin that it creates "${trial.plugin.name}"`);
  return false;
}

/** Integers in 0..100 after normalizing. */
function checkScores(trial: PluginTrial, problems: ProblemList): void {
  const scores = normalizedScores(trial);
  for (const [at, score] of scores.entries()) {
    if (Number.isInteger(score) && score >= 0 && score <= nodeScoreMax) continue;
    const stage = trial.plugin.normalizeScore === undefined ? 'score' : 'score after normalizeScore';
    problems.add('score', `${stage}: ${score} for ${trial.nodes[at]!.name} is no integer from 0 to ${nodeScoreMax}`);
  }
}

/** Of all nodes; empty where the plugin does not score, skips or fails. */
function normalizedScores({ plugin, pod, nodes }: PluginTrial): readonly number[] {
  const state = new CycleState();
  if (plugin.score === undefined || !isPreFiltered(plugin.preFilter?.(state, pod, nodes))) return [];
  if (!isSuccess(plugin.preScore?.(state, pod, nodes))) return [];
  const raw = nodes.map((node) => plugin.score!(state, pod, node));
  if (raw.some((score) => score instanceof Status)) return [];
  const scores = Float64Array.from(raw as readonly number[]);
  return isSuccess(plugin.normalizeScore?.(state, pod, scores, nodes)) ? [...scores] : [];
}

/** Whether a cycle goes on after this answer of PreFilter. */
function isPreFiltered(answer: unknown): boolean {
  return !(answer instanceof Status) || isSkip(answer) || isSuccess(answer);
}

function checkScoreNodes(trial: PluginTrial, problems: ProblemList): void {
  const { plugin, pod, nodes } = trial;
  const state = new CycleState();
  if (plugin.scoreNodes === undefined || !isSuccess(plugin.preScore?.(state, pod, nodes))) return;
  const together = new Float64Array(nodes.length).fill(-1);
  plugin.scoreNodes(state, pod, nodes, together);
  const single = nodes.map((node) => plugin.score!(state, pod, node));
  const at = single.findIndex((score, index) => score !== together[index]);
  if (at < 0) return;
  const answers = `${together[at]} and ${String(single[at])}`;
  problems.add('scoreNodes', `scoreNodes and score differ for ${nodes[at]!.name}: ${answers}`);
}

/** Asked again, and asked in an equal cluster. Only a plugin that draws random numbers may change its mind. */
function checkDeterminism(_trial: PluginTrial, problems: ProblemList, make: () => PluginTrial): void {
  const trial = make();
  const first = answersOf(trial);
  if (answersOf(make()) !== first)
    problems.add(
      'equal',
      'the same question in an equal cluster has another answer: the plugin keeps something outside',
    );
  else if (trial.drawCount === 0 && answersOf(trial) !== first)
    problems.add('again', 'the same question asked twice has two answers: the plugin keeps something between cycles');
}

/** All answers about the waiting pod, as text. */
function answersOf(trial: PluginTrial): string {
  const { plugin, pod, nodes } = trial;
  const state = new CycleState();
  const before = plugin.preFilter?.(state, pod, nodes);
  const narrowed = before === undefined || before instanceof Status ? statusText(before) : [...before.nodeNames].join();
  const isFiltering = isPreFiltered(before) && !(before instanceof Status && isSkip(before));
  return [
    statusText(plugin.preEnqueue?.(pod)),
    narrowed,
    ...(isFiltering ? filterTexts(trial, state, nodes) : []),
    ...normalizedScores(trial),
  ].join('\n');
}

function statusText(status: Status | undefined): string {
  return status === undefined ? 'ok' : `${codeNames[status.code]} ${status.message}`;
}

function filterTexts({ plugin, pod }: PluginTrial, state: CycleState, nodes: readonly NodeInfo[]): readonly string[] {
  return nodes.map((node) => statusText(plugin.filter?.(state, pod, node)));
}

function checkInputs(trial: PluginTrial, problems: ProblemList): void {
  const before = trial.inputsText();
  answersOf(trial);
  if (trial.inputsText() !== before)
    problems.add('inputs', 'the plugin changes the pod, a node or its account, which it may only read');
}

function checkSkip(trial: PluginTrial, problems: ProblemList): void {
  const { plugin, pod, nodes } = trial;
  const state = new CycleState();
  const answer = plugin.preFilter?.(state, pod, nodes);
  if (!(answer instanceof Status) || !isSkip(answer) || plugin.filter === undefined) return;
  const refused = nodes.find((node) => !isSuccess(plugin.filter!(state, pod, node)));
  if (refused !== undefined)
    problems.add('skip', `PreFilter says Skip, which means that every node passes, and Filter refuses ${refused.name}`);
}

const filterCodes: ReadonlySet<Code> = new Set([
  Code.success,
  Code.error,
  Code.unschedulable,
  Code.unschedulableAndUnresolvable,
]);

function checkRefusals(trial: PluginTrial, problems: ProblemList): void {
  const { plugin, pod, nodes } = trial;
  const state = new CycleState();
  const before = plugin.preFilter?.(state, pod, nodes);
  if (plugin.filter === undefined || !isPreFiltered(before) || (before instanceof Status && isSkip(before))) return;
  for (const node of nodes) {
    const status = plugin.filter(state, pod, node);
    if (status === undefined) continue;
    if (!filterCodes.has(status.code)) problems.add('code', `Filter must not answer ${codeNames[status.code]}`);
    else if (status.code !== Code.success && status.message === '')
      problems.add('reason', `Filter refuses ${node.name} without a reason`);
  }
}

/** Without host ports: of two pods with one port on a node the account keeps only one, as upstream. */
const guestManifest = {
  metadata: { name: 'guest', namespace: 'default', labels: { app: 'red' } },
  spec: { containers: [{ name: 'c', image: 'app:1', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
};

/** A pod that comes and goes again, and one that goes and comes again, leave no trace. */
function checkWhatIfs(trial: PluginTrial, problems: ProblemList): void {
  const { plugin, pod, nodes } = trial;
  const state = new CycleState();
  const before = plugin.preFilter?.(state, pod, nodes);
  if (plugin.filter === undefined || !isPreFiltered(before) || (before instanceof Status && isSkip(before))) return;
  const expected = filterTexts(trial, state, nodes).join();
  const compare = (kind: string, copy: CycleState, others: readonly NodeInfo[], text: string): void => {
    if (filterTexts(trial, copy, others).join() !== expected) problems.add(kind, text);
  };
  const guest = trial.guest(guestManifest);
  for (const [at, node] of nodes.entries()) {
    for (const order of ['add', 'remove'] as const) {
      const known = order === 'add' ? guest : node.pods[0];
      if (known === undefined) continue;
      const copy = state.clone();
      const account = node.clone();
      const steps = order === 'add' ? (['add', 'remove'] as const) : (['remove', 'add'] as const);
      for (const step of steps) {
        if (step === 'add') {
          account.addPod(known);
          plugin.addPod?.(copy, pod, known, account);
        } else {
          account.removePod(known.pod);
          plugin.removePod?.(copy, pod, known, account);
        }
        compare(
          'clone',
          state,
          nodes,
          `${step}Pod on a clone of the state changes the original: clone() shares something`,
        );
      }
      compare(
        'what-if',
        copy,
        nodes.with(at, account),
        `${steps.map((step) => `${step}Pod`).join(' and ')} of one pod do not cancel out`,
      );
    }
  }
}

function checkEvents(trial: PluginTrial, problems: ProblemList): void {
  for (const { event } of trial.plugin.eventsToRegister?.() ?? [])
    if (event.actions <= 0) problems.add('events', `eventsToRegister names ${event.resource} without any action`);
}
