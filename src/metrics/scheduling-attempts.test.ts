import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { schedulingAttemptsMetric } from './scheduling-attempts.ts';

test('each attempt is a row, and a refused one has no score', () => {
  const script = new FactScript();
  const metric = script.start(schedulingAttemptsMetric);
  const pod = script.pod('a');
  const message = '0/3 nodes are available: 3 Insufficient cpu.';
  const attempt = {
    pod,
    evaluatedNodes: 3,
    ties: 0,
    durationUs: 2500,
    startedAt: 0,
    initialAttemptAt: 0,
    refusals: [],
    profile: 'default-scheduler',
  };
  script.at(1).recorder.schedulingAttempt({
    ...{ ...attempt, attempt: 1, result: 'unschedulable', nodeName: '', feasibleNodes: 0, score: 0, message },
  });
  script.at(2).recorder.schedulingAttempt({
    ...{
      ...attempt,
      attempt: 2,
      result: 'scheduled',
      nodeName: 'n',
      feasibleNodes: 2,
      score: 312,
      ties: 2,
      message: '',
    },
  });
  metric.finish(3 * SECOND);
  const common = { namespace: 'default', pod: 'a', uid: '1', evaluated_nodes: 3, duration_s: 2500 };
  const profile = 'default-scheduler';
  expect(recordsOf(metric.tables()[0])).toEqual([
    {
      ...{ ...common, profile, t_s: SECOND, attempt: 1, result: 'unschedulable', node: undefined, feasible_nodes: 0 },
      ...{ score: undefined, ties: undefined, message },
    },
    {
      ...{ ...common, profile, t_s: 2 * SECOND, attempt: 2, result: 'scheduled', node: 'n', feasible_nodes: 2 },
      ...{ score: 312, ties: 2, message: undefined },
    },
  ]);
  const names = ['attempts', 'scheduled', 'unschedulable', 'error'];
  expect(names.map((name) => metric.figures!().get(`scheduling.${name}`))).toEqual([2, 1, 1, 0]);
});

test('what a message counts is there as integers, by plugin', () => {
  const script = new FactScript();
  const metric = script.start(schedulingAttemptsMetric);
  const refusals = [
    { plugin: '', reason: "node(s) didn't satisfy plugin(s) [NodeAffinity]", nodes: 4 },
    { plugin: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 3 },
  ];
  script.at(1).recorder.schedulingAttempt({
    ...{ pod: script.pod('a'), attempt: 2, startedAt: 0, initialAttemptAt: 0, result: 'unschedulable', nodeName: '' },
    ...{ evaluatedNodes: 3, feasibleNodes: 0, score: 0, ties: 0, durationUs: 1, message: 'm', profile: 'p', refusals },
  });
  const common = { t_s: SECOND, namespace: 'default', pod: 'a', uid: '1', attempt: 2 };
  expect(recordsOf(metric.tables()[1])).toEqual([
    { ...common, plugin: undefined, reason: refusals[0]!.reason, nodes: 4 },
    { ...common, plugin: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 3 },
  ]);
});
