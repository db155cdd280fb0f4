import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { faultMarks } from '../fault-marks.ts';
import type { FaultMark } from '../fault-marks.ts';
import { layLanes } from '../label-layout.ts';
import { fitText } from '../text-width.ts';
import { PLOT_WIDTH } from '../theme.ts';
import { secondsOf, timeParams, timeX } from '../time-axis.ts';
import { availabilityView } from './workload-availability.ts';
import { nodeOccupancyView } from './node-occupancy.ts';
import { podsByPhase, podsByPhaseView } from './pods-by-phase.ts';

/** The interval selection all views follow; dragging across the strip of faults sets it. */
const SPAN = 'span';
const LANE_HEIGHT = 17;
const LANES_MAX = 6;
const LABEL_PIXELS_MAX = 220;

/** Faults as bars over the whole run: the one view that never zooms, on which the others are zoomed. */
function faultStrip(input: ChartInput): View {
  const horizonS = secondsOf(input.horizonUs);
  const faults = faultMarks(input);
  const laid = stripLanes(faults, horizonS);
  const laneCount = Math.max(1, ...laid.map((fault) => fault.lane + 1));
  const y = { type: 'quantitative', scale: { domain: [laneCount, 0], nice: false }, axis: null };
  const x = timeX({ horizonUs: input.horizonUs, isLabelled: false });
  const bars = laid.map(({ id, startS, endS, lane, label }) => ({
    ...{ id, label, t: startS, u: endS, a: lane + 0.12, b: lane + 0.88 },
  }));
  return {
    title: stripTitle(faults.length),
    width: PLOT_WIDTH,
    height: laneCount * LANE_HEIGHT,
    layer: [
      {
        data: { values: [{ t: 0, u: horizonS, a: 0, b: laneCount }] },
        params: [{ name: SPAN, select: { type: 'interval', encodings: ['x'] } }],
        mark: { type: 'rect', style: 'lane' },
        encoding: { x, x2: { field: 'u' }, y: { ...y, field: 'a' }, y2: { field: 'b' } },
      },
      {
        data: { values: bars },
        mark: { type: 'rect', style: 'fault-bar', cursor: 'pointer', tooltip: true },
        encoding: {
          x,
          x2: { field: 'u' },
          y: { ...y, field: 'a' },
          y2: { field: 'b' },
          tooltip: { field: 'label', type: 'nominal', title: 'fault' },
        },
      },
      ...(['left', 'right'] as const).map((align) => ({
        data: { values: laid.filter((fault) => fault.align === align).map(textOfLane) },
        mark: {
          type: 'text',
          style: 'strong',
          align,
          baseline: 'middle',
          dx: align === 'left' ? 5 : -5,
          cursor: 'pointer',
        },
        encoding: { x, y: { ...y, field: 'row' }, text: { field: 'text' } },
      })),
    ],
  };
}

function stripTitle(faultCount: number): View {
  const text = faultCount === 0 ? 'Whole run' : 'Faults';
  return viewTitle(text, faultCount > 8 ? `${faultCount} faults` : undefined);
}

type LaidFault = FaultMark & { readonly text: string; readonly lane: number; readonly align: 'left' | 'right' };

function stripLanes(faults: readonly FaultMark[], horizonS: number): LaidFault[] {
  const scale = PLOT_WIDTH / horizonS;
  const isLabelled = faults.length <= 8;
  const labels = faults.map(({ label, startS, endS }) => ({
    text: isLabelled ? fitText(label, LABEL_PIXELS_MAX, 11) : '',
    x: startS * scale,
    bar: (endS - startS) * scale,
  }));
  return layLanes(labels, PLOT_WIDTH).map(({ text, lane, align }, index) => {
    return { ...faults[index]!, text, lane: lane % LANES_MAX, align };
  });
}

function textOfLane({ startS, text, lane, id }: LaidFault): View {
  return { t: startS, text, row: lane + 0.5, id };
}

function viewTitle(text: string, subtitle?: string): View {
  return { text, ...(subtitle === undefined ? {} : { subtitle }), fontSize: 12, offset: 6 };
}

function spec(input: ChartInput): View {
  const frame = { horizonUs: input.horizonUs, param: SPAN, isLabelled: false };
  const views: View[] = [
    faultStrip(input),
    { title: viewTitle('Nodes'), ...nodeOccupancyView(input, frame, 330) },
    { title: viewTitle(podsByPhase.title), ...podsByPhaseView(input, frame, 110) },
  ];
  if (hasWorkloads(input)) {
    views.push({
      title: viewTitle('Workloads: pods ready (green) and missing (red)'),
      ...availabilityView(input, frame, 12, 22),
    });
  }
  const last = views.length - 1;
  views[last] = labelTime(views[last]!);
  return {
    params: timeParams(input, SPAN),
    vconcat: views,
    resolve: { scale: { color: 'independent', opacity: 'independent' } },
  };
}

const hasWorkloads = (input: ChartInput): boolean => {
  for (const _row of input.tables.get('workload_timeseries')?.rows ?? []) return true;
  return false;
};

/** Switches the labels of the time axis on, in the first layer that has one. */
function labelTime(view: View): View {
  const on = (layer: View): View => {
    const encoding = layer['encoding'] as Record<string, View> | undefined;
    const axis = encoding?.['x']?.['axis'] as View | undefined;
    if (axis?.['labels'] !== false) return layer;
    const labelled = { ...axis, labels: true, ticks: true, domain: true, title: 'virtual time' };
    return { ...layer, encoding: { ...encoding, x: { ...encoding!['x'], axis: labelled } } };
  };
  return { ...view, layer: (view['layer'] as View[]).map(on) };
}

/** The whole run at one glance: faults, nodes, pods and workloads over one time axis. */
export const clusterTimeline = defineChart({
  name: 'cluster-timeline',
  title: 'Timeline of the cluster',
  question: 'What happened to nodes, pods and workloads, and when?',
  tables: ['node_timeseries', 'timeseries', 'workload_timeseries', 'workloads', 'faults'],
  spec,
});
