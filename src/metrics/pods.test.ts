import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import type { SchedulingAttempt } from '../record/facts.ts';
import type { Pod } from '../api/core-v1.ts';
import { podsMetric } from './pods.ts';

const attemptOf = (pod: Pod): SchedulingAttempt => ({ pod }) as SchedulingAttempt;

describe('table pods', () => {
  test('a pod that lives and ends: all its times, its workload and its requests', () => {
    const script = new FactScript();
    const metric = script.start(podsMetric);
    const deployment = script.deployment('web', 1);
    const set = script.replicaSet('web-1', 1, deployment);
    const pod = script.at(2).pod('web-1-a', { cpu: 500, memory: 1024 }, set);
    script.recorder.schedulingAttempt(attemptOf(pod));
    const bound = script.at(3).bind(pod, 'node-a');
    script.at(5).running(bound, false);
    script.recorder.podHop(pod.metadata.uid, 'started', 4.5 * SECOND);
    const ready = script.at(6).running(bound, true);
    script.recorder.containerStarted(ready, 0, 1);
    script.at(9).status(ready, { phase: 'Succeeded' });
    script.at(12).remove('Pod', ready);
    metric.finish(20 * SECOND);
    expect(recordsOf(metric.tables()[0])).toEqual([
      {
        namespace: 'default',
        pod: 'web-1-a',
        uid: '3',
        owner_kind: 'Deployment',
        workload: 'web',
        node: 'node-a',
        zone: 'zone-of-node-a',
        phase: 'Succeeded',
        priority: 0,
        cpu_milli: 500,
        memory_bytes: 1024,
        created_t_s: 2 * SECOND,
        bound_t_s: 3 * SECOND,
        started_t_s: 4.5 * SECOND,
        ready_t_s: 6 * SECOND,
        finished_t_s: 9 * SECOND,
        deleted_t_s: 12 * SECOND,
        pending_s: SECOND,
        restarts: 1,
        attempts: 1,
        reason: undefined,
      },
    ]);
  });

  test('who never gets a node waits until the end of the run, or until it is removed', () => {
    const script = new FactScript();
    const metric = script.start(podsMetric);
    const stays = script.at(1).pod('stays');
    const goes = script.pod('goes');
    script.status(stays, { podScheduled: 0, schedulingMessage: '0/3 nodes are available: 3 Insufficient cpu.' });
    script.at(4).remove('Pod', goes);
    metric.finish(10 * SECOND);
    const rows = recordsOf(metric.tables()[0]);
    expect(rows.map((row) => [row['pending_s'], row['bound_t_s'], row['reason']])).toEqual([
      [9 * SECOND, undefined, 'Unschedulable'],
      [3 * SECOND, undefined, undefined],
    ]);
    expect(metric.figures!().get('pods.never.bound')).toBe(2);
    expect(metric.figures!().get('pending.max')).toBe(9 * SECOND);
  });

  test('a pod that came with a node has not waited', () => {
    const script = new FactScript();
    const metric = script.start(podsMetric);
    script.at(1).pod('static', {}, undefined, 'node-a');
    metric.finish(10 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['pending_s'], row!['bound_t_s']]).toEqual([undefined, SECOND]);
    expect(metric.figures!().has('pending.p50')).toBe(false);
  });

  test('a waiting container gives the pod its reason, an ended one of a failed pod too', () => {
    const script = new FactScript();
    const metric = script.start(podsMetric);
    const pod = script.bind(script.pod('a'), 'node-a');
    const state = { reason: 'CrashLoopBackOff', message: '', exitCode: 0, startedAt: -1, finishedAt: -1 };
    const containerStatus = { index: 0, lastState: undefined, restartCount: 3, ready: false, started: false };
    script.status(pod, { containerStatuses: [{ ...containerStatus, state: { ...state, phase: 'waiting' } }] });
    metric.finish(SECOND);
    expect(recordsOf(metric.tables()[0])[0]!['reason']).toBe('CrashLoopBackOff');
  });

  test('figures count created, ended, removed and present pods', () => {
    const script = new FactScript();
    const metric = script.start(podsMetric);
    const pods = ['a', 'b', 'c', 'd'].map((name) => script.bind(script.pod(name), 'node-a'));
    script.pod('e');
    script.status(pods[0]!, { phase: 'Succeeded' });
    script.status(pods[1]!, { phase: 'Failed' });
    script.running(pods[2]!, true);
    script.running(pods[3]!, true);
    script.remove('Pod', pods[1]!);
    script.remove('Pod', pods[3]!);
    metric.finish(SECOND);
    const figures = metric.figures!();
    const names = ['created', 'succeeded', 'failed', 'deleted', 'running.end', 'pending.end', 'never.bound'];
    expect(names.map((name) => figures.get(`pods.${name}`))).toEqual([5, 1, 1, 2, 1, 1, 1]);
  });
});
