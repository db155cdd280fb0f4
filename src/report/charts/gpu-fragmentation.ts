import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { numberOf, readTable } from '../read-table.ts';
import { thinSeries } from '../series.ts';
import { areaLabels, stackedAreas } from '../stacked-areas.ts';
import type { Area } from '../stacked-areas.ts';
import { gpuColors, PLOT_WIDTH } from '../theme.ts';
import { secondsOf } from '../time-axis.ts';

const POINTS_MAX = 300;
const HEIGHT = 260;

function areasOf({ tables }: ChartInput): Area[] {
  const rows = readTable(tables, 'gpu_timeseries', ['t_s', 'step_s', ...gpuColors.flatMap(([, , columns]) => columns)]);
  const areas = gpuColors.map(([name, color, columns]) => {
    const points = rows.map((row) => ({
      t: secondsOf(numberOf(row.t_s)),
      step: secondsOf(numberOf(row.step_s)),
      value: columns.reduce((sum, column) => sum + numberOf(row[column]), 0),
    }));
    return { name, color, points: thinSeries(points, POINTS_MAX) };
  });
  return areas.filter(({ points }) => points.some(({ value }) => value > 0));
}

function spec(input: ChartInput): View {
  const areas = areasOf(input);
  const frame = { horizonUs: input.horizonUs, isLabelled: true };
  const faults = faultMarks(input);
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    layer: [
      stackedAreas(areas, { nameField: 'state', valueField: 'GPUs', frame }),
      ...faultRules(faults, frame),
      ...areaLabels(areas, HEIGHT),
      ...faultLabels(faults, frame, PLOT_WIDTH).layers,
    ],
  };
}

/** What becomes of the GPUs, and why those that are free are of no use. */
export const gpuFragmentation = defineChart({
  name: 'gpu-fragmentation',
  title: 'GPUs',
  question: 'How many GPUs were given to pods, and how many were free but of no use to pods of the workload?',
  tables: ['gpu_timeseries', 'faults'],
  applies: (input) => areasOf(input).length > 0,
  spec,
});
