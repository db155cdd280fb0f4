import { defineChart } from '../define-chart.ts';
import type { Chart, ChartInput, View } from '../define-chart.ts';
import { groupBy, maybeNumber, textOf } from '../read-table.ts';
import { rounded } from '../series.ts';
import { fitText } from '../text-width.ts';
import { PLOT_WIDTH } from '../theme.ts';
import { bandOf, runsText } from './band.ts';
import type { Band } from './band.ts';
import { seriesScales } from './palette.ts';
import { panelGrid } from './panels.ts';
import { oncePerTables, recordsWhere } from './chart-records.ts';

/** What to draw of which table; columns by name. */
export interface CurveOptions {
  /** File name without extension. */
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly question: string;
  readonly table: string;
  /** A number for the horizontal axis; replications have to share its values. */
  readonly x: string;
  readonly y: string;
  /** An axis of the experiment: a line for each level. */
  readonly series: string;
  /** Another one: a panel for each level. */
  readonly facet: string | undefined;
  readonly xTitle: string | undefined;
  readonly yTitle: string | undefined;
  /** Only rows with these texts in these columns. */
  readonly where: ReadonlyMap<string, string>;
}

const POINTS_MAX = 200;
const HEIGHT = 300;
const PANEL_HEIGHT = 150;
const WIDE_PANEL_HEIGHT = 220;

interface Point extends Band {
  readonly facet: string;
  readonly series: string;
  readonly x: number;
}

/** A line, and its values by `x`. */
interface Line {
  readonly facet: string;
  readonly series: string;
  readonly byX: Map<number, number[]>;
}

function linesOf({ tables }: ChartInput, options: CurveOptions): Iterable<Line> {
  const { table, x, y, series: seriesColumn, facet: facetColumn } = options;
  const lines = new Map<string, Line>();
  const columns = [x, y, seriesColumn, ...(facetColumn === undefined ? [] : [facetColumn])];
  for (const record of recordsWhere(tables, table, columns, options.where)) {
    const [at, value] = [maybeNumber(record[x]), maybeNumber(record[y])];
    if (at === undefined || value === undefined) continue;
    const facet = facetColumn === undefined ? '' : textOf(record[facetColumn]);
    const series = textOf(record[seriesColumn]);
    const key = JSON.stringify([facet, series]);
    let line = lines.get(key);
    if (line === undefined) lines.set(key, (line = { facet, series, byX: new Map() }));
    const values = line.byX.get(at);
    if (values === undefined) line.byX.set(at, [value]);
    else values.push(value);
  }
  return lines.values();
}

function pointsOf(input: ChartInput, options: CurveOptions): Point[] {
  return [...linesOf(input, options)].flatMap(({ facet, series, byX }) => {
    const points = [...byX].sort(([a], [b]) => a - b);
    const step = Math.ceil(points.length / POINTS_MAX);
    const kept = points.filter((_, index) => index % step === 0 || index === points.length - 1);
    return kept.map(([at, values]) => ({ facet, series, x: at, ...bandOf(values) }));
  });
}

function spec(points: readonly Point[], options: CurveOptions): View {
  const names = [...new Set(points.map(({ series }) => series))];
  const panels = groupBy(points, ({ facet }) => facet);
  const low = Math.min(0, ...points.map((point) => point.low));
  const high = Math.max(...points.map((point) => point.high));
  const counts = points.map(({ count }) => count);
  const most = Math.max(...counts);
  const band = most > 1 ? `Line: median of ${runsText(counts)} runs; band: the middle half of them.` : '';
  const frame = { names, xDomain: extent(points.map(({ x }) => x)), yDomain: [low, high] };
  const views = [...panels].map(([panel, own], index) =>
    panelOf(own, panel, index, { ...frame, panels: panels.size, options }),
  );
  return { ...(band !== '' && { title: { subtitle: band } }), ...panelGrid(views, PLOT_WIDTH) };
}

const extent = (values: readonly number[]): number[] => [Math.min(...values), Math.max(...values)];

interface Frame {
  readonly names: readonly string[];
  readonly xDomain: readonly number[];
  readonly yDomain: readonly number[];
  readonly panels: number;
  readonly options: CurveOptions;
}

function panelOf(points: readonly Point[], panel: string, index: number, frame: Frame): View {
  const { names, xDomain, yDomain, panels, options } = frame;
  const isAlone = panels === 1;
  const { color, dash } = seriesScales(names);
  const values = points.map(({ series, x, median, low, high }) => ({
    series,
    x: rounded(x, 4),
    median: rounded(median, 5),
    low: rounded(low, 5),
    high: rounded(high, 5),
  }));
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: xDomain, nice: false },
    axis: { grid: false, tickCount: isAlone ? 8 : 4, title: options.xTitle ?? options.x },
  };
  const yAxis = { tickCount: isAlone ? 6 : 4, title: index === 0 || isAlone ? (options.yTitle ?? options.y) : null };
  const y = { type: 'quantitative', scale: { domain: yDomain, nice: true }, axis: yAxis };
  const legend = { title: null, orient: 'top', columns: 6, symbolType: 'square', symbolOpacity: 1 };
  const colored = { field: 'series', type: 'nominal', scale: color, legend };
  return {
    ...(panel !== '' && {
      title: { text: fitText(`${options.facet} ${panel}`, 220, 12), fontSize: 12, offset: 4, subtitle: '' },
    }),
    height: isAlone ? HEIGHT : panels <= 4 ? WIDE_PANEL_HEIGHT : PANEL_HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'area', opacity: 0.18, clip: true },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colored },
      },
      {
        mark: { type: 'line', strokeWidth: 1.8, clip: true, tooltip: true },
        encoding: {
          x,
          y: { ...y, field: 'median' },
          color: colored,
          ...(names.length > 8 && { strokeDash: { field: 'series', type: 'nominal', scale: dash, legend: null } }),
        },
      },
    ],
  };
}

/** Lines of one quantity over another, with a band over the replications, and a panel for each level of an axis. */
export function curveChart(options: CurveOptions): Chart {
  const { name, title, question, table } = options;
  const points = oncePerTables((input) => pointsOf(input, options));
  return defineChart({
    name,
    title,
    question,
    tables: [table],
    applies: (input) => points(input).length > 0,
    spec: (input) => spec(points(input), options),
  });
}
