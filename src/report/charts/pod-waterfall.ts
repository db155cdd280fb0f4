import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatDuration } from '../format.ts';
import { compareText, groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { PLOT_WIDTH, seriesColors } from '../theme.ts';
import { fitText } from '../text-width.ts';
import { secondsOf, timeStep } from '../time-axis.ts';

const PODS_MAX = 3;
const ROW_HEIGHT = 17;
const NAME_PIXELS_MAX = 190;

interface Hop {
  readonly name: string;
  readonly fromUs: number;
  readonly toUs: number;
}

interface Way {
  readonly pod: string;
  readonly hops: readonly Hop[];
  readonly totalUs: number;
}

/** The pods that took longest from their first hop to their last, in microseconds since the first. */
function slowestWays(input: ChartInput): Way[] {
  const rows = readTable(input.tables, 'pod_lifecycle', ['namespace', 'pod', 'uid', 'hop', 't_s', 'delta_s']);
  const ways = [...groupBy(rows, (row) => textOf(row.uid)).values()].map((hops): Way => {
    const first = hops[0]!;
    const start = numberOf(first.t_s) - numberOf(first.delta_s);
    const steps = hops.map((hop) => {
      const toUs = numberOf(hop.t_s) - start;
      return { name: textOf(hop.hop), fromUs: toUs - numberOf(hop.delta_s), toUs };
    });
    const totalUs = steps.at(-1)!.toUs;
    return { pod: `${textOf(first.namespace)}/${textOf(first.pod)}`, hops: steps, totalUs };
  });
  ways.sort((a, b) => b.totalUs - a.totalUs || compareText(a.pod, b.pod));
  return ways.slice(0, PODS_MAX);
}

function spec(input: ChartInput): View {
  const ways = slowestWays(input);
  const longest = secondsOf(Math.max(1, ...ways.map((way) => way.totalUs)));
  const bars: View[] = [];
  const heads: View[] = [];
  let row = 0;
  for (const { pod, hops, totalUs } of ways) {
    heads.push({ row: row + 0.5, text: `${pod} · ${formatDuration(totalUs)} in all` });
    row += 1;
    for (const { name, fromUs, toUs } of hops) {
      const isLate = secondsOf(toUs) > 0.88 * longest;
      const text = formatDuration(toUs - fromUs);
      const label = fitText(name, NAME_PIXELS_MAX, 11);
      bars.push({
        row: row + 0.5,
        a: row + 0.15,
        b: row + 0.85,
        from: secondsOf(fromUs),
        to: secondsOf(toUs),
        name: label,
        text,
        isLate,
      });
      row += 1;
    }
    row += 0.6;
  }
  const y = { type: 'quantitative', scale: { domain: [row, 0], nice: false }, axis: null };
  return { width: PLOT_WIDTH, height: Math.round(row * ROW_HEIGHT), layer: layersOf(bars, heads, y, longest) };
}

function layersOf(bars: readonly View[], heads: readonly View[], y: View, longest: number): View[] {
  const step = timeStep(longest, 10);
  const marks = Array.from({ length: Math.floor(longest / step) + 1 }, (_, index) => index * step);
  const axis = { values: marks, title: 'seconds since the first hop', format: '~f', grid: true };
  const x = { field: 'from', type: 'quantitative', scale: { domain: [0, longest], nice: false }, axis };
  const text = (values: readonly View[], style: string, mark: View, place: View, field: string): View => ({
    data: { values },
    mark: { type: 'text', style, baseline: 'middle', ...mark },
    encoding: { x: place, y: { ...y, field: 'row' }, text: { field } },
  });
  const early = bars.filter((bar) => bar['isLate'] === false);
  const late = bars.filter((bar) => bar['isLate'] === true);
  return [
    {
      data: { values: bars },
      mark: { type: 'rect', color: seriesColors[0], stroke: seriesColors[0], strokeWidth: 1 },
      encoding: { x, x2: { field: 'to' }, y: { ...y, field: 'a' }, y2: { field: 'b' } },
    },
    text(heads, 'strong', { align: 'left', dx: 2 }, { value: 0 }, 'text'),
    text(bars, 'label', { align: 'right', dx: -8 }, { value: 0 }, 'name'),
    text(early, 'note', { align: 'left', dx: 6 }, { ...x, field: 'to' }, 'text'),
    text(late, 'note', { align: 'right', dx: -6 }, { ...x, field: 'from' }, 'text'),
  ];
}

/** Where the time went from creation to readiness, hop by hop, for the slowest pods. */
export const podWaterfall = defineChart({
  name: 'pod-waterfall',
  title: 'From creation to readiness, hop by hop',
  question: 'Where did the slowest pods spend their time before they were ready?',
  tables: ['pod_lifecycle'],
  spec,
});
