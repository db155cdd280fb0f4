import type { View } from './define-chart.ts';
import { rounded } from './series.ts';

const SECOND_US = 1_000_000;
const MARKS_MAX = 12;

/** Steps between marks of a time axis, in seconds: people count in these. */
const steps = [
  0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  172800, 604800, 2592000,
];

/** Writes seconds as 0m, 30s, 1h30m, 2d: virtual time has no calendar, so no date ever appears. */
const TIME_LABEL = [
  "datum.value == 0 ? '0m' : ",
  "(datum.value >= 86400 ? floor(datum.value / 86400) + 'd' : '')",
  " + (floor(datum.value % 86400 / 3600) > 0 ? floor(datum.value % 86400 / 3600) + 'h' : '')",
  " + (floor(datum.value % 3600 / 60) > 0 ? floor(datum.value % 3600 / 60) + 'm' : '')",
  " + (datum.value % 60 > 0 ? format(datum.value % 60, '.3~f') + 's' : '')",
].join('');

/** How the views of one specification share time. */
export interface TimeFrame {
  readonly horizonUs: number;
  /** Name of the interval selection that the axis follows (see timeParams); without it the axis shows the whole run. */
  readonly param?: string;
  /** Whether the axis is labelled; of views on top of each other only the lowest one is. */
  readonly isLabelled: boolean;
}

/** Microseconds of virtual time as the seconds charts hold. */
export function secondsOf(us: number): number {
  return us / SECOND_US;
}

/** The step, in seconds, that gives at most `ticksMax` marks on an axis of this length. */
export function timeStep(lengthS: number, ticksMax: number): number {
  return steps.find((step) => lengthS / step <= ticksMax) ?? steps.at(-1)!;
}

/** The x channel of a view over virtual time; `field` holds seconds. */
export function timeX(frame: TimeFrame, field = 't'): View {
  return {
    field,
    type: 'quantitative',
    scale: {
      domain: frame.param === undefined ? [0, secondsOf(frame.horizonUs)] : { param: frame.param },
      nice: false,
    },
    axis: timeAxis(frame),
  };
}

function timeAxis(frame: TimeFrame): View {
  const values = frame.param === undefined ? fixedMarks(frame) : { expr: marksParam(frame.param) };
  const marks = {
    values,
    grid: true,
    labelExpr: TIME_LABEL,
    labelFlush: true,
    labelOverlap: 'greedy',
    labelSeparation: 8,
  };
  if (frame.isLabelled) return { ...marks, title: 'virtual time' };
  return { ...marks, title: null, labels: false, ticks: false, domain: false };
}

function fixedMarks({ horizonUs }: TimeFrame): number[] {
  const horizon = secondsOf(horizonUs);
  const step = timeStep(horizon, MARKS_MAX);
  const marks: number[] = [];
  for (let i = 0; i * step <= horizon; i += 1) marks.push(i * step);
  return marks;
}

/**
 * Parameters of a specification whose axes follow an interval selection: where its marks stand, so that zooming keeps
 * to whole minutes and hours.
 */
export function timeParams({ horizonUs }: { readonly horizonUs: number }, param: string): View[] {
  const from = `(isValid(${param}.t) ? ${param}.t[0] : 0)`;
  const to = `(isValid(${param}.t) ? ${param}.t[1] : ${secondsOf(horizonUs)})`;
  const choices = steps.slice(0, -1).map((step) => `${param}_length <= ${rounded(MARKS_MAX * step, 3)} ? ${step} : `);
  return [
    { name: `${param}_length`, expr: `${to} - ${from}` },
    { name: `${param}_step`, expr: `${choices.join('')}${steps.at(-1)!}` },
    {
      name: marksParam(param),
      expr: `sequence(ceil(${from} / ${param}_step) * ${param}_step, ${to} + 0.000001, ${param}_step)`,
    },
  ];
}

const marksParam = (param: string): string => `${param}_marks`;
