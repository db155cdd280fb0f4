import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatDuration } from '../format.ts';
import { compareText, groupBy, maybeNumber, numberOf, readTable, textOf } from '../read-table.ts';
import { PLOT_WIDTH, rolloutColors } from '../theme.ts';
import { secondsOf, timeX } from '../time-axis.ts';

const ROLLOUTS_MAX = 6;
const HEIGHT = 110;
const POINTS_MAX = 400;

interface Rollout {
  readonly key: string;
  readonly startsAt: number;
  /** Microseconds since the start, to the end or to the end of the run. */
  readonly lengthUs: number;
  readonly title: string;
  readonly note: string;
}

interface Point {
  /** Seconds since the start of the rollout. */
  readonly t: number;
  readonly desired: number;
  readonly old: number;
  readonly updated: number;
  readonly available: number;
}

const columns = [
  ...(['namespace', 'workload', 'rollout', 'starts_t_s', 'ends_t_s', 'outcome', 'desired'] as const),
  ...(['surge_max', 'available_min'] as const),
];

const keyOf = (row: { namespace: unknown; workload: unknown; rollout: unknown }): string =>
  `${String(row.namespace)}/${String(row.workload)}/${String(row.rollout)}`;

/** The longest rollouts first. */
function rolloutsOf({ tables, horizonUs }: ChartInput): Rollout[] {
  return readTable(tables, 'rollouts', columns)
    .map((row): Rollout => {
      const startsAt = numberOf(row.starts_t_s);
      const lengthUs = Math.max(1, (maybeNumber(row.ends_t_s) ?? horizonUs) - startsAt);
      const outcome = textOf(row.outcome) === 'complete' ? 'complete after' : `${textOf(row.outcome)} after`;
      return {
        ...{ key: keyOf(row), startsAt, lengthUs },
        title: `${textOf(row.namespace)}/${textOf(row.workload)}, rollout ${textOf(row.rollout)}`,
        note:
          `${outcome} ${formatDuration(lengthUs)} · at most ${numberOf(row.surge_max)} above ${numberOf(row.desired)} ` +
          `wished · at least ${numberOf(row.available_min)} available`,
      };
    })
    .sort((a, b) => b.lengthUs - a.lengthUs || a.startsAt - b.startsAt || compareText(a.key, b.key));
}

function pointsOf({ tables }: ChartInput, rollouts: readonly Rollout[]): Map<string, Point[]> {
  const names = ['t_s', 'namespace', 'workload', 'rollout', 'desired', 'old', 'updated', 'available'] as const;
  const rows = groupBy(readTable(tables, 'rollout_progress', names), keyOf);
  return new Map(
    rollouts.map(({ key, startsAt, lengthUs }) => {
      const points = (rows.get(key) ?? []).map((row) => ({
        t: secondsOf(numberOf(row.t_s) - startsAt),
        desired: numberOf(row.desired),
        old: numberOf(row.old),
        updated: numberOf(row.updated),
        available: numberOf(row.available),
      }));
      const last = points.at(-1);
      const all = last === undefined ? [] : [...points, { ...last, t: secondsOf(lengthUs) }];
      return [key, thinned(all)];
    }),
  );
}

/** Every so manieth point, and the last one. */
function thinned(points: readonly Point[]): Point[] {
  const step = Math.ceil(points.length / POINTS_MAX);
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}

function spec(input: ChartInput): View {
  const all = rolloutsOf(input);
  const rollouts = all.slice(0, ROLLOUTS_MAX);
  const points = pointsOf(input, rollouts);
  const lengthUs = Math.max(1, ...rollouts.map((rollout) => rollout.lengthUs));
  const which = all.length > ROLLOUTS_MAX ? `The ${ROLLOUTS_MAX} longest of ${all.length}. ` : '';
  return {
    title: { subtitle: `${which}Areas: pods of the old and of the new template; lines: available and wished.` },
    vconcat: rollouts.map((rollout, index) =>
      viewOf(rollout, points.get(rollout.key)!, { lengthUs, isLast: index === rollouts.length - 1 }),
    ),
    resolve: { scale: { color: 'shared', x: 'shared' } },
  };
}

function viewOf(
  { title, note }: Rollout,
  points: readonly Point[],
  frame: { lengthUs: number; isLast: boolean },
): View {
  const x = timeX({ horizonUs: frame.lengthUs, isLabelled: frame.isLast });
  const axis = { ...(x['axis'] as View), ...(frame.isLast && { title: 'virtual time since the new template' }) };
  const areas = points.flatMap(({ t, old, updated }) => [
    { t, which: 'old', pods: old, order: 0 },
    { t, which: 'updated', pods: updated, order: 1 },
  ]);
  const lines = points.flatMap(({ t, available, desired }) => [
    { t, which: 'available', pods: available },
    { t, which: 'wished', pods: desired },
  ]);
  const top = Math.max(1, ...points.map(({ old, updated, desired }) => Math.max(old + updated, desired)));
  const scale = { domain: [0, top], nice: false };
  const y = { field: 'pods', type: 'quantitative', title: 'pods', scale, axis: { tickCount: 4, format: 'd' } };
  const color = {
    field: 'which',
    type: 'nominal',
    scale: { domain: rolloutColors.map(([name]) => name), range: rolloutColors.map(([, value]) => value) },
    legend: { title: null, orient: 'top', direction: 'horizontal' },
  };
  const encoding = { x: { ...x, axis }, color };
  return {
    title: { text: title, subtitle: note, fontSize: 12, offset: 6 },
    width: PLOT_WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: areas },
        mark: { type: 'area', interpolate: 'step-after', clip: true, tooltip: true },
        encoding: { ...encoding, y: { ...y, stack: 'zero' }, order: { field: 'order' } },
      },
      {
        data: { values: lines },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2, clip: true, tooltip: true },
        encoding: {
          ...encoding,
          y: { ...y, stack: null },
          strokeDash: { condition: { test: "datum.which === 'wished'", value: [4, 3] }, value: [1, 0] },
        },
      },
    ],
  };
}

/** How old pods gave way to new ones. */
export const rolloutProgress = defineChart({
  name: 'rollout-progress',
  title: 'Rollouts',
  question: 'How did old pods give way to new ones, and how many were available meanwhile?',
  tables: ['rollouts', 'rollout_progress'],
  spec,
});
