import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatNumber } from '../format.ts';
import { groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { rounded } from '../series.ts';
import { fitText } from '../text-width.ts';
import { PLOT_WIDTH, seriesColors } from '../theme.ts';
import { panelGrid, panelWidth } from './panels.ts';

const ROW_HEIGHT = 24;
const METRICS_MAX = 12;
const NAME_WIDTH = 130;
/** Every panel has the names of the policies beside it. */
const COLUMNS_MAX = 3;
/** A title begins where the plot does and may go on over a part of the names of the next panel. */
const TITLE_OVERHANG = 66;

interface Entry {
  readonly metric: string;
  readonly noun: string;
  readonly unit: string;
  readonly better: string;
  readonly policy: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly letters: string;
}

function entriesOf({ tables }: ChartInput): Entry[] {
  const columns = ['metric', 'noun', 'unit', 'better', 'policy', 'mean', 'low', 'high', 'letters'] as const;
  return readTable(tables, 'comparison_means', columns).map((row) => ({
    metric: textOf(row.metric),
    noun: textOf(row.noun),
    unit: textOf(row.unit),
    better: textOf(row.better),
    policy: textOf(row.policy),
    mean: numberOf(row.mean),
    low: numberOf(row.low),
    high: numberOf(row.high),
    letters: textOf(row.letters),
  }));
}

function spec(input: ChartInput): View {
  const metrics = [...groupBy(entriesOf(input), ({ metric }) => metric).values()];
  const panels = metrics.slice(0, METRICS_MAX);
  const isMany = panels[0]!.length > 2;
  const titleWidth = panelWidth(panels.length, PLOT_WIDTH, COLUMNS_MAX) + TITLE_OVERHANG;
  const letters = isMany ? ' Policies with a letter in common cannot be told apart.' : '';
  return {
    title: {
      subtitle: [
        `Means over the same random worlds, best on top, each with its own interval.${letters}`,
        ...(metrics.length > METRICS_MAX
          ? [`The first ${METRICS_MAX} of ${metrics.length} metrics; all are in the table.`]
          : []),
      ],
    },
    ...panelGrid(
      panels.map((panel) => panelOf(panel, titleWidth, isMany)),
      PLOT_WIDTH,
      COLUMNS_MAX,
    ),
  };
}

function panelOf(entries: readonly Entry[], titleWidth: number, isLettered: boolean): View {
  const [{ noun, unit, better }] = entries as readonly [Entry, ...Entry[]];
  const sign = better === 'more' ? -1 : 1;
  const order = [...entries].sort((a, b) => sign * (a.mean - b.mean));
  const { factor, axis } = scaleOf(unit, Math.max(...entries.map(({ high }) => high)));
  const scaled = (value: number): number => rounded(factor * value, 5);
  const values = order.map(({ policy, mean, low, high, letters }) => ({
    policy: fitText(policy, NAME_WIDTH, 11),
    mean: scaled(mean),
    low: scaled(low),
    high: scaled(high),
    label: `${formatNumber(scaled(mean), digitsFor(scaled(mean)))}${isLettered ? `  ${letters}` : ''}`,
  }));
  const y = { field: 'policy', type: 'nominal', sort: null, axis: { title: null, ticks: false, domain: false } };
  const x = {
    type: 'quantitative',
    ...scaleOver(values),
    title: better === 'neither' ? axis : `${axis} (${better} is better)`,
  };
  return {
    title: { text: fitText(noun, titleWidth, 12), fontSize: 12, offset: 8, subtitle: '' },
    height: ROW_HEIGHT * entries.length,
    data: { values },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2, color: seriesColors[0] },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      {
        mark: {
          type: 'point',
          shape: 'circle',
          filled: true,
          size: 60,
          opacity: 1,
          color: seriesColors[0],
          tooltip: true,
        },
        encoding: { y, x: { ...x, field: 'mean' } },
      },
      {
        mark: { type: 'text', style: 'label', align: 'center', baseline: 'bottom', dy: -5 },
        encoding: { y, x: { ...x, field: 'mean' }, text: { field: 'label' } },
      },
    ],
  };
}

/** A point that is all there is stands in the middle, with its value alone on the axis. */
function scaleOver(values: readonly { readonly low: number; readonly high: number }[]): View {
  const [low, high] = [Math.min(...values.map((value) => value.low)), Math.max(...values.map((value) => value.high))];
  if (low === high) return { scale: { domain: [low - 1, low + 1] }, axis: { values: [low] } };
  return { scale: { zero: false, nice: true, padding: 14 }, axis: { tickCount: 4 } };
}

/** Shares in percent, times below a second in milliseconds. */
function scaleOf(unit: string, largest: number): { readonly factor: number; readonly axis: string } {
  if (unit === 'ratio') return { factor: 100, axis: '%' };
  return unit === 's' && largest < 1 ? { factor: 1000, axis: 'ms' } : { factor: 1, axis: unit };
}

/** Digits behind the point that leave three or four in all. */
function digitsFor(value: number): number {
  const size = Math.abs(value);
  return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3;
}

/** All policies in all metrics, best first, with their intervals. */
export const ranking = defineChart({
  name: 'ranking',
  title: 'Ranking',
  question: 'Which policy is best at what?',
  tables: ['comparison_means'],
  spec,
});
