/** Distributions of durations, in microseconds. */
import type { Distribution, InvertibleDistribution } from '../../engine/distributions.ts';
import {
  constant,
  empirical,
  exponential,
  gamma,
  lognormal,
  mixture,
  uniform,
  weibull,
} from '../../engine/distributions.ts';
import { parseDuration } from '../../engine/time.ts';
import { assert } from '../../util/assert.ts';
import type { DistributionInput } from '../schema/distribution.ts';

/** Microseconds of a duration that the schema has checked. */
export function microseconds(text: string): number {
  const us = parseDuration(text);
  assert(us !== undefined, `"${text}" passed the schema and is no duration`);
  return us;
}

/** The same for a field that may be absent. */
export function optionalMicroseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : microseconds(text);
}

/** The distribution that the schema has checked. */
export function resolveDistribution(input: DistributionInput): Distribution {
  const parts = partsOf(input);
  return parts.length === 1 ? parts[0]!.distribution : mixture(parts);
}

/** The same for a field that may be absent. */
export function optionalDistribution(input: DistributionInput | undefined): Distribution | undefined {
  return input === undefined ? undefined : resolveDistribution(input);
}

interface Part {
  readonly weight: number;
  readonly distribution: InvertibleDistribution;
}

/** A mixture in a mixture is one mixture: its weights share out the weight of the whole. */
function partsOf(input: DistributionInput): readonly Part[] {
  if (typeof input === 'string' || input.mixture === undefined) return [{ weight: 1, distribution: simple(input) }];
  const used = input.mixture.filter(({ weight }) => weight > 0);
  return used.flatMap((entry) => {
    const inner = partsOf(entry.distribution);
    const total = inner.reduce((sum, { weight }) => sum + weight, 0);
    return inner.map(({ weight, distribution }) => ({ weight: (entry.weight * weight) / total, distribution }));
  });
}

function simple(input: DistributionInput): InvertibleDistribution {
  if (typeof input === 'string') return constant(microseconds(input));
  if (input.exponential !== undefined) return exponential({ mean: microseconds(input.exponential.mean) });
  if (input.lognormal !== undefined)
    return lognormal({ mean: microseconds(input.lognormal.mean), cv: input.lognormal.cv });
  if (input.weibull !== undefined)
    return weibull({ mean: microseconds(input.weibull.mean), shape: input.weibull.shape });
  if (input.gamma !== undefined) return gamma({ mean: microseconds(input.gamma.mean), shape: input.gamma.shape });
  if (input.uniform !== undefined) return uniform(microseconds(input.uniform.min), microseconds(input.uniform.max));
  assert(input.empirical !== undefined, 'a distribution without parameters passed the schema');
  return empirical(input.empirical.values.map(microseconds), input.empirical.weights);
}
