import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { formatDuration } from '../format.ts';
import { compareText, groupBy, maybeNumber, numberOf, readTable, textOf } from '../read-table.ts';
import { fitText } from '../text-width.ts';
import { PLOT_WIDTH, zoneStateColors } from '../theme.ts';
import { secondsOf, timeX } from '../time-axis.ts';

const ZONES_MAX = 30;
const ROW_HEIGHT = 30;
const NAME_PIXELS_MAX = 160;

interface Span {
  readonly zone: string;
  readonly state: string;
  readonly fromUs: number;
  readonly toUs: number;
}

function spansOf({ tables, horizonUs }: ChartInput): Span[] {
  return readTable(tables, 'zone_states', ['zone', 'state', 'from_t_s', 'to_t_s']).map((row) => ({
    zone: textOf(row.zone),
    state: textOf(row.state),
    fromUs: numberOf(row.from_t_s),
    toUs: maybeNumber(row.to_t_s) ?? horizonUs,
  }));
}

function spec(input: ChartInput): View {
  const byZone = groupBy(spansOf(input), ({ zone }) => zone);
  const zones = [...byZone.keys()].sort(compareText).slice(0, ZONES_MAX);
  const frame = { horizonUs: input.horizonUs, isLabelled: true };
  const bars = zones.flatMap((zone, row) =>
    byZone.get(zone)!.map(({ state, fromUs, toUs }) => ({
      ...{ t: secondsOf(fromUs), u: secondsOf(toUs), a: row + 0.15, b: row + 0.85 },
      ...{ state, lasted: formatDuration(toUs - fromUs) },
    })),
  );
  const names = zones.map((zone, row) => ({
    row: row + 0.5,
    text: fitText(zone === '' ? 'no zone' : `zone ${zone}`, NAME_PIXELS_MAX, 11),
  }));
  const y = { type: 'quantitative', scale: { domain: [zones.length, 0], nice: false }, axis: null };
  const faults = faultMarks(input);
  const labels = faultLabels(faults, frame, PLOT_WIDTH);
  return {
    title: {
      subtitle: 'In partial disruption evictions are slowed down or stopped, in full disruption of all zones too.',
    },
    width: PLOT_WIDTH,
    height: zones.length * ROW_HEIGHT,
    layer: [
      barLayer(bars, timeX(frame), y, labels.height),
      ...faultRules(faults, frame),
      ...labels.layers,
      {
        data: { values: names },
        mark: { type: 'text', style: 'label', align: 'right', baseline: 'middle', dx: -8, clip: false },
        encoding: { x: { value: 0 }, y: { ...y, field: 'row' }, text: { field: 'text' } },
      },
    ],
  };
}

function barLayer(bars: readonly View[], x: View, y: View, above: number): View {
  const range = { domain: zoneStateColors.map(([state]) => state), range: zoneStateColors.map(([, color]) => color) };
  return {
    data: { values: bars },
    mark: { type: 'rect', clip: true, tooltip: true, stroke: null },
    encoding: {
      x,
      x2: { field: 'u' },
      y: { ...y, field: 'a' },
      y2: { field: 'b' },
      color: {
        field: 'state',
        type: 'nominal',
        scale: range,
        legend: { title: null, orient: 'top', direction: 'horizontal', offset: above + 8 },
      },
      tooltip: [
        { field: 'state', type: 'nominal' },
        { field: 'lasted', type: 'nominal' },
      ],
    },
  };
}

/** What the node lifecycle controller took each zone for. */
export const zoneStates = defineChart({
  name: 'zone-states',
  title: 'Zone states',
  question: 'When did the node lifecycle controller see a zone partly or fully disrupted?',
  tables: ['zone_states', 'faults'],
  applies: (input) => spansOf(input).some(({ state }) => state !== 'Normal'),
  spec,
});
