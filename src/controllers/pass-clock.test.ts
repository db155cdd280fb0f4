import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PassClock } from './pass-clock.ts';

test('passes come once a period', () => {
  const clock = new PassClock(3, 10);
  expect([0, 3, 4, 13, 14, 103].map((time) => clock.atOrAfter(time))).toEqual([3, 3, 13, 13, 23, 103]);
});

test('a pass that takes time puts off those after it, and not those before', () => {
  const clock = new PassClock(0, 10);
  clock.ended(20, 24);
  expect([9, 10, 11, 20, 21, 24, 34, 35].map((time) => clock.atOrAfter(time))).toEqual([
    10, 10, 20, 20, 34, 34, 34, 44,
  ]);
  clock.ended(44, 44);
  expect(clock.atOrAfter(45)).toBe(54);
});

test('is what a list of all passes says', () => {
  const pass = fc.record({ skipped: fc.nat(3), lasts: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(pass, { maxLength: 20 }), fc.nat(40), (history, first) => {
      const clock = new PassClock(first, 10);
      const passes = [first];
      for (const { skipped, lasts } of history) {
        for (let at = 0; at < skipped; at++) passes.push(passes.at(-1)! + 10);
        const begunAt = passes.at(-1)!;
        clock.ended(begunAt, begunAt + lasts);
        passes.push(begunAt + lasts + 10);
      }
      for (let time = 0; time <= passes.at(-1)!; time += 7)
        expect(clock.atOrAfter(time)).toBe(passes.find((at) => at >= time));
    }),
  );
});
