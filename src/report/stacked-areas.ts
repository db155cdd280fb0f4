/** Areas one upon the other over time, each with its name at the end. */
import type { View } from './define-chart.ts';
import { endLabelLayers } from './label-layout.ts';
import { rounded } from './series.ts';
import type { SeriesPoint } from './series.ts';
import { secondsOf, timeX } from './time-axis.ts';
import type { TimeFrame } from './time-axis.ts';

/** One area; all areas of a chart have points at the same times. */
export interface Area {
  readonly name: string;
  readonly color: string;
  readonly points: readonly SeriesPoint[];
}

/** How areas are drawn: what the data call name and value, and the time axis. */
export interface AreaOptions {
  readonly nameField: string;
  /** Title of the axis too. */
  readonly valueField: string;
  readonly frame: TimeFrame;
}

/** The areas, the first at the bottom. */
export function stackedAreas(areas: readonly Area[], options: AreaOptions): View {
  const { nameField, valueField, frame } = options;
  const end = secondsOf(frame.horizonUs);
  const values = areas.flatMap(({ name, points }, order) => {
    const rows = points.map(({ t, value }) => ({ t, [nameField]: name, [valueField]: rounded(value, 2), order }));
    const last = rows.at(-1);
    return last === undefined ? [] : [...rows, { ...last, t: end }];
  });
  return {
    data: { values },
    mark: { type: 'area', interpolate: 'step-after', clip: true, tooltip: true },
    encoding: {
      x: timeX(frame),
      y: { field: valueField, type: 'quantitative', stack: 'zero', title: valueField, axis: { tickCount: 4 } },
      color: {
        field: nameField,
        type: 'nominal',
        scale: { domain: areas.map(({ name }) => name), range: areas.map(({ color }) => color) },
        legend: null,
      },
      order: { field: 'order' },
    },
  };
}

/** Each name beside the middle of its area at the end of the run. */
export function areaLabels(areas: readonly Area[], height: number): readonly View[] {
  const tops = (areas[0]?.points ?? []).map((_, index) =>
    areas.reduce((sum, area) => sum + (area.points[index]?.value ?? 0), 0),
  );
  const scale = height / Math.max(1, ...tops);
  let below = 0;
  const labels = areas.map(({ name, color, points }) => {
    const value = points.at(-1)?.value ?? 0;
    below += value;
    return { text: name, color, y: height - (below - value / 2) * scale };
  });
  // Equal positions are told apart in the order given: from top to bottom.
  return endLabelLayers(labels.reverse(), height);
}
