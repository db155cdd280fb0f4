import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roundHalfEven, toHundredths } from './hundredths.ts';

describe('rounding to hundredths', () => {
  test('takes the even digit at an exact half', () => {
    expect([0.125, 0.375, 0.625, 0.875, 12.125, 2.5].map(toHundredths)).toEqual([0.12, 0.38, 0.62, 0.88, 12.12, 2.5]);
  });

  test('looks at the binary value where the decimal one is a half', () => {
    // 2.675 is 2.674999999999999822..., 8.345 is 8.345000000000000639...
    expect([2.675, 1.005, 8.345, 0.285].map(toHundredths)).toEqual([2.67, 1, 8.35, 0.28]);
  });

  test('says what the exact decimal expansion says', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20_000_000 }), fc.integer({ min: -3, max: 3 }), (thousandths, steps) => {
        let value = thousandths / 1000;
        for (let at = 0; at < Math.abs(steps); at++) value += Math.sign(steps) * value * 2.3e-16;
        // toFixed works on the exact value and rounds halves up; exact halves are odd eighths only.
        if ((value * 8) % 2 === 1 && (value * 200) % 2 === 1) return;
        expect(toHundredths(value)).toBe(Number(value.toFixed(2)));
      }),
      { numRuns: 3000 },
    );
  });
});

test('halves go to the even whole number', () => {
  expect([0.5, 1.5, 2.5, 2.4, 2.6, 0].map(roundHalfEven)).toEqual([0, 2, 2, 2, 3, 0]);
});
