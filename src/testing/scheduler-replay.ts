/**
 * Replays recorded decisions and compares everything that they tell: the verdict on each node with its texts, raw and normalized
 * scores, weights, totals, the best nodes, victims of preemption, the message.
 */
import type { Pod } from '../api/core-v1.ts';
import { statusWith } from '../api/pod-status.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { SECOND } from '../engine/time.ts';
import { SchedulingAlgorithm } from '../scheduler/algorithm.ts';
import type { ScheduleResult } from '../scheduler/node-search.ts';
import { fitErrorMessage } from '../scheduler/framework/fit-error.ts';
import type { Diagnosis } from '../scheduler/framework/fit-error.ts';
import { CycleState } from '../scheduler/framework/cycle-state.ts';
import type { NodeInfo } from '../scheduler/framework/node-info.ts';
import type { NodeScores } from '../scheduler/framework/run-score.ts';
import type { Framework } from '../scheduler/framework/runtime.ts';
import { Status, isRejected } from '../scheduler/framework/status.ts';
import { comparePreemption, recordedMessage } from './preemption-replay.ts';
import type { Check } from './preemption-replay.ts';
import { SchedulerFixture, nodeFrom, podFrom } from './scheduler-fixture.ts';
import type { RecordedCase, RecordedDecision, RecordedManifest, RecordedStatus } from './scheduler-recordings.ts';
import { listText, recordedText, statusText } from './status-texts.ts';

/** A place where the recording says one thing and this version another. */
export interface Difference {
  /** Id of the case. */
  readonly case: string;
  /** Which pod, node, plugin or step. */
  readonly where: string;
  /** What was compared. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/** What has been compared, what differed, and what belongs to plugins that are not here. */
export interface ReplayTally {
  readonly compared: Map<string, number>;
  readonly differences: Difference[];
}

/** An empty tally. */
export function newTally(): ReplayTally {
  return { compared: new Map(), differences: [] };
}

type ScheduleChoice = ScheduleResult & { readonly type: 'node' };

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
    this.fixture.clock.now = laterThanAll;
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
    const pod = startedPod(manifest, this.uidOf(manifest));
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
      framework.binding.runReserve(state, assumed, nodeName),
      undefined,
    );
  }

  private compareResult(framework: Framework, pod: Pod, result: ScheduleResult, expected: RecordedDecision): void {
    if (result.type === 'no-nodes') {
      return this.check('errors', expected.pod, 'no nodes available to schedule pods', expected.error);
    }
    if (expected.error !== undefined || result.type === 'error') {
      // The texts of selector errors are Go's own.
      this.check('errors', expected.pod, result.type, expected.error === undefined ? '' : 'error');
      if (expected.feasible.length > 0) this.compareVerdicts(framework, pod, expected);
      return;
    }
    this.compareVerdicts(framework, pod, expected);
    this.compareScores(framework, pod, expected);
    if (result.type === 'node') this.compareChoice(framework, pod, result, expected);
    else this.compareDiagnosis(framework, pod, result.state, result.diagnosis, expected);
  }

  /** Skipped filters, narrowed nodes, and what every node was told. */
  private compareVerdicts(framework: Framework, pod: Pod, expected: RecordedDecision): void {
    const state = new CycleState();
    const { status, nodeNames } = framework.runPreFilter(state, pod, this.fixture.cache.nodes);
    this.check('preFilter', expected.pod, statusText(status), recordedText(expected.preFilter));
    if (isRejected(status)) return;
    const skipped = listText(expected.skippedFilters ?? []);
    this.check('skippedFilters', expected.pod, listText(state.skipFilterPlugins), skipped);
    this.check('preFilterNodes', expected.pod, listText(nodeNames ?? []), listText(expected.preFilterNodes ?? []));
    if (expected.nominatedNodeFeasible === true) return;
    const verdicts = recordedVerdicts(expected);
    const feasible: string[] = [];
    for (const node of this.fixture.cache.nodes) {
      if (nodeNames !== undefined && !nodeNames.has(node.name)) continue;
      const verdict = verdicts.get(node.name);
      const own = framework.runFilterPluginsWithNominatedPods(state, pod, node);
      if (own === undefined) feasible.push(node.name);
      this.check('verdicts', `${expected.pod} on ${node.name}`, statusText(own), recordedText(verdict));
    }
    this.check('feasible nodes', expected.pod, listText(feasible), listText(expected.feasible));
  }

  /** Scores are recorded also where only one node was feasible. */
  private compareScores(framework: Framework, pod: Pod, expected: RecordedDecision): void {
    const { cache } = this.fixture;
    if (expected.best === undefined) return;
    if (!framework.hasScorePlugins) return this.compareUnscored(expected);
    const nodes = expected.feasible.map((name) => cache.get(name)!);
    const state = new CycleState();
    framework.runPreFilter(state, pod, cache.nodes);
    for (const node of nodes) framework.runFilterPluginsWithNominatedPods(state, pod, node);
    const failure = framework.runPreScore(state, pod, nodes);
    this.check('scoreErrors', expected.pod, failure !== undefined, expected.scoreError !== undefined);
    if (failure !== undefined || expected.scoreError !== undefined) return;
    this.check('skippedScores', expected.pod, listText(state.skipScorePlugins), listText(expected.skippedScores ?? []));
    const scores = framework.runScore(state, pod, nodes, true);
    if (scores instanceof Status) return this.check('scoreErrors', expected.pod, scores.message, '');
    this.compareNumbers(scores, nodes, expected);
  }

  /** Without score plugins every feasible node counts 1, so all are the best. */
  private compareUnscored({ pod, feasible, total, best }: RecordedDecision): void {
    this.check('totals', pod, feasible.map(() => 1).join(), total?.join(), feasible.length);
    this.check('best nodes', pod, listText(feasible), listText(best ?? []));
  }

  private compareNumbers(scores: NodeScores, nodes: readonly NodeInfo[], expected: RecordedDecision): void {
    const totals = Array.from(scores.totals);
    const recorded = new Map(Object.entries(expected.scores ?? {}));
    for (const { plugin, weight, raw, normalized } of scores.byPlugin) {
      const entry = recorded.get(plugin);
      recorded.delete(plugin);
      const at = `${expected.pod} ${plugin}`;
      this.check('weights', at, weight, entry?.weight);
      this.check('raw scores', at, [...raw!].join(), entry?.raw.join(), nodes.length);
      this.check('normalized scores', at, [...normalized].join(), entry?.norm.join(), nodes.length);
    }
    for (const [plugin, { norm }] of recorded) {
      this.check('normalized scores', `${expected.pod} ${plugin}`, 'none', norm.join());
    }
    this.check('totals', expected.pod, totals.join(), expected.total?.join(), nodes.length);
    const max = Math.max(...totals);
    const best = expected.feasible.filter((_name, at) => totals[at] === max);
    this.check('best nodes', expected.pod, listText(best), listText(expected.best ?? []));
  }

  private compareChoice(framework: Framework, pod: Pod, result: ScheduleChoice, expected: RecordedDecision): void {
    const { nominatedNodeName } = pod.status;
    const { name } = result.node;
    const isNominated = name === nominatedNodeName && result.evaluatedNodes === 1;
    const wasNominated = expected.nominatedNodeFeasible === true;
    if (nominatedNodeName !== '') this.check('nominated nodes', expected.pod, isNominated, wasNominated);
    // Without score plugins the first feasible node is taken, which is any of the best ones.
    if (!framework.hasScorePlugins) return this.check('decisions', expected.pod, expected.best?.includes(name), true);
    this.check('decisions', expected.pod, name, expected.bound);
    const isScored = expected.feasible.length > 1 && !wasNominated;
    if (isScored) this.check('ties', expected.pod, result.ties, expected.best!.length);
  }

  private compareDiagnosis(
    framework: Framework,
    pod: Pod,
    state: CycleState,
    diagnosis: Diagnosis,
    expected: RecordedDecision,
  ): void {
    this.check('decisions', expected.pod, undefined, expected.bound);
    const plugins = listText(expected.unschedulablePlugins ?? []);
    this.check('unschedulable plugins', expected.pod, listText(diagnosis.unschedulablePlugins), plugins);
    const statuses = diagnosis.nodeStatuses;
    const result = framework.hasPostFilterPlugins ? framework.runPostFilter(state, pod, statuses) : undefined;
    const message = fitErrorMessage(this.fixture.cache.nodes, diagnosis, result?.status.message ?? '');
    this.check('messages', expected.pod, message, recordedMessage(expected, result?.nominatedNodeName));
    const check: Check = (what, where, found, wanted) => this.check(what, where, found, wanted);
    comparePreemption({ framework, pod, state, statuses }, result, expected, check);
  }

  private check(what: string, where: string, found: unknown, expected: unknown, count = 1): void {
    this.tally.compared.set(what, (this.tally.compared.get(what) ?? 0) + count);
    if (found === expected) return;
    const difference = { case: this.recorded.id, where, what, expected: String(expected), got: String(found) };
    this.tally.differences.push(difference);
  }
}

/** A pod with the time at which it started; recordings count from the epoch. */
function startedPod(manifest: RecordedManifest, uid: number): Pod {
  const pod = podFrom(manifest, uid);
  const startTime = manifest.status?.startTime;
  return startTime === undefined
    ? pod
    : podWith(pod, { status: statusWith(pod.status, { startTime: Date.parse(startTime) / 1000 }) });
}

/** Later than every time in a recording; microseconds. */
const laterThanAll = 4_000_000_000 * SECOND;

function recordedVerdicts({ rejected }: RecordedDecision): ReadonlyMap<string, RecordedStatus> {
  return new Map((rejected ?? []).flatMap((group) => group.nodes.map((node) => [node, group] as const)));
}
