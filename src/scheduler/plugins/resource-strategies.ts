/**
 * The three ways in which NodeResourcesFit scores a node (`pl/noderesources/{least_allocated,most_allocated,
 * requested_to_capacity_ratio}.go`). Each is a score per resource; how they are averaged differs for the third.
 */
import { percent, roundHalfAway, truncate } from './integer-math.ts';
import { shapeScore, utilizationMax } from './shape-score.ts';
import type { ShapePoint } from './shape-score.ts';

/** Without state of its own: one object serves all nodes. */
export interface ResourceStrategy {
  /**
   * 0..100 for one resource.
   *
   * @param requested with the pod on the node. @param allocatable > 0.
   */
  scoreOf(requested: number, allocatable: number): number;
  /** Whether a resource that scores 0 leaves the mean. */
  readonly leavesOutZero: boolean;
  /** The weighted mean as an integer. */
  mean(sum: number, weights: number): number;
}

const truncatedMean = (sum: number, weights: number): number => truncate(sum / weights);

/** The emptier the better. */
export const leastAllocated: ResourceStrategy = {
  scoreOf: (requested, allocatable) => (requested > allocatable ? 0 : percent(allocatable - requested, allocatable)),
  leavesOutZero: false,
  mean: truncatedMean,
};

/** The fuller the better. */
export const mostAllocated: ResourceStrategy = {
  scoreOf: (requested, allocatable) => percent(Math.min(requested, allocatable), allocatable),
  leavesOutZero: false,
  mean: truncatedMean,
};

/** A function of utilization. Resources that score 0 leave the mean, and the mean is rounded instead of truncated. */
export function requestedToCapacityRatio(shape: readonly ShapePoint[]): ResourceStrategy {
  return {
    scoreOf: (requested, allocatable) =>
      shapeScore(shape, requested > allocatable ? utilizationMax : percent(requested, allocatable)),
    leavesOutZero: true,
    mean: (sum, weights) => roundHalfAway(sum / weights),
  };
}
