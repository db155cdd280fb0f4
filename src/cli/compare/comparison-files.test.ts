import { expect, test } from 'vitest';
import type { CellResult } from '../../experiment/cell.ts';
import { compareSamples } from '../../experiment/comparison/comparison.ts';
import { samplesOf } from '../../experiment/comparison/samples.ts';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import { partsOfComparison } from './comparison-files.ts';

const policies = ['base', 'worst', 'best'];
const values: Readonly<Record<string, readonly [hours: number, lost: number]>> = {
  base: [100, 10],
  worst: [300, 50],
  best: [80, 9],
};

/** Ten worlds, which differ by a little. */
function results(): CellResult[] {
  return policies.flatMap((policy) =>
    Array.from({ length: 10 }, (_, world): CellResult => {
      const [hours, lost] = values[policy]!.map((value) => value * (1 + (((world * 7) % 10) - 4.5) / 500)) as [
        number,
        number,
      ];
      return {
        cell: { index: 0, levels: [policy], seed: String(world), replication: 0, key: '' },
        figures: new Map([
          ['node.hours.used', hours],
          ['faults.pods.lost.mean', lost],
        ]),
        problem: undefined,
      };
    }),
  );
}

test('the cards of a report are about the policy that its answer speaks of first', () => {
  const samples = samplesOf(results(), [{ name: 'policy', levels: policies }], { axis: 'policy', policies });
  const metrics = summaryMetrics.filter(({ name }) => ['node.hours.used', 'faults.pods.lost.mean'].includes(name));
  const comparison = compareSamples(samples, { level: 0.95, tolerated: 0, metrics, workloads: 'none' });
  const { answer, figures } = partsOfComparison(comparison, samples, '');
  expect(answer).toMatch(/^Against base, best /);
  expect(figures.map(({ label }) => label.split(', ').at(-1))).toEqual(['best', 'best']);
});
