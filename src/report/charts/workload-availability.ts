import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { formatPercent } from '../format.ts';
import { compareText, groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { rounded, thinSeries } from '../series.ts';
import { fitText } from '../text-width.ts';
import { NOT_READY_COLOR, phaseColors, PLOT_WIDTH } from '../theme.ts';
import { secondsOf, timeX } from '../time-axis.ts';
import type { TimeFrame } from '../time-axis.ts';

const ROWS_MAX = 30;
const POINTS_MAX = 240;
const NAME_PIXELS_MAX = 200;
/** Share of a row that its bars fill: the rest keeps rows apart. */
const FILL = 0.78;

interface Workload {
  readonly key: string;
  readonly name: string;
  readonly desired: number;
  readonly availability: number;
  readonly unavailableUs: number;
}

const keyOf = (row: { namespace: unknown; kind: unknown; workload: unknown }): string =>
  `${String(row.namespace)}/${String(row.kind)}/${String(row.workload)}`;

/** The worst workloads, longest unavailable first. */
function worstWorkloads(input: ChartInput, rowsMax: number): { shown: Workload[]; total: number } {
  const columns = ['namespace', 'kind', 'workload', 'desired', 'availability_ratio', 'unavailable_s'] as const;
  // Jobs have no availability: they are not meant to be there all the time.
  const served = readTable(input.tables, 'workloads', columns).filter((row) => row.availability_ratio !== undefined);
  const workloads = served.map((row) => ({
    key: keyOf(row),
    name: `${textOf(row.namespace)}/${textOf(row.workload)}`,
    desired: numberOf(row.desired),
    availability: numberOf(row.availability_ratio),
    unavailableUs: numberOf(row.unavailable_s),
  }));
  workloads.sort((a, b) => b.unavailableUs - a.unavailableUs || compareText(a.key, b.key));
  return { shown: workloads.slice(0, rowsMax), total: workloads.length };
}

interface Piece {
  readonly t: number;
  u: number;
  readonly row: number;
  readonly ready: number;
  readonly desired: number;
  readonly from: number;
  readonly to: number;
  readonly kind: 'ready' | 'missing';
}

/** Rectangles of one row: ready pods from below, missing ones on top; equal neighbours are one. */
function piecesOf(
  points: readonly { t: number; step: number; ready: number; desired: number }[],
  row: number,
): Piece[] {
  const top = Math.max(1, ...points.map((point) => Math.max(point.desired, point.ready)));
  const readyPieces: Piece[] = [];
  const missing: Piece[] = [];
  const yOf = (pods: number): number => rounded(row + 0.9 - (FILL * pods) / top, 4);
  for (const { t, step, ready, desired } of points) {
    const place = { t, u: t + step, row, ready: rounded(ready, 2), desired: rounded(desired, 2) };
    extend(readyPieces, { ...place, from: yOf(0), to: yOf(ready), kind: 'ready' });
    if (ready < desired) extend(missing, { ...place, from: yOf(ready), to: yOf(desired), kind: 'missing' });
  }
  return [...readyPieces, ...missing];
}

function extend(pieces: Piece[], next: Piece): void {
  const last = pieces.at(-1);
  const isSame = last !== undefined && last.u === next.t && last.from === next.from && last.to === next.to;
  if (isSame) last.u = next.u;
  else pieces.push(next);
}

function allPieces(input: ChartInput, workloads: readonly Workload[]): Piece[] {
  const columns = ['t_s', 'step_s', 'namespace', 'kind', 'workload', 'desired', 'ready_timeavg'] as const;
  const byKey = groupBy(readTable(input.tables, 'workload_timeseries', columns), keyOf);
  return workloads.flatMap(({ key }, row) => {
    const rows = byKey.get(key) ?? [];
    const timed = (column: 'ready_timeavg' | 'desired') =>
      thinSeries(
        rows.map((entry) => ({
          t: secondsOf(numberOf(entry.t_s)),
          step: secondsOf(numberOf(entry.step_s)),
          value: numberOf(entry[column]),
        })),
        POINTS_MAX,
      );
    const desired = timed('desired');
    const points = timed('ready_timeavg').map(({ t, step, value }, index) => {
      return { t, step, ready: value, desired: desired[index]!.value };
    });
    return piecesOf(points, row);
  });
}

/** One row per workload: shared by this chart and the timeline of the cluster. */
export function availabilityView(input: ChartInput, frame: TimeFrame, rowsMax: number, rowHeight: number): View {
  const { shown } = worstWorkloads(input, rowsMax);
  const labels = shown.map(({ name, desired }, row) => ({
    row: row + 0.52,
    text: `${fitText(name, NAME_PIXELS_MAX, 11)} (${desired})`,
    availability: formatPercent(shown[row]!.availability),
  }));
  const y = { type: 'quantitative', scale: { domain: [shown.length, 0], nice: false }, axis: null };
  const green = phaseColors.find(([phase]) => phase === 'Running')![1];
  return {
    width: PLOT_WIDTH,
    height: Math.max(1, shown.length) * rowHeight,
    layer: [
      {
        data: { values: allPieces(input, shown) },
        mark: { type: 'rect', clip: true, tooltip: true, stroke: null },
        encoding: {
          x: timeX(frame),
          x2: { field: 'u' },
          y: { ...y, field: 'from' },
          y2: { field: 'to' },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: ['ready', 'missing'], range: [green, NOT_READY_COLOR] },
            legend: null,
          },
          tooltip: [
            { field: 'ready', type: 'quantitative', title: 'pods ready' },
            { field: 'desired', type: 'quantitative', title: 'pods desired' },
          ],
        },
      },
      ...faultRules(faultMarks(input), frame),
      textLayer(labels, 'text', { x: { value: 0 }, y: { ...y, field: 'row' } }, { align: 'right', dx: -8 }),
      textLayer(labels, 'availability', { x: { value: 'width' }, y: { ...y, field: 'row' } }, { align: 'left', dx: 8 }),
    ],
  };
}

function textLayer(values: readonly unknown[], field: string, place: View, mark: View): View {
  return {
    data: { values },
    mark: { type: 'text', clip: false, style: 'label', baseline: 'middle', ...mark },
    encoding: { ...place, text: { field } },
  };
}

function spec(input: ChartInput): View {
  const frame = { horizonUs: input.horizonUs, isLabelled: true };
  const { shown, total } = worstWorkloads(input, ROWS_MAX);
  const rowHeight = shown.length > 12 ? 22 : 34;
  const view = availabilityView(input, frame, ROWS_MAX, rowHeight);
  const labels = faultLabels(faultMarks(input), frame, PLOT_WIDTH);
  const which = total > shown.length ? `${shown.length} of ${total} workloads, longest unavailable first. ` : '';
  const subtitle = `${which}Green: pods ready. Red: missing to the number desired (in brackets). Right: availability.`;
  return {
    ...view,
    title: { subtitle },
    layer: [...(view['layer'] as View[]), ...labels.layers],
  };
}

/** Which workloads had fewer ready pods than desired, and when. */
export const workloadAvailability = defineChart({
  name: 'workload-availability',
  title: 'Workload availability',
  question: 'Which workloads had fewer ready pods than desired, and when?',
  tables: ['workload_timeseries', 'workloads', 'faults'],
  spec,
});
