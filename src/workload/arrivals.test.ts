import { describe, expect, test } from 'vitest';
import { constant } from '../engine/distributions.ts';
import { RandomStreams } from '../engine/random.ts';
import { HOUR, SECOND } from '../engine/time.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { arrivalsOf } from './arrivals.ts';
import type { Arrivals, GeneratorSpec } from './generator-spec.ts';

const random = (name = 'a') => new RandomStreams(nodeSha256, { seed: '42', replication: 0 }).get(name);

function timesOf(arrivals: Arrivals, span: Partial<Pick<GeneratorSpec, 'start' | 'until'>> = {}, most = 5): number[] {
  const source = arrivalsOf({ arrivals, start: 0, until: undefined, ...span } as GeneratorSpec, random());
  const times: number[] = [];
  for (let time = source.next(); time !== undefined && times.length < most; time = source.next()) times.push(time);
  return times;
}

describe('the first arrival', () => {
  test('of equal gaps is at the start', () => {
    expect(timesOf({ type: 'every', periodUs: 10 }, { start: 3 })).toEqual([3, 13, 23, 33, 43]);
  });

  test('of drawn gaps is one gap after the start', () => {
    expect(timesOf({ type: 'interval', interval: constant(10) }, { start: 3 })).toEqual([13, 23, 33, 43, 53]);
  });

  test('of a batch is at the start, and so are all others', () => {
    expect(timesOf({ type: 'count', count: 3 }, { start: 7 })).toEqual([7, 7, 7]);
  });
});

test('no arrival at or after the end', () => {
  expect(timesOf({ type: 'every', periodUs: 10 }, { until: 30 })).toEqual([0, 10, 20]);
  expect(timesOf({ type: 'times', times: [1, 2, 2, 9] }, { until: 9 })).toEqual([1, 2, 2]);
});

test('given times before the start are passed over', () => {
  expect(timesOf({ type: 'times', times: [1, 5, 9] }, { start: 5 })).toEqual([5, 9]);
});

test('arrivals beyond what time can count do not happen', () => {
  expect(timesOf({ type: 'poisson', ratePerHour: 1e-12 })).toEqual([]);
});

/** Counts per hour of a Poisson process over `hours`. */
function countsPerHour(ratePerHour: number, hours: number): number[] {
  const counts = Array.from({ length: hours }, () => 0);
  for (const time of timesOf({ type: 'poisson', ratePerHour }, { until: hours * HOUR }, Infinity)) {
    counts[Math.floor(time / HOUR)]!++;
  }
  return counts;
}

test('Poisson arrivals: mean and variance of the counts are the rate, within 99.9 % bounds', () => {
  const rate = 60;
  const hours = 2000;
  const counts = countsPerHour(rate, hours);
  const mean = counts.reduce((sum, count) => sum + count, 0) / hours;
  // The mean of n counts has standard deviation sqrt(rate / n); 3.29 of them hold 99.9 %.
  expect(Math.abs(mean - rate)).toBeLessThan(3.29 * Math.sqrt(rate / hours));
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (hours - 1);
  // Variance of the sample variance: (mu4 - sigma^4 (n-3)/(n-1)) / n with mu4 = rate + 3 rate^2.
  const deviation = Math.sqrt((rate + 3 * rate ** 2 - (rate ** 2 * (hours - 3)) / (hours - 1)) / hours);
  expect(Math.abs(variance - rate)).toBeLessThan(3.29 * deviation);
});

test('Poisson gaps have no memory: the share above the mean is 1/e', () => {
  const times = timesOf({ type: 'poisson', ratePerHour: 3600 }, {}, 20_000);
  const gaps = times.slice(1).map((time, at) => time - times[at]!);
  const share = gaps.filter((gap) => gap > SECOND).length / gaps.length;
  const expected = Math.exp(-1);
  expect(Math.abs(share - expected)).toBeLessThan(3.29 * Math.sqrt((expected * (1 - expected)) / gaps.length));
});
