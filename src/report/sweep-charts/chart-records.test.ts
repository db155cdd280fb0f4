import { expect, it } from 'vitest';
import type { Row } from '../../record/table.ts';
import { barsChart } from './bars.ts';
import { oncePerTables, recordsWhere } from './chart-records.ts';
import { curveChart } from './curve.ts';

const columns = ['policy', 'load', 'given'].map((name) => ({ name, type: 'number', description: '' }) as const);

/** A table that is made while it is read; `passes` counts how often that was begun. */
function streamed(rows: readonly Row[], passes: { count: number }) {
  const source = {
    *[Symbol.iterator]() {
      passes.count++;
      yield* rows;
    },
  };
  return { tables: new Map([['t', { name: 't', description: '', columns, rows: source }]]), horizonUs: 0 };
}

const rows: readonly Row[] = ['a', 'b'].flatMap((policy) =>
  [0, 50, 100].map((load) => [policy, load, load / 2] as const),
);

it('rows are taken by the texts of their cells', () => {
  const { tables } = streamed(rows, { count: 0 });
  const found = [...recordsWhere(tables, 't', ['given'], new Map([['load', '50']]))];
  expect(found.map(({ given }) => given)).toEqual([25, 25]);
});

it('what is worked out of one set of tables is worked out once', () => {
  let times = 0;
  const answer = oncePerTables(() => ++times);
  const [one, other] = [streamed([], { count: 0 }), streamed([], { count: 0 })];
  expect([answer(one), answer({ ...one }), answer(other), answer(one)]).toEqual([1, 1, 2, 1]);
});

const common = { name: 'c', title: '', question: '', table: 't', y: 'given', series: 'policy', yTitle: undefined };

it.each([
  curveChart({ ...common, x: 'load', facet: undefined, xTitle: undefined, where: new Map() }),
  barsChart({ ...common, group: undefined, where: new Map([['load', '100']]) }),
])('a chart reads a table once, however often it is asked', (chart) => {
  const passes = { count: 0 };
  const input = streamed(rows, passes);
  expect(chart.applies!(input)).toBe(true);
  const first = chart.spec(input);
  expect(chart.spec(input)).toEqual(first);
  expect(passes.count).toBe(1);
});
