import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { layLanes } from '../label-layout.ts';
import { numberOf, readTable } from '../read-table.ts';
import { quantileOf } from '../series.ts';
import { phaseColors, PLOT_WIDTH, seriesColors } from '../theme.ts';
import { secondsOf } from '../time-axis.ts';

const HEIGHT = 240;
const BINS_PER_DECADE = 8;
const LOG_US_MIN = 3;
const LANE_HEIGHT = 14;
const BOUND = 'bound';
const WAITING = 'still pending at the end';

/** Marks of the axis, in seconds, and how they are written. */
const LABEL =
  "datum.value < 0.9 ? format(datum.value * 1000, '~g') + ' ms' : datum.value < 59 ? format(datum.value, '~g') + ' s' : " +
  "datum.value < 3599 ? format(datum.value / 60, '~g') + ' min' : format(datum.value / 3600, '~g') + ' h'";
const marks = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 360_000];

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly fate: string;
  readonly low: number;
  readonly high: number;
}

/** Waiting times in microseconds, smallest first; what never left the queue has waited until the end of the run. */
function waits(input: ChartInput): { us: number; isBound: boolean }[] {
  const pods = readTable(input.tables, 'pods', ['pending_s', 'bound_t_s']).filter((pod) => pod.pending_s !== undefined);
  return pods
    .map((pod) => ({ us: numberOf(pod.pending_s), isBound: pod.bound_t_s !== undefined }))
    .sort((a, b) => a.us - b.us);
}

/** Bins of equal width on the logarithmic axis; everything below a millisecond falls into the first one. */
const binOf = (us: number): number =>
  Math.max(0, Math.floor((Math.log10(Math.max(1, us)) - LOG_US_MIN) * BINS_PER_DECADE));

const edgeOf = (bin: number): number => Math.exp((bin / BINS_PER_DECADE + LOG_US_MIN - 6) * Math.LN10);

function binsOf(pods: readonly { us: number; isBound: boolean }[]): Bin[] {
  const counts = new Map<number, { bound: number; waiting: number }>();
  for (const { us, isBound } of pods) {
    const bin = binOf(us);
    const count = counts.get(bin) ?? { bound: 0, waiting: 0 };
    if (isBound) count.bound += 1;
    else count.waiting += 1;
    counts.set(bin, count);
  }
  const bins: Bin[] = [];
  for (const [bin, { bound, waiting }] of [...counts].sort(([a], [b]) => a - b)) {
    const place = { from: edgeOf(bin), to: edgeOf(bin + 1) };
    if (bound > 0) bins.push({ ...place, fate: BOUND, low: 0, high: bound });
    if (waiting > 0) bins.push({ ...place, fate: WAITING, low: bound, high: bound + waiting });
  }
  return bins;
}

function spec(input: ChartInput): View {
  const pods = waits(input);
  const bins = binsOf(pods);
  const low = decadeBelow(bins[0]!.from);
  const domain = [low, Math.max(10 * low, bins.at(-1)!.to * 1.02)];
  const top = Math.max(...bins.map((bin) => bin.high));
  return {
    title: {
      subtitle: `Pods by the time from creation to binding (${formatNumber(pods.length)} pods, logarithmic axis).`,
    },
    width: PLOT_WIDTH,
    height: HEIGHT,
    layer: [barLayer(bins, domain, top), ...quantileLayers(pods, domain)],
  };
}

function decadeBelow(seconds: number): number {
  return marks.findLast((mark) => mark <= seconds * 1.000001) ?? marks[0]!;
}

function waitX(domain: readonly number[], field: string): View {
  const axis = { values: marks, labelExpr: LABEL, grid: false, title: 'time pending' };
  return { field, type: 'quantitative', scale: { type: 'log', domain, nice: false }, axis };
}

function barLayer(bins: readonly Bin[], domain: readonly number[], top: number): View {
  const amber = phaseColors.find(([phase]) => phase === 'Pending')![1];
  const isAnyWaiting = bins.some((bin) => bin.fate === WAITING);
  const legend = { title: null, orient: 'top-right', direction: 'vertical' };
  return {
    data: { values: bins },
    mark: { type: 'rect', tooltip: true, clip: true },
    encoding: {
      x: waitX(domain, 'from'),
      x2: { field: 'to' },
      y: { field: 'low', type: 'quantitative', scale: { domain: [0, top] }, axis: { title: 'pods', tickCount: 5 } },
      y2: { field: 'high' },
      color: {
        field: 'fate',
        type: 'nominal',
        scale: { domain: [BOUND, WAITING], range: [seriesColors[0], amber] },
        legend: isAnyWaiting ? legend : null,
      },
      stroke: { value: null },
    },
  };
}

function quantileLayers(pods: readonly { us: number }[], domain: readonly number[]): View[] {
  const sorted = pods.map((pod) => pod.us);
  const rules = [0.5, 0.9, 0.99].map((share) => {
    const us = quantileOf(sorted, share) ?? 0;
    return { t: secondsOf(Math.max(1000, us)), text: `p${Math.round(share * 100)} · ${formatDuration(us)}` };
  });
  const [from, to] = domain.map(Math.log) as [number, number];
  const labels = layLanes(
    rules.map(({ t, text }) => ({ text, x: ((Math.log(t) - from) / (to - from)) * PLOT_WIDTH })),
    PLOT_WIDTH,
  );
  const values = rules.map((rule, index) => ({
    ...rule,
    ...labels[index]!,
    y: -4 - labels[index]!.lane * LANE_HEIGHT,
  }));
  return [
    { data: { values }, mark: { type: 'rule', style: 'quantile' }, encoding: { x: waitX(domain, 't') } },
    ...(['left', 'right'] as const).map((align) => ({
      data: { values: values.filter((value) => value.align === align) },
      mark: { type: 'text', style: 'label', align, baseline: 'bottom' },
      encoding: {
        x: waitX(domain, 't'),
        y: { field: 'y', type: 'quantitative', scale: null, axis: null },
        text: { field: 'text' },
      },
    })),
  ];
}

/** How long pods waited for a node. */
export const pendingTime = defineChart({
  name: 'pending-time',
  title: 'Time pending',
  question: 'How long did pods wait for a node?',
  tables: ['pods'],
  applies: (input) => waits(input).length > 0,
  spec,
});
