import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { workloadsMetric } from './workloads.ts';

/** A Deployment with a ReplicaSet and ready pods, all on node n. */
function shop(script: FactScript, replicas: number): { pods: Pod[]; addPod: (name: string) => Pod } {
  const set = script.replicaSet('web-1', replicas, script.deployment('web', replicas));
  const addPod = (name: string): Pod => script.bind(script.pod(name, {}, set), 'n');
  return { pods: Array.from({ length: replicas }, (_, index) => addPod(`web-${index}`)), addPod };
}

describe('table workloads', () => {
  test('starting up is no outage; later every time below the wish is: worked by hand', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const { pods } = shop(script, 2);
    script.at(4).running(pods[0]!, true);
    script.at(5).running(pods[1]!, true);
    script.at(20).running(pods[0]!, false);
    script.at(22).running(pods[1]!, false);
    script.at(25).running(pods[0]!, true);
    script.at(30).running(pods[1]!, true);
    script.at(40).running(pods[0]!, false);
    script.at(43).running(pods[0]!, true);
    metric.finish(105 * SECOND);
    // From 5 on: below from 20 to 30 and from 40 to 43; none ready from 22 to 25. Ready pod seconds: 4..5 one, 5..20 two,
    // 20..22 one, 25..30 one, 30..40 two, 40..43 one, 43..105 two.
    const readySeconds = 1 + 30 + 2 + 5 + 20 + 3 + 124;
    expect(recordsOf(metric.tables()[0])).toEqual([
      {
        namespace: 'default',
        kind: 'Deployment',
        workload: 'web',
        desired: 2,
        ready_timeavg: readySeconds / 105,
        availability_ratio: 1 - 13 / 100,
        unavailable_s: 13 * SECOND,
        longest_outage_s: 10 * SECOND,
        outages: 2,
        none_ready_s: 3 * SECOND,
        restarts: 0,
        pods_created: 2,
      },
    ]);
    const figures = metric.figures!();
    // Missing pods, the oldest gap closed first: 20 to 25, 22 to 30, 40 to 43.
    expect(['p50', 'max'].map((share) => figures.get(`pods.unavailable.${share}`))).toEqual([5 * SECOND, 8 * SECOND]);
    expect(figures.get('availability.min')).toBe(0.87);
    expect(figures.get('outage.max')).toBe(10 * SECOND);
    expect(figures.get('workloads.below.desired')).toBe(0);
  });

  test('an outage that lasts to the end counts until the end', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const { pods } = shop(script, 1);
    script.running(pods[0]!, true);
    script.at(30).terminate(pods[0]!);
    metric.finish(40 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['unavailable_s'], row!['availability_ratio']]).toEqual([10 * SECOND, 0.75]);
    expect(metric.figures!().get('workloads.below.desired')).toBe(1);
    expect(metric.figures!().get('pods.unavailable.max')).toBe(10 * SECOND);
  });

  test('a workload that never has its pods is unavailable from its creation on', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const { pods } = shop(script.at(10), 3);
    script.at(15).running(pods[0]!, true);
    metric.finish(30 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['unavailable_s'], row!['availability_ratio']]).toEqual([20 * SECOND, 0]);
    expect(metric.figures!().get('workloads.below.desired')).toBe(1);
  });

  test('pods on a machine without power are not ready, and count again from their next status on', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const { pods } = shop(script, 1);
    script.running(pods[0]!, true);
    script.at(10).recorder.machineChanged('n', 'down');
    // Somebody else than the kubelet writes it.
    script.at(11).status(pods[0]!, { startTime: 11 });
    script.at(12).recorder.machineChanged('n', 'up');
    script.at(17).status(pods[0]!, { startTime: 17 });
    metric.finish(20 * SECOND);
    expect(recordsOf(metric.tables()[0])[0]!['unavailable_s']).toBe(7 * SECOND);
  });

  test('whichever pods have left the node before, the crash hits all that are there', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (leaves) => {
        const script = new FactScript();
        const metric = script.start(workloadsMetric);
        const { pods } = shop(script, 5);
        pods.forEach((pod) => script.running(pod, true));
        leaves.forEach((isLeaving, index) => isLeaving && script.at(1).terminate(pods[index]!));
        script.at(2).recorder.machineChanged('n', 'down');
        metric.finish(10 * SECOND);
        const left = leaves.filter((isLeaving) => isLeaving).length;
        expect(recordsOf(metric.tables()[0])[0]!['ready_timeavg']).toBe((5 + (5 - left)) / 10);
        expect(recordsOf(metric.tables()[0])[0]!['none_ready_s']).toBe((left === 5 ? 9 : 8) * SECOND);
      }),
    );
  });

  test('what another pod replaces is not counted when the lost one is removed', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const { pods, addPod } = shop(script, 1);
    script.running(pods[0]!, true);
    script.at(10).recorder.machineChanged('n', 'down');
    script.at(11).terminate(pods[0]!);
    const other = script.bind(addPod('web-other'), 'm');
    script.recorder.machineChanged('n', 'up');
    script.at(15).running(other, true);
    script.at(18).remove('Pod', pods[0]!);
    metric.finish(20 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['unavailable_s'], row!['pods_created']]).toEqual([5 * SECOND, 2]);
  });

  test('a removed workload keeps its row and stops counting', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const { pods } = shop(script, 1);
    script.running(pods[0]!, true);
    script.at(8).running(pods[0]!, false);
    script.at(10).remove('Deployment', script.state.get('Deployment', 'default', 'web')!);
    metric.finish(40 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['desired'], row!['unavailable_s'], row!['availability_ratio']]).toEqual([1, 2 * SECOND, 0.8]);
    expect(metric.figures!().get('workloads.below.desired')).toBe(0);
    expect(recordsOf(metric.tables()[1]).map((record) => record['t_s'])).toEqual([0]);
  });

  test('Jobs have no availability; they complete or fail once', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const spec = { parallelism: 2, completions: 6, suspend: false };
    const job = script.job('a', spec);
    script.pod('a-1', {}, job);
    script.job('b', { ...spec, completions: undefined });
    script.job('a', spec, 'Complete');
    script.job('a', spec, 'Complete');
    script.job('b', spec, 'Failed');
    script.recorder.containerStarted(script.state.get('Pod', 'default', 'a-1')!, 0, 1);
    metric.finish(10 * SECOND);
    const rows = recordsOf(metric.tables()[0]).map((row) => [
      row['workload'],
      row['desired'],
      row['availability_ratio'],
    ]);
    expect(rows).toEqual([
      ['a', 6, undefined],
      ['b', 6, undefined],
    ]);
    expect(recordsOf(metric.tables()[0])[0]!['restarts']).toBe(1);
    expect(['jobs.completed', 'jobs.failed'].map((name) => metric.figures!().get(name))).toEqual([1, 1]);
    expect(metric.figures!().has('availability.min')).toBe(false);
  });

  test('a ReplicaSet without a Deployment is a workload of its own, and scaling is followed over time', () => {
    const script = new FactScript();
    const metric = script.start(workloadsMetric);
    const set = script.replicaSet('alone', 1);
    script.running(script.bind(script.pod('alone-a', {}, set), 'n'), true);
    script.at(15).replicaSet('alone', 3);
    metric.finish(20 * SECOND);
    const series = recordsOf(metric.tables()[1]).map((row) => [row['kind'], row['desired'], row['ready_timeavg']]);
    expect(series).toEqual([
      ['ReplicaSet', 1, 1],
      ['ReplicaSet', 2, 1],
    ]);
    expect(recordsOf(metric.tables()[0])[0]!['unavailable_s']).toBe(5 * SECOND);
  });

  test('times below the wish equal a naive count of seconds, for any flapping of pods', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 30 }),
        (seconds) => {
          const script = new FactScript();
          const metric = script.start(workloadsMetric);
          const { pods } = shop(script, 3);
          pods.forEach((pod) => script.running(pod, true));
          seconds.forEach((flags, second) => {
            script.at(second);
            flags.forEach((isReady, index) => script.running(pods[index]!, isReady));
          });
          metric.finish(seconds.length * SECOND);
          const below = seconds.filter((flags) => flags.includes(false)).length;
          const noneReady = seconds.filter((flags) => !flags.includes(true)).length;
          const [row] = recordsOf(metric.tables()[0]);
          expect(row!['unavailable_s']).toBe(below * SECOND);
          expect(row!['none_ready_s']).toBe(noneReady * SECOND);
          const ready = seconds.flat().filter(Boolean).length;
          expect(row!['ready_timeavg']).toBe((ready * SECOND) / (seconds.length * SECOND));
        },
      ),
      { numRuns: 60 },
    );
  });
});
