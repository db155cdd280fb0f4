import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { FactScript } from '../testing/fact-script.ts';
import { podLifecycleMetric } from './pod-lifecycle.ts';

describe('table pod_lifecycle', () => {
  test('hops stand in the order of time, each with the time since the one before', () => {
    const script = new FactScript();
    const metric = script.start(podLifecycleMetric);
    const pod = script.at(1).pod('a');
    const { uid } = pod.metadata;
    script.recorder.podHop(uid, 'submitted', 0.4 * SECOND);
    script.recorder.podHop(uid, 'stored', SECOND);
    script.at(2).bind(pod, 'node-a');
    script.recorder.podHop(uid, 'ready', 9 * SECOND);
    script.recorder.podHop(uid, 'started', 5 * SECOND);
    metric.finish(10 * SECOND);
    const name = ['default', 'a', '1'];
    expect([...metric.tables()[0]!.rows]).toEqual([
      [...name, 'submitted', 0.4 * SECOND, 0],
      [...name, 'stored', SECOND, 0.6 * SECOND],
      [...name, 'bound', 2 * SECOND, SECOND],
      [...name, 'started', 5 * SECOND, 3 * SECOND],
      [...name, 'ready', 9 * SECOND, 4 * SECOND],
    ]);
    expect(metric.figures!().get('submit.to.running.p50')).toBe(4.6 * SECOND);
    expect(metric.figures!().get('submit.to.ready.max')).toBe(8.6 * SECOND);
  });

  test('a restart does not move a hop', () => {
    const script = new FactScript();
    const metric = script.start(podLifecycleMetric);
    const { uid } = script.pod('a').metadata;
    script.recorder.podHop(uid, 'started', 5 * SECOND);
    script.recorder.podHop(uid, 'started', 50 * SECOND);
    metric.finish(60 * SECOND);
    expect([...metric.tables()[0]!.rows]).toEqual([['default', 'a', '1', 'started', 5 * SECOND, 0]]);
  });

  test('a pod that came with a node was not bound', () => {
    const script = new FactScript();
    const metric = script.start(podLifecycleMetric);
    script.running(script.pod('static', {}, undefined, 'node-a'), true);
    metric.finish(SECOND);
    expect([...metric.tables()[0]!.rows]).toEqual([]);
    expect(metric.figures!().size).toBe(0);
  });
});
