import { describe, expect, test } from 'vitest';
import type { Cell } from '../record/table.ts';
import { SECOND } from '../engine/time.ts';
import { recordsOf } from '../testing/fact-script.ts';
import { deploymentText, soundScenario } from '../testing/load-from-memory.ts';
import { run } from '../testing/shipped-scenarios.ts';

const spec = (fault: string): string => `
cluster:
  nodePools:
    - { name: general, count: 2, zones: [a, b], capacity: { cpu: '4', memory: 8Gi, pods: '20' } }
workload:
  - manifests: [web.yaml]
faults:
  - ${fault}
`;

async function doubles(fault: string) {
  const result = await run(soundScenario(spec(fault), { 'web.yaml': deploymentText('web') }), { check: 'off' });
  return {
    rows: recordsOf(result.tables.get('double_running')),
    figures: result.figures,
    pods: recordsOf(result.tables.get('pods')),
  };
}

const seconds = (cell: Cell): number => (cell as number) / SECOND;

describe('pods on a node without contact', () => {
  test('run beside their replacements from these on until the node is back', async () => {
    const { rows, figures, pods } = await doubles('nodePartition: { at: 5m, node: general-a-1, duration: 15m }');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const pod = pods.find(({ uid }) => uid === row['uid'])!;
      expect(pod['node']).toBe('general-a-1');
      // Deleted when the toleration of 300 s ends; the kubelet hears of it after the partition.
      expect(seconds(row['given_up_t_s'])).toBeGreaterThan(640);
      expect(seconds(row['given_up_t_s'])).toBeLessThan(661);
      expect(seconds(row['replaced_t_s'])).toBeGreaterThan(seconds(row['given_up_t_s']));
      expect(seconds(row['ended_t_s'])).toBeGreaterThanOrEqual(1200);
      expect(seconds(row['ended_t_s'])).toBeLessThan(1240);
      expect(row['double_s']).toBe((row['ended_t_s'] as number) - (row['replaced_t_s'] as number));
      expect(row['stray_s']).toBe((row['ended_t_s'] as number) - (row['given_up_t_s'] as number));
    }
    expect(figures.get('pods.double.running')).toBe(rows.length);
    expect(figures.get('double.running.max')).toBe(Math.max(...rows.map((row) => row['double_s'] as number)));
  });

  test('run to the end where nobody ends the partition', async () => {
    const { rows } = await doubles('nodePartition: { at: 5m, node: general-a-1 }');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row['ended_t_s']).toBeUndefined();
      expect(seconds(row['given_up_t_s']) + seconds(row['stray_s'])).toBeCloseTo(3600, 3);
    }
  });

  test('do not run at all where the machine has no power', async () => {
    const { rows, figures } = await doubles('nodeCrash: { at: 5m, node: general-a-1, duration: 15m }');
    expect(rows).toEqual([]);
    expect(figures.get('pods.double.running')).toBe(0);
  });
});
