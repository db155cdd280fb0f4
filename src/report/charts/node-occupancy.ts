import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { occupancyOf } from '../occupancy-cells.ts';
import type { Occupancy } from '../occupancy-cells.ts';
import { fullnessColors, NOT_READY_COLOR, PLOT_WIDTH } from '../theme.ts';
import { fitText } from '../text-width.ts';
import { timeX } from '../time-axis.ts';
import type { TimeFrame } from '../time-axis.ts';

/** Rows of at least this many pixels are named. */
const NAMED_ROW_PIXELS = 11;
const NAME_PIXELS_MAX = 150;
/** Lower zones are not named: their labels would overlap. */
const ZONE_PIXELS_MIN = 11;

/** The heat map of one frame of time: shared by this chart and the timeline of the cluster. */
export function nodeOccupancyView(input: ChartInput, frame: TimeFrame, heightMax: number, legendOffset = 0): View {
  const occupancy = occupancyOf(input);
  const rowCount = Math.max(1, occupancy.rows.length);
  // Half pixels for the thinnest rows, so that large clusters use the height too; pictures are drawn at twice the size.
  const fitting = heightMax / rowCount;
  const rowHeight = fitting < 4 ? Math.max(1, Math.floor(2 * fitting) / 2) : Math.min(16, Math.floor(fitting));
  const y = { type: 'quantitative', scale: { domain: [rowCount, 0], nice: false }, axis: null };
  return {
    width: PLOT_WIDTH,
    height: rowCount * rowHeight,
    layer: [
      fullLayer(occupancy, frame, y, legendOffset),
      downLayer(occupancy, frame, y),
      separatorLayer(occupancy, y, rowHeight),
      ...faultRules(faultMarks(input), frame),
      ...labelLayers(occupancy, y, rowHeight),
    ],
  };
}

function fullLayer({ cells, rows }: Occupancy, frame: TimeFrame, y: View, legendOffset: number): View {
  const values = cells.map(({ row, t, u, full }) => ({ t, u, a: row, b: row + 1, full }));
  const names = rows.map((node, a) => ({ a, node }));
  return {
    data: { values },
    transform: [{ lookup: 'a', from: { data: { values: names }, key: 'a', fields: ['node'] } }],
    mark: { type: 'rect', clip: true, tooltip: true, stroke: null },
    encoding: {
      x: timeX(frame),
      x2: { field: 'u' },
      y: { ...y, field: 'a' },
      y2: { field: 'b' },
      color: {
        field: 'full',
        type: 'quantitative',
        scale: { domain: [0, 1], range: fullnessColors, interpolate: 'lab', clamp: true },
        legend: {
          title: 'cpu requested; red: not ready',
          orient: 'top',
          direction: 'horizontal',
          titleOrient: 'left',
          format: '.0%',
          values: [0, 0.5, 1],
          gradientLength: 160,
          gradientThickness: 8,
          offset: 4 + legendOffset,
        },
      },
      tooltip: [
        { field: 'node', type: 'nominal', title: 'node' },
        { field: 'full', type: 'quantitative', title: 'cpu requested', format: '.0%' },
      ],
    },
  };
}

/** Red over what is not ready, the more opaque the more of the time and of the nodes of the row. */
function downLayer({ cells }: Occupancy, frame: TimeFrame, y: View): View {
  const down = cells.filter((cell) => cell.down > 0);
  const values = down.map(({ row, t, u, down: share }) => ({ t, u, a: row, b: row + 1, down: share }));
  return {
    data: { values },
    mark: { type: 'rect', clip: true, color: NOT_READY_COLOR, tooltip: true, stroke: null },
    encoding: {
      x: timeX(frame),
      x2: { field: 'u' },
      y: { ...y, field: 'a' },
      y2: { field: 'b' },
      opacity: { field: 'down', type: 'quantitative', scale: { domain: [0, 1], range: [0, 1] }, legend: null },
      tooltip: { field: 'down', type: 'quantitative', title: 'not ready', format: '.0%' },
    },
  };
}

/** Thin gaps between rows that are high enough, wider ones between zones. */
function separatorLayer({ zones, rows }: Occupancy, y: View, rowHeight: number): View {
  const zoneStarts = new Set(zones.map((zone) => zone.from));
  const values = rows
    .map((_, row) => ({ row, width: zoneStarts.has(row) ? Math.min(4, 1 + rowHeight / 4) : 0.5 }))
    .filter((line) => line.row > 0 && (line.width > 0.5 || rowHeight >= 6));
  return {
    data: { values },
    mark: { type: 'rule', style: 'separator' },
    encoding: {
      x: { value: 0 },
      x2: { value: 'width' },
      y: { ...y, field: 'row' },
      strokeWidth: { field: 'width', type: 'quantitative', scale: null },
    },
  };
}

/** Zones on the right, nodes on the left where there is room for their names. */
function labelLayers({ zones, rows }: Occupancy, y: View, rowHeight: number): View[] {
  const zoneValues = zones
    .filter(({ zone, from, to }) => (zone !== '' || zones.length > 1) && (to - from) * rowHeight >= ZONE_PIXELS_MIN)
    .map(({ zone, from, to }) => ({ row: (from + to) / 2, text: zone === '' ? 'no zone' : `zone ${zone}` }));
  const names = rows.map((row, index) => ({ row: index + 0.5, text: fitText(row, NAME_PIXELS_MAX, 10) }));
  const zoneLabels = {
    data: { values: zoneValues },
    mark: { type: 'text', clip: false, style: 'strong', align: 'left', baseline: 'middle', dx: 8 },
    encoding: { x: { value: 'width' }, y: { ...y, field: 'row' }, text: { field: 'text' } },
  };
  const nameLabels = {
    data: { values: names },
    mark: { type: 'text', clip: false, style: 'note', fontSize: 10, align: 'right', baseline: 'middle', dx: -6 },
    encoding: { x: { value: 0 }, y: { ...y, field: 'row' }, text: { field: 'text' } },
  };
  return rowHeight >= NAMED_ROW_PIXELS ? [zoneLabels, nameLabels] : [zoneLabels];
}

function spec(input: ChartInput): View {
  const frame = { horizonUs: input.horizonUs, isLabelled: true };
  const labels = faultLabels(faultMarks(input), frame, PLOT_WIDTH);
  const view = nodeOccupancyView(input, frame, 480, labels.height);
  return { ...view, layer: [...(view['layer'] as View[]), ...labels.layers] };
}

/** How full each node was, and when it was not ready. */
export const nodeOccupancy = defineChart({
  name: 'node-occupancy',
  title: 'Nodes over time',
  question: 'How full was each node, and when was it not ready?',
  tables: ['node_timeseries', 'faults'],
  spec,
});
