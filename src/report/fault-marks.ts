import type { ChartInput, View } from './define-chart.ts';
import { layLanes } from './label-layout.ts';
import type { LaneLabel } from './label-layout.ts';
import { maybeNumber, numberOf, readTable, textOf } from './read-table.ts';
import { fitText } from './text-width.ts';
import { secondsOf, timeX } from './time-axis.ts';
import type { TimeFrame } from './time-axis.ts';

/** More faults than this get no text of their own: their rules stay. */
const LABELLED_FAULTS_MAX = 8;
/** More faults than this would hide the chart behind their rules: short marks at the upper edge take their place. */
const RULED_FAULTS_MAX = 16;
const SHORT_MARK_HEIGHT = 7;
const LANE_HEIGHT = 14;
const LABEL_PIXELS_MAX = 190;

/** A fault as charts show it. */
export interface FaultMark {
  readonly id: string;
  /** Kind and target: "zoneOutage b". */
  readonly label: string;
  readonly startS: number;
  /** The end of the run for a fault that outlasts it. */
  readonly endS: number;
}

/** The faults of the run, in the order of the table. */
export function faultMarks(input: ChartInput): FaultMark[] {
  const records = readTable(input.tables, 'faults', ['id', 'kind', 'target', 'starts_t_s', 'ends_t_s']);
  return records.map((fault) => ({
    id: textOf(fault.id),
    label: `${textOf(fault.kind)} ${textOf(fault.target)}`.trim(),
    startS: secondsOf(numberOf(fault.starts_t_s)),
    endS: secondsOf(Math.min(maybeNumber(fault.ends_t_s) ?? input.horizonUs, input.horizonUs)),
  }));
}

/** A band for as long as each of a few faults lasts, behind everything else. */
export function faultBands(faults: readonly FaultMark[], frame: TimeFrame): View[] {
  if (faults.length === 0 || faults.length > RULED_FAULTS_MAX) return [];
  const values = faults.map(({ startS, endS }) => ({ t: startS, u: endS }));
  return [
    {
      data: { values },
      mark: { type: 'rect', style: 'fault-band', clip: true },
      encoding: { x: timeX(frame), x2: { field: 'u' } },
    },
  ];
}

/** A rule at the start of each fault, over the full height or, if there are many, at the upper edge only. */
export function faultRules(faults: readonly FaultMark[], frame: TimeFrame): View[] {
  if (faults.length === 0) return [];
  const values = faults.map(({ startS, label }) => ({ t: startS, fault: label }));
  const extent = faults.length > RULED_FAULTS_MAX ? { y: { value: 0 }, y2: { value: SHORT_MARK_HEIGHT } } : {};
  return [
    {
      data: { values },
      mark: { type: 'rule', style: 'fault-rule', clip: true, tooltip: true },
      encoding: { x: timeX(frame), ...extent, tooltip: { field: 'fault', title: 'fault' } },
    },
  ];
}

/** Names of faults above a plot, in as many rows as they need. */
export interface FaultLabels {
  readonly layers: View[];
  /** Pixels they take above the plot: what a title has to stay clear of. */
  readonly height: number;
}

/** Labels for the rules of at most eight faults. */
export function faultLabels(faults: readonly FaultMark[], frame: TimeFrame, width: number): FaultLabels {
  if (faults.length === 0 || faults.length > LABELLED_FAULTS_MAX) return { layers: [], height: 0 };
  const scale = width / secondsOf(frame.horizonUs);
  const wanted = faults.map(({ label, startS }) => ({ text: fitText(label, LABEL_PIXELS_MAX, 11), x: startS * scale }));
  const lanes = layLanes(wanted, width);
  const labels = lanes.map((lane, index) => ({ ...lane, t: faults[index]!.startS }));
  const layers = (['left', 'right'] as const).flatMap((align) => labelLayer(labels, align, frame));
  return { layers, height: (1 + Math.max(...lanes.map((lane) => lane.lane))) * LANE_HEIGHT };
}

function labelLayer(labels: readonly (LaneLabel & { t: number })[], align: 'left' | 'right', frame: TimeFrame): View[] {
  const chosen = labels.filter((label) => label.align === align);
  if (chosen.length === 0) return [];
  const values = chosen.map(({ t, text, lane }) => ({ t, text, y: -4 - lane * LANE_HEIGHT }));
  return [
    {
      data: { values },
      mark: { type: 'text', style: 'fault-label', align, baseline: 'bottom', dx: align === 'left' ? -1 : 1 },
      encoding: {
        x: timeX(frame),
        y: { field: 'y', type: 'quantitative', scale: null, axis: null },
        text: { field: 'text' },
      },
    },
  ];
}
