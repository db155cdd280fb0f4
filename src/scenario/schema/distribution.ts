/** Distributions of durations. */
import { z } from 'zod';
import { parseDuration } from '../../engine/time.ts';
import type { Finding } from '../diagnostics.ts';
import * as messages from '../messages.ts';
import { checked, exactlyOne, expecting, oneOf } from './checked.ts';
import { duration, list, positiveDuration, positiveNumber } from './units.ts';

/** A distribution as written. */
export type DistributionInput =
  | string
  | {
      exponential?: { mean: string } | undefined;
      lognormal?: { mean: string; cv: number } | undefined;
      weibull?: { mean: string; shape: number } | undefined;
      gamma?: { mean: string; shape: number } | undefined;
      uniform?: { min: string; max: string } | undefined;
      empirical?: { values: string[]; weights?: number[] | undefined } | undefined;
      mixture?: { weight: number; distribution: DistributionInput }[] | undefined;
    };

const args = expecting('a map of parameters');
/** Weibull and gamma shapes outside this range overflow or have no numerically sound inverse. */
const shapeMin = 0.05;
const shapeMax = 100;
const cvMax = 100;

// What is not above zero has been said by then.
const shape = checked(positiveNumber, (value) =>
  value <= 0 || (value >= shapeMin && value <= shapeMax)
    ? undefined
    : messages.impossibleDistribution(`the shape ${value} is not between ${shapeMin} and ${shapeMax}`),
);
const cv = checked(positiveNumber, (value) =>
  value <= cvMax
    ? undefined
    : messages.impossibleDistribution(`the coefficient of variation ${value} is above ${cvMax}`),
);

const uniform = checked(z.strictObject({ min: duration, max: duration }, args), ({ min, max }) => {
  const [low, high] = [parseDuration(min), parseDuration(max)];
  if (low === undefined || high === undefined || low <= high) return undefined;
  return messages.impossibleDistribution(`min ${min} is above max ${max}`);
});

const weight = checked(z.number(expecting('a number')), (value) =>
  value >= 0 && Number.isFinite(value) ? undefined : messages.impossibleDistribution(`the weight ${value} is negative`),
);

const empirical = checked(
  z.strictObject({ values: list(duration), weights: list(weight).optional() }, args),
  ({ values, weights }) => {
    if (values.length === 0) return messages.impossibleDistribution('there are no values');
    if (weights === undefined) return undefined;
    if (weights.length !== values.length) {
      return messages.impossibleDistribution(`there are ${values.length} values and ${weights.length} weights`);
    }
    return weightsProblem(weights);
  },
);

function weightsProblem(weights: readonly number[]): Finding | undefined {
  const sum = weights.reduce((total, each) => total + each, 0);
  return sum > 0 ? undefined : messages.impossibleDistribution('the weights sum to zero');
}

const parts: z.ZodType<{ weight: number; distribution: DistributionInput }[]> = checked(
  list(z.strictObject({ weight, distribution: z.lazy(() => distribution) }, args)),
  (entries) => {
    if (entries.length === 0) return messages.impossibleDistribution('the mixture is empty');
    return weightsProblem(entries.map((entry) => entry.weight));
  },
);

const named = oneOf({
  exponential: z.strictObject({ mean: positiveDuration }, args).optional(),
  lognormal: z.strictObject({ mean: positiveDuration, cv }, args).optional(),
  weibull: z.strictObject({ mean: positiveDuration, shape }, args).optional(),
  gamma: z.strictObject({ mean: positiveDuration, shape }, args).optional(),
  uniform: uniform.optional(),
  empirical: empirical.optional(),
  mixture: parts.optional(),
});

/** A duration, which stands for itself, or a named distribution with its parameters. */
export const distribution: z.ZodType<DistributionInput> = z
  .union(
    [duration, named],
    expecting('a duration or a distribution', (value) =>
      typeof value === 'number' ? messages.durationWithoutUnit(value) : undefined,
    ),
  )
  .describe('A duration, or one of exponential, lognormal, weibull, gamma, uniform, empirical, mixture');

const arrivalNames = ['poisson', 'every', 'interval', 'times', 'count'] as const;

/** When the objects of a generator arrive. */
export const arrivals = checked(
  z.strictObject(
    {
      poisson: z.strictObject({ ratePerHour: positiveNumber }, args).optional(),
      every: positiveDuration.optional(),
      interval: distribution.optional(),
      times: list(duration).optional(),
      count: z.number(expecting('a whole number')).optional(),
    },
    expecting('a map with one of poisson, every, interval, times, count'),
  ),
  (value) => {
    const { count } = value;
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1))
      return messages.outOfRange(count, 'a whole number of at least 1');
    return exactlyOne(value, arrivalNames);
  },
);
