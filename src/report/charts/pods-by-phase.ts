import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { thinSeries } from '../series.ts';
import { areaLabels, stackedAreas } from '../stacked-areas.ts';
import type { Area } from '../stacked-areas.ts';
import { phaseColors, PLOT_WIDTH } from '../theme.ts';
import { secondsOf } from '../time-axis.ts';
import type { TimeFrame } from '../time-axis.ts';

const POINTS_MAX = 300;

function phasesOf(input: ChartInput): Area[] {
  const rows = readTable(input.tables, 'timeseries', ['t_s', 'step_s', 'metric', 'subject', 'value_timeavg']);
  const bySubject = groupBy(
    rows.filter((row) => row.metric === 'pods_by_phase'),
    (row) => textOf(row.subject),
  );
  const phases = phaseColors.map(([name, color]) => {
    const points = (bySubject.get(name) ?? []).map((row) => ({
      t: secondsOf(numberOf(row.t_s)),
      step: secondsOf(numberOf(row.step_s)),
      value: numberOf(row.value_timeavg),
    }));
    return { name, color, points: thinSeries(points, POINTS_MAX) };
  });
  return phases.filter((phase) => phase.points.some((point) => point.value > 0));
}

/** The stacked area of one frame of time: shared by this chart and the timeline of the cluster. */
export function podsByPhaseView(input: ChartInput, frame: TimeFrame, height: number): View {
  const phases = phasesOf(input);
  return {
    width: PLOT_WIDTH,
    height,
    layer: [
      stackedAreas(phases, { nameField: 'phase', valueField: 'pods', frame }),
      ...faultRules(faultMarks(input), frame),
      ...areaLabels(phases, height),
    ],
  };
}

/** How many pods are in which phase. */
export const podsByPhase = defineChart({
  name: 'pods-by-phase',
  title: 'Pods by phase',
  question: 'How many pods were pending, running or lost, and when?',
  tables: ['timeseries', 'faults'],
  applies: (input) => phasesOf(input).length > 0,
  spec: (input) => {
    const frame = { horizonUs: input.horizonUs, isLabelled: true };
    const view = podsByPhaseView(input, frame, 260);
    const labels = faultLabels(faultMarks(input), frame, PLOT_WIDTH);
    return { ...view, layer: [...(view['layer'] as View[]), ...labels.layers] };
  },
});
