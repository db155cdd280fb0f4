import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { endLabelLayers } from '../label-layout.ts';
import { maybeNumber, numberOf, readTable } from '../read-table.ts';
import { rounded } from '../series.ts';
import { PLOT_WIDTH, seriesColors } from '../theme.ts';

const HEIGHT = 260;
const top = 100;

const lines = [
  ['allocated_pct', 'given to pods'],
  ['fragmented_pct', 'fragments'],
  ['fragment_ratio_pct', 'fragments of what is free'],
] as const;

interface Line {
  readonly label: string;
  readonly color: string;
  readonly points: readonly { readonly load: number; readonly value: number }[];
}

function linesOf({ tables }: ChartInput): Line[] {
  const rows = readTable(tables, 'arrived_load', ['load_pct', ...lines.map(([column]) => column)]);
  return lines.map(([column, label], index) => {
    const points = rows.flatMap((row) => {
      const value = maybeNumber(row[column]);
      return value === undefined ? [] : [{ load: numberOf(row.load_pct), value }];
    });
    return { label, color: seriesColors[index]!, points };
  });
}

function spec(input: ChartInput): View {
  const drawn = linesOf(input);
  const values = drawn.flatMap(({ label, points }) =>
    points.map(({ load, value }) => ({ load, line: label, percent: rounded(value, 2) })),
  );
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2, clip: true, tooltip: true },
        encoding: {
          x: {
            field: 'load',
            type: 'quantitative',
            scale: { domain: [0, 130], nice: false },
            axis: { title: 'GPUs that all offers so far ask for, % of the cluster', tickCount: 14 },
          },
          y: {
            field: 'percent',
            type: 'quantitative',
            scale: { domain: [0, top], nice: false },
            axis: { title: '% of GPUs', tickCount: 5 },
          },
          color: {
            field: 'line',
            type: 'nominal',
            scale: { domain: drawn.map(({ label }) => label), range: drawn.map(({ color }) => color) },
            legend: null,
          },
        },
      },
      ...endLabelLayers(
        drawn.flatMap(({ label, color, points }) =>
          points.length === 0 ? [] : [{ text: label, color, y: HEIGHT * (1 - points.at(-1)!.value / top) }],
        ),
        HEIGHT,
      ),
    ],
  };
}

/** How full and how fragmented a cluster gets while more and more is offered to it. */
export const arrivedLoad = defineChart({
  name: 'arrived-load',
  title: 'Allocation and fragmentation by arrived load',
  question: 'How much of the GPUs is given to pods, and how much is free and of no use, the more is asked for?',
  tables: ['arrived_load'],
  spec,
});
