/** Integrals over the sampling distribution of a standard deviation. */

/** A value of s / sigma and its weight; the weights sum to 1. */
export interface SpreadNode {
  readonly value: number;
  readonly weight: number;
}

const reach = 8;
const intervals = 128;

/**
 * Nodes of the trapezoidal rule for s / sigma with `degrees` of freedom (at least 3), whose density is proportional to
 * x^(degrees - 1) exp(-degrees x^2 / 2): smooth and gone at both ends, so that few nodes are exact to six digits or more.
 */
export function spreadNodes(degrees: number): readonly SpreadNode[] {
  const width = reach / Math.sqrt(2 * degrees);
  const from = Math.max(0, 1 - width);
  const step = (1 + width - from) / intervals;
  const weights = Array.from({ length: intervals + 1 }, (_, i) => {
    const x = from + i * step;
    const power = (degrees - 1) * Math.log(x);
    return Math.exp(power - (degrees * (x * x - 1)) / 2) * (i === 0 || i === intervals ? 0.5 : 1);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, i) => ({ value: from + i * step, weight: weight / total }));
}
