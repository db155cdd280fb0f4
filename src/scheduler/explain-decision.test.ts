import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import { SchedulerFixture, nodeFrom, podFrom } from '../testing/scheduler-fixture.ts';
import { readRecordings } from '../testing/scheduler-recordings.ts';
import type { RecordedCase, RecordedDecision, RecordedStatus } from '../testing/scheduler-recordings.ts';
import { SchedulingAlgorithm } from './algorithm.ts';
import { DecisionExplainer } from './explain-decision.ts';
import type { ExplainedDecision, NodeRefusal, ScoreTable } from './explained-decision.ts';
import { fitErrorMessage } from './framework/fit-error.ts';

/** Decides for a pod as the scheduler does and explains it. */
function explained(fixture: SchedulerFixture, algorithm: SchedulingAlgorithm, pod: Pod): ExplainedDecision {
  const explainer = new DecisionExplainer(() => true);
  algorithm.observer = explainer;
  const framework = fixture.frameworks.get(pod.spec.schedulerName)!;
  const result = algorithm.schedulePod(framework, pod);
  const { evaluatedNodes, feasibleNodes } = result;
  const message =
    result.type === 'unschedulable' ? fitErrorMessage(fixture.cache.nodes, result.diagnosis, '') : result.type;
  const outcome = result.type === 'node' ? result : ({ result: 'unschedulable', message } as const);
  const info = { podInfo: fixture.podInfos.podInfo(pod), attempts: 1 };
  explainer.decided({ info, framework, outcome, evaluatedNodes, feasibleNodes }, 5);
  return explainer.explained!;
}

function algorithmOf(fixture: SchedulerFixture, percentageOfNodesToScore = 100): SchedulingAlgorithm {
  return new SchedulingAlgorithm(fixture.cache, { tieBreak: 'lowest-name', percentageOfNodesToScore });
}

/** Whether the recording tells of every node. */
const isWhole = ({ error, scoreError, nominatedNodeFeasible }: RecordedDecision): boolean =>
  error === undefined && scoreError === undefined && nominatedNodeFeasible !== true;

const textOf = ({ code, plugin, reasons }: RecordedStatus | NodeRefusal): string =>
  `${code} by ${plugin}: ${[...(reasons ?? [])].sort((a, b) => (a < b ? -1 : 1)).join('; ')}`;

const recordedScores = ({ feasible, scores }: RecordedDecision): Map<string, string> =>
  new Map(
    Object.entries(scores!).flatMap(([plugin, { weight, raw, norm }]) =>
      feasible.map((node, at) => [`${plugin} ${node}`, `${raw[at]} ${norm[at]} x${weight}`]),
    ),
  );

const tableScores = ({ nodes, plugins }: ScoreTable): Map<string, string> =>
  new Map(
    plugins.flatMap(({ plugin, weight, raw, normalized }) =>
      nodes.map((node, at) => [`${plugin} ${node}`, `${raw[at]} ${normalized[at]} x${weight}`]),
    ),
  );

/** Compares the tables of one recorded case; returns how many verdicts and scores were compared. */
function compareCase({ config, objects, pods, expect: decisions }: RecordedCase): [verdicts: number, scores: number] {
  const fixture = new SchedulerFixture(config);
  const algorithm = algorithmOf(fixture);
  let uid = 0;
  for (const manifest of objects ?? []) {
    if (manifest.kind === 'Node') fixture.cache.addNode(nodeFrom(manifest));
    else if (manifest.kind !== 'Pod') fixture.cluster.install(manifest);
    if (manifest.kind !== 'Pod' || manifest.status?.phase === 'Succeeded' || manifest.status?.phase === 'Failed')
      continue;
    const pod = podFrom(manifest, ++uid);
    if (pod.spec.nodeName !== '') fixture.cache.addPod(pod);
    else fixture.nominator.set(fixture.podInfos.podInfo(pod), undefined);
  }
  let [verdicts, scores] = [0, 0];
  for (const [at, manifest] of pods.entries()) {
    const pod = podFrom(manifest, ++uid);
    const expected = decisions[at]!;
    if (expected.preEnqueue === undefined && fixture.frameworks.has(pod.spec.schedulerName) && isWhole(expected)) {
      const table = explained(fixture, algorithm, pod);
      verdicts += compareVerdicts(table, expected);
      if (expected.scores !== undefined && expected.feasible.length > 1) {
        expect([...tableScores(table.scores!)].sort()).toEqual([...recordedScores(expected)].sort());
        scores += table.scores!.nodes.length * table.scores!.plugins.length;
      }
    }
    if (expected.bound !== undefined) {
      fixture.nominator.delete(pod.metadata.uid);
      const bound = podWith(pod, { spec: bindSpec(pod.spec, expected.bound) });
      fixture.cache.assumePod(fixture.podInfos.podInfo(bound));
    }
  }
  return [verdicts, scores];
}

function compareVerdicts({ nodes }: ExplainedDecision, expected: RecordedDecision): number {
  if (nodes.length === 0 || expected.preFilter !== undefined || expected.preFilterNodes !== undefined) return 0;
  const recorded = new Map(
    (expected.rejected ?? []).flatMap((group) => group.nodes.map((node) => [node, textOf(group)] as const)),
  );
  for (const { node, refusal } of nodes) {
    expect([node, refusal === undefined ? 'feasible' : textOf(refusal)]).toEqual([
      node,
      recorded.get(node) ?? 'feasible',
    ]);
  }
  return nodes.length;
}

describe('the table of a decision', () => {
  it.each(['resources', 'taints', 'node-selection', 'ports', 'images'] as const)(
    'says of every node what the real kube-scheduler said, with its scores, in the family %s',
    (family) => {
      let [verdicts, scores] = [0, 0];
      for (const [at, recorded] of readRecordings(family).entries()) {
        if (at % 5 !== 0) continue;
        const [more, moreScores] = compareCase(recorded);
        verdicts += more;
        scores += moreScores;
      }
      expect(verdicts).toBeGreaterThan(1000);
      expect(scores).toBeGreaterThan(1000);
    },
    120_000,
  );

  const sampled = (): { fixture: SchedulerFixture; algorithm: SchedulingAlgorithm } => {
    const fixture = new SchedulerFixture();
    for (let at = 0; at < 300; at++)
      fixture.node(`n${String(at).padStart(3, '0')}`, {
        status: { allocatable: { cpu: at % 3 === 0 ? '1' : String(4 + (at % 7)), memory: '8Gi', pods: '9' } },
      });
    return { fixture, algorithm: algorithmOf(fixture, 40) };
  };

  it('asks about all nodes and says which ones the decision looked at', () => {
    const { fixture, algorithm } = sampled();
    for (let round = 0; round < 3; round++) {
      const before = algorithm.startNodeIndex;
      const { nodes, evaluatedNodes, feasibleNodes, wantedNodes, filters } = explained(
        fixture,
        algorithm,
        fixture.podWithRequests({ cpu: '2' }),
      );
      // 40 % of 300 are wanted; every third node is too small, and one more feasible node ends the search.
      expect([wantedNodes, feasibleNodes]).toEqual([120, 120]);
      const wanted = Array.from({ length: evaluatedNodes }, (_, at) => nodes[(before + at) % 300]!.node);
      const lookedAt = nodes.filter(({ isLookedAt }) => isLookedAt).map(({ node }) => node);
      expect(new Set(lookedAt)).toEqual(new Set(wanted));
      expect(nodes.filter(({ isLookedAt, refusal }) => isLookedAt && refusal === undefined)).toHaveLength(121);
      const fit = filters.find(({ plugin }) => plugin === 'NodeResourcesFit')!;
      expect([fit.refused, fit.refusedAlone, fit.refusedOfLookedAt]).toEqual([100, 100, evaluatedNodes - 121]);
      expect([...fit.reasons]).toEqual([['Insufficient cpu', 100]]);
    }
  });

  it('keeps the scores that decided apart from those of all nodes', () => {
    const { fixture, algorithm } = sampled();
    const { scores, scoresOfAll, outcome } = explained(fixture, algorithm, fixture.podWithRequests({ cpu: '2' }));
    expect([scores!.nodes.length, scoresOfAll!.nodes.length]).toEqual([120, 200]);
    const best = Math.max(...scores!.totals);
    const tied = scores!.nodes.filter((_, at) => scores!.totals[at] === best);
    expect(outcome).toMatchObject({ type: 'scheduled', score: best, ties: tied.length, tied });
    for (const table of [scores!, scoresOfAll!]) {
      const sums = table.nodes.map((_, at) =>
        table.plugins.reduce((sum, { weight, normalized }) => sum + weight * normalized[at]!, 0),
      );
      expect(table.totals).toEqual(sums);
    }
  });

  it('has no second table of scores where all nodes were looked at', () => {
    const fixture = new SchedulerFixture();
    for (const name of ['a', 'b', 'c']) fixture.node(name);
    const { scores, scoresOfAll } = explained(fixture, algorithmOf(fixture), fixture.podWithRequests({ cpu: '2' }));
    expect([scores?.nodes.length, scoresOfAll]).toEqual([3, undefined]);
  });

  it('names every filter that refuses a node, not only the first', () => {
    const fixture = new SchedulerFixture();
    fixture.node('both', {
      spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] },
      status: { allocatable: { cpu: '1', memory: '8Gi', pods: '9' } },
    });
    fixture.node('small', { status: { allocatable: { cpu: '1', memory: '8Gi', pods: '9' } } });
    const { nodes, filters, scores } = explained(fixture, algorithmOf(fixture), fixture.podWithRequests({ cpu: '2' }));
    expect(nodes.map(({ refusal }) => refusal?.plugin)).toEqual(['TaintToleration', 'NodeResourcesFit']);
    expect(nodes[0]!.refusals.map(({ plugin }) => plugin)).toEqual(['TaintToleration', 'NodeResourcesFit']);
    expect(nodes[1]!.resources[0]).toEqual({ name: 'cpu', asked: 2000, requested: 0, allocatable: 1000 });
    const fit = filters.find(({ plugin }) => plugin === 'NodeResourcesFit')!;
    expect([fit.refused, fit.refusedAlone]).toEqual([1, 2]);
    expect(scores).toBeUndefined();
  });

  it('tells nodes outside of a narrowed set by the plugin that narrowed it', () => {
    const fixture = new SchedulerFixture();
    for (const name of ['a', 'b', 'c']) fixture.node(name);
    const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] };
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    };
    const { nodes, filters, outcome } = explained(fixture, algorithmOf(fixture), fixture.pod({ affinity }));
    expect(outcome).toMatchObject({ type: 'scheduled', node: 'b' });
    expect(nodes.map(({ refusal }) => refusal?.reasons[0])).toEqual([
      "node(s) didn't satisfy plugin(s) [NodeAffinity]",
      undefined,
      "node(s) didn't satisfy plugin(s) [NodeAffinity]",
    ]);
    expect(filters[0]).toMatchObject({ plugin: 'NodeAffinity', stage: 'PreFilter', refused: 2 });
  });
});
