/**
 * Replays recorded decisions with the plugins that exist here and compares everything that belongs to them: the verdict on
 * each node with its texts, raw and normalized scores, weights, totals, the best nodes, the message. What a plugin decided
 * that this version does not have is counted as skipped, never as equal.
 */
import type { Pod } from '../api/core-v1.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { SchedulingAlgorithm } from '../scheduler/algorithm.ts';
import type { ScheduleResult } from '../scheduler/algorithm.ts';
import { fitErrorMessage } from '../scheduler/fit-error.ts';
import type { Diagnosis } from '../scheduler/fit-error.ts';
import { CycleState } from '../scheduler/framework/cycle-state.ts';
import type { NodeInfo } from '../scheduler/framework/node-info.ts';
import type { NodeScores } from '../scheduler/framework/run-score.ts';
import type { Framework } from '../scheduler/framework/runtime.ts';
import { Status, codeNames, isRejected } from '../scheduler/framework/status.ts';
import { inTreePlugins } from '../scheduler/plugins/registry.ts';
import { SchedulerFixture, nodeFrom, podFrom } from './scheduler-fixture.ts';
import type { RecordedCase, RecordedDecision, RecordedManifest, RecordedStatus } from './scheduler-recordings.ts';

/** What has been compared, what differed, and what belongs to plugins that are not here. */
export interface ReplayTally {
  readonly compared: Map<string, number>;
  readonly skipped: Map<string, number>;
  readonly differences: string[];
}

/** An empty tally. */
export function newTally(): ReplayTally {
  return { compared: new Map(), skipped: new Map(), differences: [] };
}

const modelled: ReadonlySet<string> = new Set(inTreePlugins.map(({ name }) => name));

/** Replays one case into the tally. */
export function replay(recorded: RecordedCase, tally: ReplayTally): void {
  new CaseReplay(recorded, tally).run();
}

class CaseReplay {
  private readonly recorded: RecordedCase;
  private readonly tally: ReplayTally;
  private readonly fixture: SchedulerFixture;
  private readonly algorithm: SchedulingAlgorithm;
  private lastUid = 0;

  constructor(recorded: RecordedCase, tally: ReplayTally) {
    this.recorded = recorded;
    this.tally = tally;
    this.fixture = new SchedulerFixture(recorded.config);
    const options = { tieBreak: 'lowest-name', percentageOfNodesToScore: 100 } as const;
    this.algorithm = new SchedulingAlgorithm(this.fixture.cache, options);
  }

  run(): void {
    const { recorded, fixture } = this;
    this.check('configuration', recorded.id, fixture.problems.map(({ message }) => message).join(), '');
    for (const manifest of recorded.objects ?? []) this.install(manifest);
    const pods = recorded.pods.map((manifest) => podFrom(manifest, this.uidOf(manifest)));
    for (const pod of pods) fixture.nominator.set(fixture.podInfos.podInfo(pod), undefined);
    for (const [at, pod] of pods.entries()) this.decide(pod, recorded.expect[at]!);
  }

  private install(manifest: RecordedManifest): void {
    const { cache, nominator, podInfos } = this.fixture;
    if (manifest.kind === 'Node') return cache.addNode(nodeFrom(manifest));
    if (manifest.kind !== 'Pod') return this.fixture.cluster.install(manifest);
    const phase = manifest.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') return;
    const pod = podFrom(manifest, this.uidOf(manifest));
    if (pod.spec.nodeName !== '') cache.addPod(pod);
    else nominator.set(podInfos.podInfo(pod), undefined);
  }

  /** The number of the uid that the manifest states; owners name it. */
  private uidOf({ metadata }: RecordedManifest): number {
    return this.fixture.cluster.uidOf(metadata.uid ?? `without uid ${++this.lastUid}`);
  }

  private decide(pod: Pod, expected: RecordedDecision): void {
    const framework = this.fixture.frameworks.get(pod.spec.schedulerName);
    if (framework === undefined) {
      const message = `profile not found for scheduler name "${pod.spec.schedulerName}"`;
      return this.check('errors', expected.pod, message, expected.error);
    }
    if (this.isGated(framework, pod, expected)) return;
    const result = this.algorithm.schedulePod(framework, pod);
    this.compareResult(framework, pod, result, expected);
    if (expected.bound !== undefined) this.assume(framework, pod, result.state, expected.bound);
  }

  private isGated(framework: Framework, pod: Pod, expected: RecordedDecision): boolean {
    let refusal: Status | undefined;
    for (const { plugin, signer } of framework.preEnqueuePlugins) {
      const status = plugin.preEnqueue(pod);
      if (status !== undefined) refusal ??= signer.sign(status);
    }
    this.check('gates', expected.pod, statusText(refusal), recordedText(expected.preEnqueue));
    return refusal !== undefined;
  }

  private assume(framework: Framework, pod: Pod, state: CycleState, nodeName: string): void {
    const { cache, nominator, podInfos } = this.fixture;
    const assumed = podWith(pod, { spec: bindSpec(pod.spec, nodeName) });
    nominator.delete(pod.metadata.uid);
    cache.assumePod(podInfos.podInfo(assumed));
    this.check(
      'reserve',
      `${pod.metadata.name} on ${nodeName}`,
      framework.runReserve(state, assumed, nodeName),
      undefined,
    );
  }

  private compareResult(framework: Framework, pod: Pod, result: ScheduleResult, expected: RecordedDecision): void {
    if (result.type === 'no-nodes') {
      return this.check('errors', expected.pod, 'no nodes available to schedule pods', expected.error);
    }
    if (expected.error !== undefined || result.type === 'error') {
      // The texts of selector errors are Go's own.
      return this.check('errors', expected.pod, result.type, expected.error === undefined ? '' : 'error');
    }
    const outsiders = this.compareVerdicts(framework, pod, expected);
    this.compareScores(framework, pod, expected);
    if (outsiders > 0 || isMissing(expected.preFilter)) return this.skip('decisions', 1);
    if (result.type === 'node') this.compareChoice(result, expected);
    else this.compareDiagnosis(result.diagnosis, expected);
  }

  /** Skipped filters, narrowed nodes, and what every node was told; returns how many nodes a missing plugin refused. */
  private compareVerdicts(framework: Framework, pod: Pod, expected: RecordedDecision): number {
    const state = new CycleState();
    const { status, nodeNames } = framework.runPreFilter(state, pod, this.fixture.cache.nodes);
    if (isMissing(expected.preFilter)) return 0;
    this.check('preFilter', expected.pod, statusText(status), recordedText(expected.preFilter));
    if (isRejected(status)) return 0;
    const skipped = (expected.skippedFilters ?? []).filter((name) => modelled.has(name));
    this.check('skippedFilters', expected.pod, listText(state.skipFilterPlugins), listText(skipped));
    this.check('preFilterNodes', expected.pod, listText(nodeNames ?? []), listText(expected.preFilterNodes ?? []));
    if (expected.nominatedNodeFeasible === true) return 0;
    const verdicts = recordedVerdicts(expected);
    let outsiders = 0;
    for (const node of this.fixture.cache.nodes) {
      if (nodeNames !== undefined && !nodeNames.has(node.name)) continue;
      const verdict = verdicts.get(node.name);
      const own = framework.runFilterPluginsWithNominatedPods(state, pod, node);
      if (isMissing(verdict)) {
        outsiders++;
        this.skip('verdicts', 1);
        continue;
      }
      this.check('verdicts', `${expected.pod} on ${node.name}`, statusText(own), recordedText(verdict));
    }
    return outsiders;
  }

  /** Scores are recorded also where only one node was feasible. */
  private compareScores(framework: Framework, pod: Pod, expected: RecordedDecision): void {
    const { cache } = this.fixture;
    if (expected.scores === undefined && expected.scoreError === undefined) return;
    const nodes = expected.feasible.map((name) => cache.get(name)!);
    const state = new CycleState();
    framework.runPreFilter(state, pod, cache.nodes);
    for (const node of nodes) framework.runFilterPluginsWithNominatedPods(state, pod, node);
    const failure = framework.runPreScore(state, pod, nodes);
    this.check('scoreErrors', expected.pod, failure !== undefined, expected.scoreError !== undefined);
    if (failure !== undefined || expected.scores === undefined) return;
    const skipped = (expected.skippedScores ?? []).filter((name) => modelled.has(name));
    this.check('skippedScores', expected.pod, listText(state.skipScorePlugins), listText(skipped));
    const scores = framework.runScore(state, pod, nodes, true);
    if (scores instanceof Status) return this.check('scoreErrors', expected.pod, scores.message, '');
    this.compareNumbers(scores, nodes, expected);
  }

  private compareNumbers(scores: NodeScores, nodes: readonly NodeInfo[], expected: RecordedDecision): void {
    const totals = Array.from(scores.totals);
    const recorded = new Map(Object.entries(expected.scores!));
    for (const { plugin, weight, raw, normalized } of scores.byPlugin) {
      const entry = recorded.get(plugin);
      recorded.delete(plugin);
      const at = `${expected.pod} ${plugin}`;
      this.check('weights', at, weight, entry?.weight);
      this.check('raw scores', at, [...raw!].join(), entry?.raw.join(), nodes.length);
      this.check('normalized scores', at, [...normalized].join(), entry?.norm.join(), nodes.length);
    }
    for (const [plugin, { weight, norm }] of recorded) {
      if (modelled.has(plugin)) this.check('normalized scores', `${expected.pod} ${plugin}`, 'none', norm.join());
      this.skip('raw scores', nodes.length);
      this.skip('normalized scores', nodes.length);
      for (const [at, score] of norm.entries()) totals[at]! += weight * score;
    }
    this.check('totals', expected.pod, totals.join(), expected.total?.join(), nodes.length);
    const max = Math.max(...totals);
    const best = expected.feasible.filter((_name, at) => totals[at] === max);
    this.check('best nodes', expected.pod, listText(best), listText(expected.best ?? []));
  }

  private compareChoice(result: ScheduleResult & { type: 'node' }, expected: RecordedDecision): void {
    this.check('decisions', expected.pod, result.node.name, expected.bound);
    const isScored = expected.feasible.length > 1 && expected.nominatedNodeFeasible !== true;
    if (isScored) this.check('ties', expected.pod, result.ties, expected.best!.length);
  }

  /** Without the part of the message that preemption adds. */
  private compareDiagnosis(diagnosis: Diagnosis, expected: RecordedDecision): void {
    this.check('decisions', expected.pod, undefined, expected.bound);
    const plugins = listText(expected.unschedulablePlugins ?? []);
    this.check('unschedulable plugins', expected.pod, listText(diagnosis.unschedulablePlugins), plugins);
    const message = fitErrorMessage(this.fixture.cache.nodes, diagnosis, '');
    const whole = expected.message ?? Object.values(expected.messages ?? {})[0] ?? '';
    const filterPart = withoutPostFilter(whole, expected.postFilter);
    this.check('messages', expected.pod, message, filterPart);
    if (filterPart !== whole) this.skip('messages of preemption', 1);
  }

  private check(what: string, where: string, found: unknown, expected: unknown, count = 1): void {
    this.tally.compared.set(what, (this.tally.compared.get(what) ?? 0) + count);
    if (found === expected) return;
    this.tally.differences.push(
      `${this.recorded.id} ${where}: ${what}: ${String(found)} instead of ${String(expected)}`,
    );
  }

  private skip(what: string, count: number): void {
    this.tally.skipped.set(what, (this.tally.skipped.get(what) ?? 0) + count);
  }
}

/** What PostFilter adds begins with ` preemption: `, or is an error of DynamicResources. */
function withoutPostFilter(message: string, status: RecordedStatus | undefined): string {
  const error = status?.code === 'Error' ? ` ${listText(status.reasons ?? [])}` : undefined;
  if (error !== undefined && message.endsWith(error)) return message.slice(0, -error.length);
  const end = message.indexOf(' preemption: ');
  return end < 0 ? message : message.slice(0, end);
}

/** A status of a plugin that this version does not have. */
function isMissing(status: RecordedStatus | undefined): boolean {
  return status !== undefined && !modelled.has(status.plugin);
}

function recordedVerdicts({ rejected }: RecordedDecision): ReadonlyMap<string, RecordedStatus> {
  return new Map((rejected ?? []).flatMap((group) => group.nodes.map((node) => [node, group] as const)));
}

function recordedText(status: RecordedStatus | undefined): string {
  return status === undefined ? 'ok' : `${status.code} by ${status.plugin}: ${listText(status.reasons ?? [])}`;
}

function statusText(status: Status | undefined): string {
  return status === undefined ? 'ok' : `${codeNames[status.code]} by ${status.plugin}: ${listText(status.reasons)}`;
}

function listText(names: Iterable<string>): string {
  return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('; ');
}
