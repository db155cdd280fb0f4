import { describe, expect, test } from 'vitest';
import { kolmogorovChance, kolmogorovDistance } from '../testing/statistics.ts';
import { EntityStream } from './entity-stream.ts';

const key = '0123456789abcdef';
const count = 100_000;
const first = (entity: string, of = key): number => new EntityStream(of, entity).double();
/** Names as pods and their retries have them: they differ in a digit or two. */
const names = Array.from({ length: count }, (_, at) => `shop/web-5d9c7-${at >> 3}/${at & 7}`);

const chanceOfUniform = (sample: readonly number[]): number =>
  kolmogorovChance(
    kolmogorovDistance(sample, (x) => x),
    sample.length,
  );

/** Of uniform numbers, in standard deviations: independent ones have correlation 0 +- 1 / sqrt(n) and variance 1 / 12. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const covariance = a.reduce((sum, value, at) => sum + (value - 0.5) * (b[at]! - 0.5), 0) / a.length;
  return covariance * 12 * Math.sqrt(a.length);
}

describe('the numbers of entities', () => {
  const sample = names.map((name) => first(name));

  test('are uniform over names that hardly differ, in their low bits too', () => {
    expect(sample.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(chanceOfUniform(sample)).toBeGreaterThan(1e-4);
    expect(chanceOfUniform(sample.map((value) => (value * 2 ** 27) % 1))).toBeGreaterThan(1e-4);
    expect(new Set(sample).size).toBe(count);
  });

  test('of neighbouring names are not correlated', () => {
    for (const distance of [1, 2, 8, 80]) {
      const rest = sample.slice(distance);
      expect(Math.abs(correlation(sample.slice(0, rest.length), rest))).toBeLessThan(3.9);
    }
  });

  test.each([
    ['the next key', '0123456789abcdf0'],
    ['a key with another first digit', '1123456789abcdef'],
    ['the key turned round', 'fedcba9876543210'],
  ])('have nothing to do with those under %s', (_, other) => {
    const others = names.map((name) => first(name, other));
    expect(Math.abs(correlation(sample, others))).toBeLessThan(3.9);
    expect(chanceOfUniform(others)).toBeGreaterThan(1e-4);
  });

  test('go on uniformly, each draw apart from the one before', () => {
    const stream = new EntityStream(key, 'shop/web-0');
    const draws = Array.from({ length: count }, () => stream.double());
    expect(chanceOfUniform(draws)).toBeGreaterThan(1e-4);
    expect(Math.abs(correlation(draws.slice(1), draws.slice(0, -1)))).toBeLessThan(3.9);
    const seconds = names.map((name) => {
      const entity = new EntityStream(key, name);
      entity.double();
      return entity.double();
    });
    expect(Math.abs(correlation(sample, seconds))).toBeLessThan(3.9);
  });

  test('change in half of their bits with one character', () => {
    const words = (name: string): readonly number[] => {
      const scaled = first(name) * 2 ** 27;
      return [Math.floor(scaled), Math.floor((scaled % 1) * 2 ** 26)];
    };
    let flipped = 0;
    for (let at = 0; at < 10_000; at++) {
      const [high, low] = words(`shop/web-${at}/0`);
      const [otherHigh, otherLow] = words(`shop/web-${at}/1`);
      for (let bits = high! ^ otherHigh!; bits !== 0; bits &= bits - 1) flipped++;
      for (let bits = low! ^ otherLow!; bits !== 0; bits &= bits - 1) flipped++;
    }
    // 53 bits, each with standard deviation 1/2.
    expect(Math.abs(flipped - 10_000 * 26.5)).toBeLessThan(3.9 * Math.sqrt(10_000 * 53) * 0.5);
  });
});
