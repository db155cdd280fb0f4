/**
 * The three ways in which NodeResourcesFit scores a node (`pl/noderesources/{least_allocated,most_allocated,
 * requested_to_capacity_ratio}.go`). Each is a score per resource; how they are averaged differs for the third.
 */
import { percent, roundHalfAway } from './integer-math.ts';
import { shapeScore, utilizationMax } from './shape-score.ts';
import type { ShapePoint } from './shape-score.ts';

/** Adds up one node's resources. One object serves all nodes: nothing is made per node. */
export interface ResourceStrategy {
  /** Begins a node. */
  reset(): void;
  /** @param requested with the pod on the node. @param allocatable > 0. */
  add(requested: number, allocatable: number, weight: number): void;
  /** 0..100. */
  result(): number;
}

/** Weighted mean with both divisions truncated. */
abstract class WeightedMean implements ResourceStrategy {
  private sum = 0;
  private weights = 0;

  reset(): void {
    this.sum = 0;
    this.weights = 0;
  }

  add(requested: number, allocatable: number, weight: number): void {
    this.sum += this.scoreOf(requested, allocatable) * weight;
    this.weights += weight;
  }

  result(): number {
    return this.weights === 0 ? 0 : Math.trunc(this.sum / this.weights);
  }

  protected abstract scoreOf(requested: number, allocatable: number): number;
}

/** The emptier the better. */
export class LeastAllocated extends WeightedMean {
  protected scoreOf(requested: number, allocatable: number): number {
    return requested > allocatable ? 0 : percent(allocatable - requested, allocatable);
  }
}

/** The fuller the better. */
export class MostAllocated extends WeightedMean {
  protected scoreOf(requested: number, allocatable: number): number {
    return percent(Math.min(requested, allocatable), allocatable);
  }
}

/** A function of utilization. Resources that score 0 leave the mean, and the mean is rounded instead of truncated. */
export class RequestedToCapacityRatio implements ResourceStrategy {
  private readonly shape: readonly ShapePoint[];
  private sum = 0;
  private weights = 0;

  constructor(shape: readonly ShapePoint[]) {
    this.shape = shape;
  }

  reset(): void {
    this.sum = 0;
    this.weights = 0;
  }

  add(requested: number, allocatable: number, weight: number): void {
    const utilization = requested > allocatable ? utilizationMax : percent(requested, allocatable);
    const score = shapeScore(this.shape, utilization);
    if (score <= 0) return;
    this.sum += score * weight;
    this.weights += weight;
  }

  result(): number {
    return this.weights === 0 ? 0 : roundHalfAway(this.sum / this.weights);
  }
}
