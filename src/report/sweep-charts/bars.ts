import { defineChart } from '../define-chart.ts';
import type { Chart, ChartInput, View } from '../define-chart.ts';
import { maybeNumber, textOf } from '../read-table.ts';
import { rounded } from '../series.ts';
import { PLOT_WIDTH } from '../theme.ts';
import { runsText } from './band.ts';
import { oncePerTables, recordsWhere } from './chart-records.ts';
import { seriesScales } from './palette.ts';

/** What to draw of which table; columns by name. */
export interface BarsOptions {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly table: string;
  readonly y: string;
  /** An axis of the experiment: a bar for each level, side by side. */
  readonly series: string;
  /** Another one: a group of bars for each level; undefined = one group. */
  readonly group: string | undefined;
  readonly yTitle: string | undefined;
  /** Only rows with these texts in these columns, such as the metric or the load at which bars are drawn. */
  readonly where: ReadonlyMap<string, string>;
}

const HEIGHT = 240;
const GROUPS_A_ROW = 6;

interface Bar {
  readonly group: string;
  readonly series: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

function barsOf({ tables }: ChartInput, { table, y, series, group, where }: BarsOptions): Bar[] {
  const values = new Map<string, number[]>();
  for (const record of recordsWhere(tables, table, [y, series, ...(group === undefined ? [] : [group])], where)) {
    const value = maybeNumber(record[y]);
    if (value === undefined) continue;
    const key = JSON.stringify([group === undefined ? '' : textOf(record[group]), textOf(record[series])]);
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return [...values].map(([key, own]) => {
    const [groupName, seriesName] = JSON.parse(key) as [string, string];
    return { group: groupName, series: seriesName, ...spreadOf(own) };
  });
}

/** Mean and one standard deviation to either side, as published bars show them. */
function spreadOf(values: readonly number[]): Pick<Bar, 'mean' | 'low' | 'high' | 'count'> {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return { count, mean, low: mean - deviation, high: mean + deviation };
}

function spec(bars: readonly Bar[], options: BarsOptions): View {
  const names = [...new Set(bars.map(({ series }) => series))];
  const groups = [...new Set(bars.map(({ group }) => group))];
  const domain = [Math.min(0, ...bars.map(({ low }) => low)), Math.max(0, ...bars.map(({ high }) => high))];
  const rows = Array.from({ length: Math.ceil(groups.length / GROUPS_A_ROW) }, (_, row) =>
    groups.slice(row * GROUPS_A_ROW, (row + 1) * GROUPS_A_ROW),
  );
  const counts = bars.map(({ count }) => count);
  const most = Math.max(...counts);
  const reading = most > 1 ? `Bars: means of ${runsText(counts)} runs; lines: one standard deviation.` : '';
  const views = rows.map((row) => rowOf(bars, row, { names, domain, options }));
  const frame = reading === '' ? {} : { title: { subtitle: reading } };
  if (views.length === 1) return { ...frame, ...views[0], width: PLOT_WIDTH };
  return {
    ...frame,
    vconcat: views.map((view) => ({ ...view, width: PLOT_WIDTH })),
    resolve: { legend: { color: 'shared' } },
  };
}

interface Frame {
  readonly names: readonly string[];
  readonly domain: readonly number[];
  readonly options: BarsOptions;
}

function rowOf(bars: readonly Bar[], groups: readonly string[], { names, domain, options }: Frame): View {
  const values = bars
    .filter(({ group }) => groups.includes(group))
    .map(({ group, series, mean, low, high }) => ({
      group,
      series,
      mean: rounded(mean, 4),
      low: rounded(low, 4),
      high: rounded(high, 4),
    }));
  const x = {
    field: 'group',
    type: 'nominal',
    sort: groups,
    axis: { labelAngle: 0, title: null, domain: false, ticks: false, labelLimit: 120 },
    scale: { domain: groups, paddingInner: 0.2 },
  };
  const xOffset = { field: 'series', type: 'nominal', scale: { domain: names } };
  const y = {
    type: 'quantitative',
    scale: { domain, nice: true },
    axis: { tickCount: 5, title: options.yTitle ?? options.y },
  };
  const { color } = seriesScales(names);
  return {
    height: HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'bar', tooltip: true },
        encoding: {
          x,
          xOffset,
          y: { ...y, field: 'mean' },
          color: { field: 'series', type: 'nominal', scale: color, legend: { title: null, orient: 'top', columns: 6 } },
        },
      },
      {
        mark: { type: 'rule', style: 'whisker' },
        encoding: { x, xOffset, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
    ],
  };
}

/** Bars of one quantity, side by side for the levels of one axis and in groups for those of another, with their spread. */
export function barsChart(options: BarsOptions): Chart {
  const { name, title, question, table } = options;
  const bars = oncePerTables((input) => barsOf(input, options));
  return defineChart({
    name,
    title,
    question,
    tables: [table],
    applies: (input) => bars(input).length > 0,
    spec: (input) => spec(bars(input), options),
  });
}
