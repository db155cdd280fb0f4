import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { nodesMetric } from './nodes.ts';

describe('tables nodes and node_timeseries', () => {
  test('times of readiness and requested shares are integrals: worked by hand', () => {
    const script = new FactScript({ horizon: 20 * SECOND });
    const metric = script.start(nodesMetric);
    script.at(4).node('a', 'True', { cpu: 1000, memory: 4096, pods: 10 });
    const pod = script.at(5).bind(script.pod('p', { cpu: 500, memory: 1024 }), 'a');
    script.at(10).running(pod, true);
    script.at(12).node('a', 'Unknown', { cpu: 1000, memory: 4096, pods: 10 });
    script.at(15).status(pod, { phase: 'Succeeded' });
    script.at(18).remove('Node', script.state.get('Node', '', 'a')!);
    metric.finish(20 * SECOND);
    // There from 4 to 18, ready until 12; 500 of 1000 milliCPU and 1 of 4 KiB requested from 5 to 15.
    expect(recordsOf(metric.tables()[0])).toEqual([
      {
        node: 'a',
        zone: 'zone-of-a',
        pool: 'general',
        cpu_milli: 1000,
        memory_bytes: 4096,
        pods: 10,
        ready_s: 8 * SECOND,
        not_ready_s: 6 * SECOND,
        absent_s: 6 * SECOND,
        cpu_requested_ratio_timeavg: (500 * 10) / (1000 * 14),
        memory_requested_ratio_timeavg: (1024 * 10) / (4096 * 14),
        pods_timeavg: 10 / 14,
        pods_bound_total: 1,
      },
    ]);
    const at = { step_s: 10 * SECOND, node: 'a', zone: 'zone-of-a' };
    const first = { cpu_requested_ratio_timeavg: 2500 / 6000, memory_requested_ratio_timeavg: 5120 / 24_576 };
    const second = { cpu_requested_ratio_timeavg: 2500 / 8000, memory_requested_ratio_timeavg: 5120 / 32_768 };
    expect(recordsOf(metric.tables()[1])).toEqual([
      { t_s: 0, ...at, ...first, ready_ratio: 1 },
      { t_s: 10 * SECOND, ...at, ...second, ready_ratio: 2 / 8 },
    ]);
    expect(metric.figures!().get('node.ready.ratio')).toBe(8 / 14);
    // Used from 5 to 15.
    expect(metric.figures!().get('node.hours.used')).toBe(10 / 3600);
  });

  test('a node that was deleted and made again is one row', () => {
    const script = new FactScript();
    const metric = script.start(nodesMetric);
    const node = script.node('a', 'True');
    script.at(10).remove('Node', node);
    script.at(30).node('a', 'True');
    metric.finish(40 * SECOND);
    expect(recordsOf(metric.tables()[0]).map((row) => [row['ready_s'], row['absent_s']])).toEqual([
      [20 * SECOND, 20 * SECOND],
    ]);
    expect(recordsOf(metric.tables()[1]).map((row) => row['t_s'])).toEqual([0, 30 * SECOND]);
  });

  test('a pod bound to a node that is not there yet counts from when the node is', () => {
    const script = new FactScript();
    const metric = script.start(nodesMetric);
    script.pod('p', { cpu: 1000 }, undefined, 'late');
    script.at(5).node('late', 'True', { cpu: 2000 });
    metric.finish(10 * SECOND);
    // 1000 of 2000 milliCPU, for the 5 s that the node exists.
    expect(recordsOf(metric.tables()[0])[0]!['cpu_requested_ratio_timeavg']).toBe(0.5);
  });
});
