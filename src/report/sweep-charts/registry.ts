/** Charts over replications. Adding one: its file, its test and one line here. */
import type { Chart } from '../define-chart.ts';
import { barsChart } from './bars.ts';
import type { BarsOptions } from './bars.ts';
import { curveChart } from './curve.ts';
import type { CurveOptions } from './curve.ts';
import { pairedDifferences } from './paired-differences.ts';
import { ranking } from './ranking.ts';

/** Charts of every comparison. */
export const comparisonCharts: readonly Chart[] = [ranking, pairedDifferences];

/** A chart that an experiment asks for. */
export type SweepChartOptions = ({ readonly kind: 'curve' } & CurveOptions) | ({ readonly kind: 'bars' } & BarsOptions);

/** Makes the chart that an experiment asks for. */
export function sweepChart(options: SweepChartOptions): Chart {
  return options.kind === 'curve' ? curveChart(options) : barsChart(options);
}
