import type { BenchFigure } from './bench.ts';
import { isMet } from './bench.ts';

/** The figures of a benchmark as aligned lines; a missed goal is marked. */
export function figureLines(figures: readonly BenchFigure[]): string[] {
  const rows = figures.map((figure) => [figure.name, valueText(figure.value), figure.unit, goalText(figure)] as const);
  const width = (column: 0 | 1 | 2): number => Math.max(...rows.map((row) => row[column].length));
  const [names, values, units] = [width(0), width(1), width(2)];
  return rows.map(([name, value, unit, goal]) =>
    `  ${name.padEnd(names)}  ${value.padStart(values)} ${unit.padEnd(units)}  ${goal}`.trimEnd(),
  );
}

const valueText = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

function goalText(figure: BenchFigure): string {
  const { goal } = figure;
  if (goal === undefined) return '';
  const text = 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  return isMet(figure) ? `ok, ${text}` : `MISSED, ${text}`;
}
