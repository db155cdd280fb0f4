import { assert } from '../util/assert.ts';
import type { RandomSource } from './random-source.ts';
import { gammaQuantile, logGamma, normalQuantile } from './special-functions.ts';

/**
 * A distribution of real values. Callers give parameters in the unit they want back (mostly microseconds) and round a
 * sample once. Every sample takes exactly one draw, so that paired runs stay in step.
 */
export interface Distribution {
  readonly mean: number;
  sample(random: RandomSource): number;
}

/** A distribution sampled by inversion: `quantile` never decreases over 0 <= u < 1. */
export interface InvertibleDistribution extends Distribution {
  quantile(u: number): number;
}

/** Keeps logarithms finite; below the resolution of a draw. */
const uMin = 1 / 18_014_398_509_481_984;

const isPositive = (value: number): boolean => value > 0 && value < Infinity;

function invertible(mean: number, quantile: (u: number) => number): InvertibleDistribution {
  return { mean, quantile, sample: (random) => quantile(random.double()) };
}

/** Always the same value. It takes a draw like any other, so that replacing it by another distribution moves nothing else. */
export function constant(value: number): InvertibleDistribution {
  assert(Number.isFinite(value), 'constant: the value is not finite');
  return invertible(value, () => value);
}

/** Uniform over [min, max). */
export function uniform(min: number, max: number): InvertibleDistribution {
  assert(Number.isFinite(min) && Number.isFinite(max) && min <= max, 'uniform: min and max are not a range');
  return invertible((min + max) / 2, (u) => min + u * (max - min));
}

/** Memoryless, with the given mean (above 0). */
export function exponential({ mean }: { readonly mean: number }): InvertibleDistribution {
  assert(isPositive(mean), 'exponential: the mean is not positive');
  return invertible(mean, (u) => -mean * Math.log1p(-u));
}

/** By mean and coefficient of variation (standard deviation / mean), or by the normal's mu and sigma. */
export type LognormalArgs =
  { readonly mean: number; readonly cv: number } | { readonly mu: number; readonly sigma: number };

/** The exponential of a normal: run times, repair times. */
export function lognormal(args: LognormalArgs): InvertibleDistribution {
  const { mu, sigma } = 'mean' in args ? lognormalShape(args.mean, args.cv) : args;
  assert(Number.isFinite(mu) && sigma >= 0 && sigma < Infinity, 'lognormal: mu is not finite or sigma is negative');
  return invertible(Math.exp(mu + (sigma * sigma) / 2), (u) =>
    Math.exp(mu + sigma * normalQuantile(Math.max(u, uMin))),
  );
}

function lognormalShape(mean: number, cv: number): { mu: number; sigma: number } {
  assert(isPositive(mean), 'lognormal: the mean is not positive');
  assert(cv >= 0 && cv < Infinity, 'lognormal: cv is negative');
  const variance = Math.log1p(cv * cv);
  return { mu: Math.log(mean) - variance / 2, sigma: Math.sqrt(variance) };
}

/** By mean or by scale (the 63 % point), and shape; all above 0. */
export type WeibullArgs =
  { readonly mean: number; readonly shape: number } | { readonly scale: number; readonly shape: number };

/** Shape below 1: a falling hazard, as of hardware that fails young. */
export function weibull(args: WeibullArgs): InvertibleDistribution {
  const { shape } = args;
  assert(isPositive(shape), 'weibull: the shape is not positive');
  const unitMean = Math.exp(logGamma(1 + 1 / shape));
  const scale = 'mean' in args ? args.mean / unitMean : args.scale;
  assert(isPositive(scale), 'weibull: mean or scale is not positive');
  return invertible(scale * unitMean, (u) => scale * Math.exp(Math.log(-Math.log1p(-Math.max(u, uMin))) / shape));
}

/** A sample costs microseconds: the incomplete gamma function is inverted numerically. */
export function gamma({ mean, shape }: { readonly mean: number; readonly shape: number }): InvertibleDistribution {
  assert(isPositive(mean) && isPositive(shape), 'gamma: mean or shape is not positive');
  return invertible(mean, (u) => (mean / shape) * gammaQuantile(shape, Math.max(u, uMin)));
}

/** The sum of `phases` equal exponential parts: a gamma of integer shape. */
export function erlang({ mean, phases }: { readonly mean: number; readonly phases: number }): InvertibleDistribution {
  assert(Number.isInteger(phases) && phases >= 1, 'erlang: phases is not a positive integer');
  return gamma({ mean, shape: phases });
}

/** One of the values, with equal or the given chances. Values are taken in ascending order. */
export function empirical(values: readonly number[], weights?: readonly number[]): InvertibleDistribution {
  assert(values.length > 0 && values.every(Number.isFinite), 'empirical: no values, or one is not finite');
  assert(weights === undefined || weights.length === values.length, 'empirical: as many weights as values are needed');
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  const sorted = order.map((i) => values[i]!);
  const share = shares(order.map((i) => (weights === undefined ? 1 : weights[i]!)));
  const mean = sorted.reduce((sum, value, i) => sum + value * share.sizes[i]!, 0);
  return invertible(mean, (u) => sorted[share.find(u)]!);
}

/** With the chance of its weight, a sample of one of the parts; the same draw chooses the part and the value in it. */
export function mixture(
  parts: readonly { readonly weight: number; readonly distribution: InvertibleDistribution }[],
): Distribution {
  const share = shares(parts.map(({ weight }) => weight));
  const mean = parts.reduce((sum, { distribution }, i) => sum + distribution.mean * share.sizes[i]!, 0);
  const sample = (random: RandomSource): number => {
    const u = random.double();
    const part = share.find(u);
    const within = (u - share.starts[part]!) / share.sizes[part]!;
    return parts[part]!.distribution.quantile(Math.min(Math.max(within, 0), 1 - 2 * uMin));
  };
  return { mean, sample };
}

interface Shares {
  readonly sizes: readonly number[];
  readonly starts: readonly number[];
  /** The last share that has a size and starts at or before u. */
  find(u: number): number;
}

function shares(weights: readonly number[]): Shares {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  assert(weights.every((weight) => weight >= 0) && isPositive(total), 'weights are negative, or all of them are 0');
  const sizes = weights.map((weight) => weight / total);
  let end = 0;
  const starts = sizes.map((size) => (end += size) - size);
  const used = sizes.flatMap((size, i) => (size > 0 ? [i] : []));
  const find = (u: number): number => {
    let low = 0;
    let high = used.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[used[middle]!]! <= u) low = middle;
      else high = middle - 1;
    }
    return used[low]!;
  };
  return { sizes, starts, find };
}

/** Each value moved by `offset`. */
export function shifted(distribution: InvertibleDistribution, offset: number): InvertibleDistribution {
  assert(Number.isFinite(offset), 'shifted: the offset is not finite');
  return invertible(distribution.mean + offset, (u) => distribution.quantile(u) + offset);
}

/** The distribution on condition that the value lies within [min, max]. The mean is a quadrature, good to about 1e-3. */
export function truncated(distribution: InvertibleDistribution, min: number, max: number): InvertibleDistribution {
  assert(min <= max, 'truncated: min is above max');
  const low = firstAtLeast((u) => distribution.quantile(u) >= min);
  const high = firstAtLeast((u) => distribution.quantile(u) > max);
  assert(low < high, 'truncated: no values lie between min and max');
  const quantile = (u: number): number => Math.min(Math.max(distribution.quantile(low + u * (high - low)), min), max);
  const pointCount = 16_384;
  let sum = 0;
  for (let i = 0; i < pointCount; i++) sum += quantile((i + 0.5) / pointCount);
  return invertible(sum / pointCount, quantile);
}

/** The smallest u in [0, 1] from which on a claim holds, by bisection; 1 if it never does. */
function firstAtLeast(holds: (u: number) => boolean): number {
  if (holds(0)) return 0;
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (middle < 1 && holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The parameters of a distribution as a scenario names them, values in one unit. */
export type DistributionSpec =
  | { readonly constant: number }
  | { readonly uniform: { readonly min: number; readonly max: number } }
  | { readonly exponential: { readonly mean: number } }
  | { readonly lognormal: LognormalArgs }
  | { readonly weibull: WeibullArgs }
  | { readonly gamma: { readonly mean: number; readonly shape: number } }
  | { readonly empirical: { readonly values: readonly number[]; readonly weights?: readonly number[] } };

/** The distribution of a spec without problems. */
export function distributionOf(spec: DistributionSpec): InvertibleDistribution {
  if ('constant' in spec) return constant(spec.constant);
  if ('uniform' in spec) return uniform(spec.uniform.min, spec.uniform.max);
  if ('exponential' in spec) return exponential(spec.exponential);
  if ('lognormal' in spec) return lognormal(spec.lognormal);
  if ('weibull' in spec) return weibull(spec.weibull);
  if ('gamma' in spec) return gamma(spec.gamma);
  return empirical(spec.empirical.values, spec.empirical.weights);
}
