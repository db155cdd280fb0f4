/** What is compared where nobody says. */
import type { SummaryMetric } from '../../metrics/summary-metrics.ts';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { Samples } from './samples.ts';
import { valuesOf } from './samples.ts';

/** The headline metrics that the runs have; without any of them those with a better side, and without these all. */
export function defaultMetrics(samples: Samples): readonly SummaryMetric[] {
  const present = summaryMetrics.filter(({ name }) => valuesOf(samples, name)[0]!.length >= 2);
  const headlines = present.filter(({ judgement }) => judgement.isHeadline);
  const judged = present.filter(({ judgement }) => judgement.better !== undefined);
  return [headlines, judged].find((list) => list.length > 0) ?? present;
}
