import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultBands, faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { endLabelLayers } from '../label-layout.ts';
import { groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { rounded, thinSeries } from '../series.ts';
import type { SeriesPoint } from '../series.ts';
import { PLOT_WIDTH, seriesColors } from '../theme.ts';
import { secondsOf, timeX } from '../time-axis.ts';

const POINTS_MAX = 300;
const HEIGHT = 260;

const metrics: readonly (readonly [metric: string, label: string])[] = [
  ['cpu_requested_ratio', 'cpu requested'],
  ['memory_requested_ratio', 'memory requested'],
  ['cpu_stranded_ratio', 'cpu stranded'],
  ['fragmentation_ratio', 'fragmentation'],
];

interface Line {
  readonly label: string;
  readonly color: string;
  readonly points: readonly SeriesPoint[];
}

function linesOf(input: ChartInput): Line[] {
  const rows = readTable(input.tables, 'timeseries', ['t_s', 'step_s', 'metric', 'value_timeavg']);
  const byMetric = groupBy(rows, (row) => textOf(row.metric));
  const lines = metrics.map(([metric, label], index) => {
    const points = (byMetric.get(metric) ?? []).map((row) => ({
      t: secondsOf(numberOf(row.t_s)),
      step: secondsOf(numberOf(row.step_s)),
      value: numberOf(row.value_timeavg),
    }));
    return { label, color: seriesColors[index]!, points: thinSeries(points, POINTS_MAX) };
  });
  return lines.filter((line) => line.points.length > 0);
}

function spec(input: ChartInput): View {
  const lines = linesOf(input);
  const frame = { horizonUs: input.horizonUs, isLabelled: true };
  const faults = faultMarks(input);
  const labels = faultLabels(faults, frame, PLOT_WIDTH);
  const top = Math.max(1, ...lines.flatMap((line) => line.points.map((point) => point.value)));
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    layer: [
      ...faultBands(faults, frame),
      lineLayer(lines, top, input),
      ...faultRules(faults, frame),
      ...labels.layers,
      ...endLabelLayers(
        lines.map(({ label, color, points }) => ({ text: label, color, y: HEIGHT * (1 - points.at(-1)!.value / top) })),
        HEIGHT,
      ),
    ],
  };
}

function lineLayer(lines: readonly Line[], top: number, input: ChartInput): View {
  const values = lines.flatMap(({ label, points }) => {
    const rows = points.map(({ t, value }) => ({ t, metric: label, ratio: rounded(value, 4) }));
    return [...rows, { ...rows.at(-1)!, t: secondsOf(input.horizonUs) }];
  });
  return {
    data: { values },
    mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2, clip: true, tooltip: true },
    encoding: {
      x: timeX({ horizonUs: input.horizonUs, isLabelled: true }),
      y: {
        field: 'ratio',
        type: 'quantitative',
        scale: { domain: [0, top], nice: false },
        axis: { format: '.0%', tickCount: 5, title: 'share of allocatable' },
      },
      color: {
        field: 'metric',
        type: 'nominal',
        scale: { domain: lines.map((line) => line.label), range: lines.map((line) => line.color) },
        legend: null,
      },
    },
  };
}

/** What share of the cluster is asked for, and what share nobody can use. */
export const utilisation = defineChart({
  name: 'utilisation',
  title: 'Utilisation (requests)',
  question: 'What share of the cluster was asked for, and what share could no pod use?',
  tables: ['timeseries', 'faults'],
  applies: (input) => linesOf(input).length > 0,
  spec,
});
