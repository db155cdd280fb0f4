/** Piecewise linear functions of utilization (upstream `pl/helper/shape_score.go`). */

/** A corner of a shape as configured: utilization 0..100 in percent, score 0..10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** MaxCustomPriorityScore: what scores of a shape run to in a configuration; inside they run to 100. */
export const shapeScoreMax = 10;
export const utilizationMax = 100;
const scale = 10;

/** The value at a utilization; between corners interpolated with a division that truncates, outside of them constant. */
export function shapeScore(shape: readonly ShapePoint[], utilization: number): number {
  for (let at = 0; at < shape.length; at++) {
    const point = shape[at]!;
    if (utilization > point.utilization) continue;
    if (at === 0) return point.score * scale;
    const before = shape[at - 1]!;
    const rise = (point.score - before.score) * scale * (utilization - before.utilization);
    return before.score * scale + Math.trunc(rise / (point.utilization - before.utilization));
  }
  return shape[shape.length - 1]!.score * scale;
}
