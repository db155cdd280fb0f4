/** The normal distribution and Student's t, from log, exp and sqrt only: the same bits on every Node.js. */
import { incompleteGamma, logGamma, normalQuantile } from '../../engine/special-functions.ts';
import { assert } from '../../util/assert.ts';

/** Distribution function of the standard normal: its half is the incomplete gamma function of shape 1/2. */
export function normalCdf(x: number): number {
  const { lower, upper } = incompleteGamma(0.5, (x * x) / 2);
  return x < 0 ? upper / 2 : 0.5 + lower / 2;
}

/**
 * The regularised incomplete beta function I_x(a, b), 0 <= x <= 1, a and b positive, by its continued fraction (Abramowitz and
 * Stegun 26.5.8), evaluated after Lentz; on the side where it converges fast.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  assert(x >= 0 && x <= 1 && a > 0 && b > 0, `no incomplete beta function of ${x}, ${a}, ${b}`);
  if (x === 0 || x === 1) return x;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFront) / a) * betaFraction(x, a, b);
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    value *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return value;
}

const notZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);

/** P(|T| > |t|) for Student's t with `degrees` of freedom (positive, need not be whole): the p-value of a two-sided test. */
export function twoSidedP(t: number, degrees: number): number {
  assert(degrees > 0, `Student's t has no ${degrees} degrees of freedom`);
  if (Math.abs(t) === Infinity) return 0;
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** Distribution function of Student's t. */
export function studentCdf(t: number, degrees: number): number {
  const tail = twoSidedP(t, degrees) / 2;
  return t < 0 ? tail : 1 - tail;
}

/**
 * The value that |T| exceeds with probability `p`, 0 < p < 1: the half-width of a t interval of level 1 - p in standard errors.
 * Newton steps in the tail, kept inside a shrinking bracket.
 */
export function twoSidedPoint(p: number, degrees: number): number {
  assert(p > 0 && p < 1, `a two-sided point of ${p} does not exist`);
  let [below, above] = [0, Infinity];
  let t = -normalQuantile(p / 2);
  for (let step = 0; step < 200; step++) {
    const excess = twoSidedP(t, degrees) - p;
    if (excess > 0) below = t;
    else above = t;
    let next = t + excess / (2 * studentDensity(t, degrees));
    if (!(next > below && next < above)) next = above === Infinity ? 2 * t + 1 : (below + above) / 2;
    if (Math.abs(next - t) <= 1e-14 * Math.max(1, t)) return next;
    t = next;
  }
  return t;
}

function studentDensity(t: number, degrees: number): number {
  const logPeak = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * Math.log(degrees * Math.PI);
  return Math.exp(logPeak - ((degrees + 1) / 2) * Math.log1p((t * t) / degrees));
}
