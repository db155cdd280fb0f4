import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Integrals, ratioOf } from './integrals.ts';

describe('integrals over time', () => {
  test('a gauge counts each value for as long as it holds', () => {
    const integrals = new Integrals();
    const gauge = integrals.open(0);
    integrals.set(gauge, 3, 10);
    integrals.set(gauge, 5, 14);
    expect(integrals.closeStep(gauge, 20)).toBe(3 * 4 + 5 * 6);
    expect(integrals.closeStep(gauge, 21)).toBe(5);
    expect(integrals.total(gauge)).toBe(42 + 5);
  });

  test('a sum beyond 2^53 is exact: 2^40 KiB for a day, plus one', () => {
    const integrals = new Integrals();
    const gauge = integrals.open(0);
    const [kib, day] = [1_099_511_627_776, 86_400_000_000];
    integrals.set(gauge, kib, 0);
    integrals.set(gauge, 1, day);
    integrals.set(gauge, 0, day + 1);
    const exact = BigInt(kib) * BigInt(day) + 1n;
    expect(integrals.closeStep(gauge, day + 1)).toBe(Number(exact));
  });

  test('steps and totals equal the sum in arbitrary precision, for any list of changes', () => {
    const change = fc.record({
      value: fc.oneof(
        fc.nat(1000),
        fc.maxSafeNat().map((value) => Math.floor(value / 2)),
      ),
      wait: fc.oneof(
        fc.nat(1000),
        fc.nat(1_000_000_000),
        fc.maxSafeNat().map((wait) => Math.floor(wait / 4096)),
      ),
      closes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const integrals = new Integrals();
        const gauge = integrals.open(0);
        let now = 0;
        let value = 0;
        let step = 0n;
        let total = 0n;
        for (const { value: next, wait, closes } of changes) {
          if (!Number.isSafeInteger(now + wait)) return;
          now += wait;
          step += BigInt(value) * BigInt(wait);
          value = next;
          integrals.set(gauge, next, now);
          if (!closes) continue;
          expect(integrals.closeStep(gauge, now)).toBe(Number(step));
          total += step;
          step = 0n;
          expect(integrals.total(gauge)).toBe(Number(total));
        }
      }),
    );
  });

  test('a ratio of nothing is missing', () => {
    expect(ratioOf(0, 0)).toBeUndefined();
    expect(ratioOf(1, 4)).toBe(0.25);
  });
});
