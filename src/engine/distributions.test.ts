import { describe, expect, test } from 'vitest';
import {
  erlangCdf,
  errorFunction,
  kolmogorovChance,
  kolmogorovDistance,
  momentsOf,
  normalCdf,
} from '../testing/statistics.ts';
import type { Distribution, DistributionSpec, InvertibleDistribution } from './distributions.ts';
import {
  constant,
  distributionOf,
  empirical,
  erlang,
  exponential,
  gamma,
  lognormal,
  mixture,
  shifted,
  truncated,
  uniform,
  weibull,
} from './distributions.ts';
import { RandomStream } from './random.ts';

const size = 100_000;
const draw = (distribution: Distribution, seed: string): number[] => {
  const random = new RandomStream('sample', seed);
  return Array.from({ length: size }, () => distribution.sample(random));
};

const exponentialCdf = (mean: number) => (x: number) => 1 - Math.exp(-x / mean);
const within = (min: number, max: number, x: number): number => Math.min(Math.max((x - min) / (max - min), 0), 1);
// Means and variances of the textbook; Γ(1 + 2) = 2 and Γ(1 + 4) = 24 for Weibull of shape one half.
const lognormalSigma = Math.sqrt(Math.log(5));

interface Law {
  readonly name: string;
  readonly distribution: Distribution;
  readonly cdf: (x: number) => number;
  readonly mean: number;
  readonly variance: number;
}

const laws: readonly Law[] = [
  { name: 'uniform', distribution: uniform(2, 6), cdf: (x) => within(2, 6, x), mean: 4, variance: 16 / 12 },
  { name: 'exponential', distribution: exponential({ mean: 3 }), cdf: exponentialCdf(3), mean: 3, variance: 9 },
  {
    name: 'lognormal by mean and cv',
    distribution: lognormal({ mean: 10, cv: 2 }),
    cdf: (x) => normalCdf((Math.log(x / 10) + Math.log(5) / 2) / lognormalSigma),
    mean: 10,
    variance: 400,
  },
  {
    name: 'lognormal by mu and sigma',
    distribution: lognormal({ mu: 1, sigma: 0.5 }),
    cdf: (x) => normalCdf((Math.log(x) - 1) / 0.5),
    mean: Math.exp(1.125),
    variance: Math.expm1(0.25) * Math.exp(2.25),
  },
  {
    name: 'weibull by scale',
    distribution: weibull({ scale: 3, shape: 2 }),
    cdf: (x) => 1 - Math.exp(-(x / 3) * (x / 3)),
    mean: (3 * Math.sqrt(Math.PI)) / 2,
    variance: 9 * (1 - Math.PI / 4),
  },
  {
    name: 'weibull of falling hazard by mean',
    distribution: weibull({ mean: 4, shape: 0.5 }),
    cdf: (x) => 1 - Math.exp(-Math.sqrt(x / 2)),
    mean: 4,
    variance: 4 * (24 - 4),
  },
  {
    name: 'gamma of shape one half',
    distribution: gamma({ mean: 5, shape: 0.5 }),
    cdf: (x) => errorFunction(Math.sqrt(x / 10)),
    mean: 5,
    variance: 50,
  },
  {
    name: 'erlang',
    distribution: erlang({ mean: 8, phases: 4 }),
    cdf: (x) => erlangCdf(4, x / 2),
    mean: 8,
    variance: 16,
  },
  {
    name: 'mixture',
    distribution: mixture([
      { weight: 3, distribution: exponential({ mean: 1 }) },
      { weight: 1, distribution: uniform(10, 20) },
    ]),
    cdf: (x) => 0.75 * exponentialCdf(1)(x) + 0.25 * within(10, 20, x),
    mean: 0.75 + 0.25 * 15,
    // E[X^2] = 0.75 * 2 + 0.25 * (15^2 + 100 / 12), less the square of the mean.
    variance: 1.5 + 0.25 * (225 + 100 / 12) - 4.5 * 4.5,
  },
  {
    name: 'shifted',
    distribution: shifted(exponential({ mean: 2 }), 7),
    cdf: (x) => exponentialCdf(2)(x - 7),
    mean: 9,
    variance: 4,
  },
  {
    // An exponential beyond 1 is one that starts at 1; below 3 it is what is left of it.
    name: 'truncated',
    distribution: truncated(exponential({ mean: 1 }), 1, 3),
    cdf: (x) => -Math.expm1(-(x - 1)) / -Math.expm1(-2),
    mean: 2 - 2 / Math.expm1(2),
    variance: 1 - 4 * (Math.exp(2) / (Math.expm1(2) * Math.expm1(2))),
  },
];

describe.each(laws)('$name', ({ name, distribution, cdf, mean, variance }) => {
  const sample = draw(distribution, `law/${name}`);

  test('has the distribution function of theory', () => {
    expect(kolmogorovChance(kolmogorovDistance(sample, cdf), size)).toBeGreaterThan(1e-4);
  });

  test('has the mean and variance of theory, and says its mean', () => {
    const moments = momentsOf(sample);
    expect(Math.abs(moments.mean - mean)).toBeLessThan(3.9 * moments.meanError);
    expect(Math.abs(moments.variance - variance)).toBeLessThan(3.9 * moments.varianceError);
    expect(Math.abs(distribution.mean - mean)).toBeLessThan((name === 'truncated' ? 1e-3 : 1e-12) * mean);
  });
});

const invertible: readonly (readonly [string, InvertibleDistribution])[] = [
  ['constant', constant(5)],
  ['uniform', uniform(-1, 1)],
  ['exponential', exponential({ mean: 1e6 })],
  ['lognormal', lognormal({ mean: 1e6, cv: 3 })],
  ['weibull', weibull({ mean: 1e6, shape: 0.7 })],
  ['gamma', gamma({ mean: 1e6, shape: 0.3 })],
  ['erlang', erlang({ mean: 1e6, phases: 3 })],
  ['empirical', empirical([3, 1, 2], [1, 2, 3])],
  ['shifted', shifted(uniform(0, 1), 3)],
  ['truncated', truncated(lognormal({ mean: 10, cv: 1 }), 5, 50)],
];

describe.each(invertible)('%s', (_, distribution) => {
  test('takes exactly one draw for each sample', () => {
    const random = new RandomStream('count', 'count');
    for (let i = 1; i <= 100; i++) {
      distribution.sample(random);
      expect(random.drawCount).toBe(i);
    }
  });

  test('has a quantile that is finite and never decreases, up to both ends of the draws', () => {
    const draws = [0, 2 ** -53, 1e-9, ...Array.from({ length: 99 }, (_u, i) => (i + 1) / 100), 1 - 1e-9, 1 - 2 ** -53];
    const values = draws.map((u) => distribution.quantile(u));
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });
});

describe('constant', () => {
  test('is that value whatever is drawn', () => {
    expect(new Set(draw(constant(7), 'x'))).toEqual(new Set([7]));
    expect(constant(7).mean).toBe(7);
  });
});

describe('empirical', () => {
  test('takes each value in proportion to its weight, and none of weight 0', () => {
    const distribution = empirical([30, 10, 20, 40], [5, 1, 4, 0]);
    expect(distribution.mean).toBeCloseTo(24, 12);
    const counts = new Map<number, number>();
    for (const value of draw(distribution, 'empirical')) counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([10, 20, 30]);
    for (const [value, chance] of [
      [10, 0.1],
      [20, 0.4],
      [30, 0.5],
    ] as const) {
      const error = Math.sqrt(size * chance * (1 - chance));
      expect(Math.abs(counts.get(value)! - size * chance)).toBeLessThan(3.9 * error);
    }
  });

  test('without weights gives all values the same chance, in ascending order of the draw', () => {
    const distribution = empirical([9, 7, 8]);
    expect([0, 0.3, 0.34, 0.6, 0.67, 0.99].map((u) => distribution.quantile(u))).toEqual([7, 7, 8, 8, 9, 9]);
  });
});

describe('mixture', () => {
  test('takes one draw, which chooses the part and the value within it', () => {
    const distribution = mixture([
      { weight: 1, distribution: uniform(0, 1) },
      { weight: 0, distribution: constant(99) },
      { weight: 1, distribution: uniform(10, 11) },
    ]);
    const random = new RandomStream('mixture', 'mixture');
    const twin = new RandomStream('mixture', 'mixture');
    for (let i = 0; i < 1000; i++) {
      const u = twin.double();
      expect(distribution.sample(random)).toBeCloseTo(u < 0.5 ? 2 * u : 10 + 2 * (u - 0.5), 12);
    }
    expect(random.drawCount).toBe(1000);
  });
});

describe('truncated', () => {
  test('never leaves its bounds, also where they are far out in a tail', () => {
    const distribution = truncated(exponential({ mean: 1 }), 20, 30);
    for (const value of draw(distribution, 'tail').slice(0, 1000)) {
      expect(value).toBeGreaterThanOrEqual(20);
      expect(value).toBeLessThanOrEqual(30);
    }
  });

  test('keeps the values of an empirical distribution that lie on its bounds', () => {
    const distribution = truncated(empirical([1, 2, 3, 4]), 2, 3);
    expect(new Set(draw(distribution, 'bounds'))).toEqual(new Set([2, 3]));
  });
});

describe('distributionOf', () => {
  const specs: readonly (readonly [DistributionSpec, InvertibleDistribution])[] = [
    [{ constant: 3 }, constant(3)],
    [{ uniform: { min: 1, max: 2 } }, uniform(1, 2)],
    [{ exponential: { mean: 3 } }, exponential({ mean: 3 })],
    [{ lognormal: { mean: 3, cv: 1 } }, lognormal({ mean: 3, cv: 1 })],
    [{ weibull: { mean: 3, shape: 2 } }, weibull({ mean: 3, shape: 2 })],
    [{ gamma: { mean: 3, shape: 2 } }, gamma({ mean: 3, shape: 2 })],
    [{ empirical: { values: [1, 2], weights: [1, 3] } }, empirical([1, 2], [1, 3])],
  ];

  test.each(specs)('reads %j', (spec, expected) => {
    const read = distributionOf(spec);
    expect(read.mean).toBe(expected.mean);
    for (const u of [0, 0.1, 0.5, 0.9]) expect(read.quantile(u)).toBe(expected.quantile(u));
  });
});

describe('arguments that no distribution has', () => {
  test.each<readonly [string, () => unknown]>([
    ['constant', () => constant(Infinity)],
    ['uniform', () => uniform(2, 1)],
    ['uniform', () => uniform(0, NaN)],
    ['exponential', () => exponential({ mean: 0 })],
    ['exponential', () => exponential({ mean: Infinity })],
    ['lognormal', () => lognormal({ mean: -1, cv: 1 })],
    ['lognormal', () => lognormal({ mean: 1, cv: -1 })],
    ['lognormal', () => lognormal({ mu: NaN, sigma: 1 })],
    ['lognormal', () => lognormal({ mu: 0, sigma: -1 })],
    ['weibull', () => weibull({ mean: 1, shape: 0 })],
    ['weibull', () => weibull({ scale: 0, shape: 1 })],
    ['gamma', () => gamma({ mean: 1, shape: NaN })],
    ['gamma', () => gamma({ mean: 0, shape: 1 })],
    ['erlang', () => erlang({ mean: 1, phases: 1.5 })],
    ['erlang', () => erlang({ mean: 1, phases: 0 })],
    ['empirical', () => empirical([])],
    ['empirical', () => empirical([1, NaN])],
    ['empirical', () => empirical([1, 2], [1])],
    ['weights', () => empirical([1, 2], [1, -1])],
    ['weights', () => empirical([1, 2], [0, 0])],
    ['weights', () => mixture([])],
    ['shifted', () => shifted(constant(1), NaN)],
    ['truncated', () => truncated(uniform(0, 1), 1, 0)],
    ['truncated', () => truncated(uniform(0, 1), 2, 3)],
  ])('%s: stop the run', (name, make) => {
    expect(make).toThrow(name);
  });
});
