/** The unavailability of each workload as figures of a run, beside those of the summary. */
import type { SummaryMetric } from '../../metrics/summary-metrics.ts';
import type { Samples } from './samples.ts';

const prefix = 'unavailability[';

/** What `--metric` calls them all. */
export const eachWorkload = 'unavailability.each';

/**
 * `unavailability[Deployment shop/web]` and so on: share of time with fewer ready pods than desired, out of the records of the
 * table `workloads`. Jobs, and what never wished a pod, have none.
 */
export function workloadFigures(records: Iterable<Readonly<Record<string, string>>>): [string, number][] {
  return [...records]
    .filter((record) => (record['availability_ratio'] ?? '') !== '')
    .map(({ namespace, kind, workload, availability_ratio: ratio }) => [
      `${prefix}${kind} ${namespace}/${workload}]`,
      1 - Number(ratio),
    ]);
}

/** A metric for each workload that the first run has. */
export function workloadMetrics({ figures }: Samples): readonly SummaryMetric[] {
  const names = [...(figures[0]?.[0]?.keys() ?? [])].filter((name) => name.startsWith(prefix));
  return names.map(workloadMetric);
}

function workloadMetric(name: string): SummaryMetric {
  const workload = name.slice(name.indexOf(' ') + 1, -1);
  return {
    name,
    unit: 'ratio',
    description: `Share of time in which ${workload} had fewer ready pods than desired.`,
    judgement: {
      noun: `unavailability of ${workload}`,
      better: 'less',
      words: ['better', 'worse'],
      phrases: [
        `leaves ${workload} short of pods {} less of the time`,
        `leaves ${workload} short of pods {} more of the time`,
      ],
      isHeadline: false,
    },
  };
}
