import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod, PodPhase } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import type { Metric } from './metric.ts';
import { timeseriesMetric } from './timeseries.ts';

const MiB = 1024 * 1024;

/** Values of one series in the order of steps. */
function seriesOf(metric: Metric, name: string, subject?: string): unknown[] {
  const rows = recordsOf(metric.tables()[0]).filter((row) => row['metric'] === name && row['subject'] === subject);
  return rows.map((row) => row['value_timeavg']);
}

describe('table timeseries', () => {
  test('pods by phase are means over steps, and a removed pod counts no more', () => {
    const script = new FactScript();
    const metric = script.start(timeseriesMetric);
    const pod = script.at(5).bind(script.pod('a'), 'n');
    script.at(8).running(pod, true);
    script.at(16).remove('Pod', pod);
    metric.finish(25 * SECOND);
    expect(seriesOf(metric, 'pods_by_phase', 'Pending')).toEqual([0.3, 0, 0]);
    expect(seriesOf(metric, 'pods_by_phase', 'Running')).toEqual([0.2, 0.6, 0]);
    expect(recordsOf(metric.tables()[0]).at(-1)!['step_s']).toBe(5 * SECOND);
  });

  test('running pods on a node whose readiness is Unknown count as Unknown, and come back', () => {
    const script = new FactScript();
    const metric = script.start(timeseriesMetric);
    script.node('n', 'True');
    const pods = ['a', 'b'].map((name) => script.running(script.bind(script.pod(name), 'n'), true));
    script.at(10).node('n', 'Unknown');
    script.at(15).status(pods[0]!, { phase: 'Succeeded' });
    script.at(20).node('n', 'True');
    metric.finish(30 * SECOND);
    expect(seriesOf(metric, 'pods_by_phase', 'Unknown')).toEqual([0, 1.5, 0]);
    expect(seriesOf(metric, 'pods_by_phase', 'Running')).toEqual([2, 0, 1]);
    expect(seriesOf(metric, 'pods_by_phase', 'Succeeded')).toEqual([0, 0.5, 1]);
    expect(seriesOf(metric, 'nodes_ready')).toEqual([1, 0, 1]);
  });

  test('a node that says it is not ready still tells what runs on it', () => {
    const script = new FactScript();
    const metric = script.start(timeseriesMetric);
    script.node('n', 'True');
    script.running(script.bind(script.pod('a'), 'n'), true);
    script.node('n', 'False');
    metric.finish(10 * SECOND);
    expect(seriesOf(metric, 'pods_by_phase', 'Running')).toEqual([1]);
    expect(seriesOf(metric, 'pods_by_phase', 'Unknown')).toEqual([0]);
  });

  test('requested, stranded and fragmented shares: worked by hand', () => {
    const script = new FactScript();
    const metric = script.start(timeseriesMetric);
    script.node('n', 'True', { cpu: 1000, memory: 1000 * MiB, pods: 10 });
    script.bind(script.pod('a', { cpu: 200, memory: 700 * MiB }), 'n');
    script.pod('b', { cpu: 300, memory: 400 * MiB });
    metric.finish(10 * SECOND);
    expect(seriesOf(metric, 'cpu_requested_ratio')).toEqual([0.2]);
    expect(seriesOf(metric, 'memory_requested_ratio')).toEqual([0.7]);
    // 800 milliCPU are free, but only 300 MiB: at 1 milliCPU a MiB, 500 milliCPU find no memory.
    expect(seriesOf(metric, 'cpu_stranded_ratio')).toEqual([0.5]);
    expect(seriesOf(metric, 'memory_stranded_ratio')).toEqual([0]);
    // Neither a pod like a nor one like b fits into 300 MiB: all 800 are lost to them.
    expect(seriesOf(metric, 'fragmentation_ratio')).toEqual([0.8]);
    expect(seriesOf(metric, 'pending_pods')).toEqual([1]);
    const figures = metric.figures!();
    expect(figures.get('utilisation.cpu.mean')).toBe(0.2);
    expect(figures.get('stranded.cpu.mean')).toBe(0.5);
    expect(figures.get('fragmentation.mean')).toBe(0.8);
  });

  test('a node without a free slot strands all that is free', () => {
    const script = new FactScript();
    const metric = script.start(timeseriesMetric);
    script.node('n', 'True', { cpu: 1000, memory: 1000 * MiB, pods: 1 });
    script.bind(script.pod('a', { cpu: 200, memory: 200 * MiB }), 'n');
    metric.finish(10 * SECOND);
    expect(seriesOf(metric, 'cpu_stranded_ratio')).toEqual([0.8]);
    expect(seriesOf(metric, 'memory_stranded_ratio')).toEqual([0.8]);
  });

  test('without nodes there are no ratios, and no figures', () => {
    const script = new FactScript();
    const metric = script.start(timeseriesMetric);
    script.pod('a', { cpu: 100 });
    metric.finish(10 * SECOND);
    expect(seriesOf(metric, 'cpu_requested_ratio')).toEqual([]);
    expect(seriesOf(metric, 'pods_by_phase', 'Pending')).toEqual([1]);
    expect(metric.figures!().size).toBe(0);
  });

  test('means equal the naive sum over every second, for any lives of pods', () => {
    const phases: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded'];
    const life = fc.record({
      born: fc.nat(30),
      starts: fc.nat(20),
      ends: fc.nat(20),
      cpu: fc.nat(300),
    });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 12 }), (lives) => {
        const script = new FactScript();
        const metric = script.start(timeseriesMetric);
        script.node('n', 'True', { cpu: 4000, memory: 4096 * MiB });
        const pods: Pod[] = [];
        const phaseAt = (index: number, second: number): number => {
          const { born, starts, ends } = lives[index]!;
          if (second < born) return -1;
          return second < born + starts ? 0 : second < born + starts + ends ? 1 : 2;
        };
        const sums = phases.map(() => [0, 0, 0, 0]);
        let requested = 0;
        for (let second = 0; second < 40; second++) {
          script.at(second);
          lives.forEach(({ cpu }, index) => {
            const phase = phaseAt(index, second);
            if (phase < 0) return;
            pods[index] ??= script.pod(`p${index}`, { cpu });
            if (phase > 0 && phaseAt(index, second - 1) <= 0) script.running(script.bind(pods[index], 'n'), true);
            if (phase > 1 && phaseAt(index, second - 1) <= 1) script.status(pods[index], { phase: 'Succeeded' });
            sums[phase]![Math.floor(second / 10)]!++;
            if (phase === 1) requested += cpu;
          });
        }
        metric.finish(40 * SECOND);
        phases.forEach((phase, index) => {
          expect(seriesOf(metric, 'pods_by_phase', phase)).toEqual(sums[index]!.map((sum) => sum / 10));
        });
        expect(metric.figures!().get('utilisation.cpu.mean')).toBe(requested / (4000 * 40));
      }),
      { numRuns: 60 },
    );
  });
});
