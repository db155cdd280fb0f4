import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultLabels, faultMarks, faultRules } from '../fault-marks.ts';
import { endLabelLayers } from '../label-layout.ts';
import { groupBy, numberOf, readTable, textOf } from '../read-table.ts';
import { rounded, thinSeries } from '../series.ts';
import type { SeriesPoint } from '../series.ts';
import { phaseColors, PLOT_WIDTH } from '../theme.ts';
import { secondsOf, timeX } from '../time-axis.ts';
import type { TimeFrame } from '../time-axis.ts';

const POINTS_MAX = 300;

interface Phase {
  readonly name: string;
  readonly color: string;
  readonly points: readonly SeriesPoint[];
}

function phasesOf(input: ChartInput): Phase[] {
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
  const horizonS = secondsOf(input.horizonUs);
  const values = phases.flatMap(({ name, points }, order) => {
    const rows = points.map(({ t, value }) => ({ t, phase: name, pods: rounded(value, 2), order }));
    const last = rows.at(-1);
    return last === undefined ? [] : [...rows, { ...last, t: horizonS }];
  });
  return {
    width: PLOT_WIDTH,
    height,
    layer: [
      {
        data: { values },
        mark: { type: 'area', interpolate: 'step-after', clip: true, tooltip: true },
        encoding: {
          x: timeX(frame),
          y: { field: 'pods', type: 'quantitative', stack: 'zero', title: 'pods', axis: { tickCount: 4 } },
          color: {
            field: 'phase',
            type: 'nominal',
            scale: { domain: phases.map((phase) => phase.name), range: phases.map((phase) => phase.color) },
            legend: null,
          },
          order: { field: 'order' },
        },
      },
      ...faultRules(faultMarks(input), frame),
      ...endLabelLayers(phaseLabels(phases, height), height),
    ],
  };
}

/** Each name beside the middle of its area at the end of the run. */
function phaseLabels(phases: readonly Phase[], height: number) {
  const tops = (phases[0]?.points ?? []).map((_, index) =>
    phases.reduce((sum, phase) => sum + (phase.points[index]?.value ?? 0), 0),
  );
  const scale = height / Math.max(1, ...tops);
  let below = 0;
  const labels = phases.map(({ name, color, points }) => {
    const value = points.at(-1)?.value ?? 0;
    below += value;
    return { text: name, color, y: height - (below - value / 2) * scale };
  });
  // Equal positions are told apart in the order given: from top to bottom.
  return labels.reverse();
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
