import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BestTotals } from './best-totals.ts';
import type { NameOrder } from './best-totals.ts';

const nodeCount = 6;
/** Names against the order of the positions, so that the two cannot be confused. */
const places = Int32Array.of(3, 5, 0, 4, 1, 2);
const names: NameOrder = { places, positions: Int32Array.from(places.keys(), (place) => places.indexOf(place)) };

interface Change {
  readonly position: number;
  /** Undefined = not feasible. */
  readonly total: number | undefined;
}

const change: fc.Arbitrary<Change> = fc.record({
  position: fc.nat({ max: nodeCount - 1 }),
  total: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
});

/** Total, number, positions and first name of the best, looked for among all. */
function bestOf(totals: readonly (number | undefined)[]): unknown {
  const total = Math.max(...totals.map((value) => value ?? -1));
  const positions = [...totals.keys()].filter((at) => totals[at] === total);
  const [first] = positions.toSorted((a, b) => places[a]! - places[b]!);
  return { total, count: positions.length, positions, first };
}

it('knows the best of many totals whatever has changed since they were last asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 30 }), (rounds) => {
      const best = new BestTotals();
      best.startAnew(names);
      const totals = new Array<number | undefined>(nodeCount).fill(undefined);
      for (const changes of rounds) {
        for (const { position, total } of changes) {
          totals[position] = total;
          best.change(position, total !== undefined);
        }
        if (totals.every((total) => total === undefined)) continue;
        for (let at = best.nextUnscored(); at >= 0; at = best.nextUnscored()) best.score(at, totals[at]!);
        best.settle();
        const positions = Array.from({ length: best.count }, (_, which) => best.at(which));
        const found = { total: best.total, count: best.count, positions, first: best.firstByName() };
        expect(found).toEqual(bestOf(totals));
      }
    }),
    { numRuns: 500 },
  );
});

it('asks for the total of a node once, and not of one that is not feasible any more', () => {
  const best = new BestTotals();
  best.startAnew(names);
  for (let at = 0; at < 100; at++) best.change(2, at % 2 === 0);
  best.change(4, true);
  best.change(4, true);
  const asked: number[] = [];
  for (let at = best.nextUnscored(); at >= 0; at = best.nextUnscored()) {
    asked.push(at);
    best.score(at, 7);
  }
  expect(asked).toEqual([4]);
});
