import type { View } from './define-chart.ts';
import { textWidth } from './text-width.ts';

const LABEL_SIZE = 11;
const LABEL_GAP = 8;

/**
 * Pixel positions near the wanted ones, in the same order, at least `gap` apart and within [0, height]: labels beside
 * lines that end close together.
 */
export function spread(wanted: readonly number[], gap: number, height: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  const placed = [...wanted];
  let floor = 0;
  for (const index of order) {
    placed[index] = Math.max(placed[index]!, floor);
    floor = placed[index]! + gap;
  }
  let ceiling = height;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index]!, ceiling);
    ceiling = placed[index]! - gap;
  }
  return placed;
}

/** A text beside a position on the x axis. */
export interface LaneLabel {
  readonly text: string;
  /** The pixel it belongs to. */
  readonly x: number;
  /** Row above the plot, counted from 0 at the plot. */
  readonly lane: number;
  readonly align: 'left' | 'right';
}

/** A text that wants to stand at an x position, perhaps with a bar of some length beginning there. */
export interface WantedLabel {
  readonly text: string;
  readonly x: number;
  readonly bar?: number;
}

/** Puts texts at x positions into as few rows as keep them apart; texts near the right edge grow to the left. */
export function layLanes(labels: readonly WantedLabel[], width: number): LaneLabel[] {
  const lanes: [from: number, to: number][][] = [];
  return labels.map(({ text, x, bar = 0 }) => {
    const length = textWidth(text, LABEL_SIZE) + LABEL_GAP;
    const align = x + length > width ? 'right' : 'left';
    const from = align === 'left' ? x : x - length;
    const to = Math.max(from + length, x + bar);
    const isFree = (lane: [number, number][]): boolean => lane.every(([a, b]) => to <= a || from >= b);
    const found = lanes.findIndex(isFree);
    const lane = found < 0 ? lanes.push([]) - 1 : found;
    lanes[lane]!.push([from, to]);
    return { text, x, lane, align };
  });
}

/** A label at the right edge of a plot, with the colour of what it names. */
export interface EndLabel {
  readonly text: string;
  readonly color: string;
  /** Pixels from the top of the plot. */
  readonly y: number;
}

/** Layers that write labels to the right of the plot, pushed apart where they would overlap. */
export function endLabelLayers(labels: readonly EndLabel[], height: number): View[] {
  const positions = spread(
    labels.map((label) => label.y),
    LABEL_SIZE + 3,
    height,
  );
  const values = labels.map(({ text, color }, index) => ({ text, color, y: positions[index] }));
  const y = { field: 'y', type: 'quantitative', scale: null, axis: null };
  const color = { field: 'color', type: 'nominal', scale: null };
  return [
    {
      data: { values },
      mark: { type: 'point', clip: false, shape: 'square', size: 60, filled: true, opacity: 1, xOffset: 12 },
      encoding: { x: { value: 'width' }, y, color },
    },
    {
      data: { values },
      mark: { type: 'text', clip: false, style: 'label', align: 'left', baseline: 'middle', dx: 20 },
      encoding: { x: { value: 'width' }, y, text: { field: 'text' } },
    },
  ];
}
