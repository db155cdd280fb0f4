import type { Distribution, InvertibleDistribution } from '../engine/distributions.ts';
import type { Engine } from '../engine/engine.ts';

/** Just below 1, the highest argument of a quantile function. */
const highestU = 1 - 1 / 9_007_199_254_740_992;

/**
 * A distribution of durations that is sampled once per entity. What never varies costs no random stream, which an entity
 * stream allows: nothing comes after the first draw.
 */
export class EntityDuration {
  /** Microseconds; undefined where it varies. */
  readonly constantUs: number | undefined;
  private readonly purpose: string;
  private readonly distribution: Distribution;

  constructor(purpose: string, distribution: Distribution) {
    this.purpose = purpose;
    this.distribution = distribution;
    this.constantUs = constantOf(distribution);
  }

  /** A draw for one entity, microseconds, never negative; the same in every run of a seed. */
  draw(engine: Engine, entity: string): number {
    return whole(this.distribution.sample(engine.entityRandom(this.purpose, entity)));
  }
}

function constantOf(distribution: Distribution): number | undefined {
  if (!('quantile' in distribution)) return undefined;
  const invertible = distribution as InvertibleDistribution;
  const low = invertible.quantile(0);
  return low === invertible.quantile(highestU) ? whole(low) : undefined;
}

function whole(us: number): number {
  return Math.max(0, Math.round(us));
}
