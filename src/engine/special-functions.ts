/** Functions that samplers need, built from + - * / and Math.exp, log, log1p, sqrt only: the same bits on every Node.js. */

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + coefficients[i]!;
  return value;
}

// M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988), PPND16.
const centralNumerator = [
  3.387132872796366608, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
  4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
];
const centralDenominator = [
  1, 4.2313330701600911252e1, 6.871870074920579083e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
  3.930789580009271061e4, 2.8729085735721942674e4, 5.226495278852854561e3,
];
const middleNumerator = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
];
const middleDenominator = [
  1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1,
  1.51986665636164571966e-2, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const tailNumerator = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1,
  2.6532189526576123093e-2, 1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const tailDenominator = [
  1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];

/** The standard normal quantile of 0 < p < 1, relative error about 1e-16 (Wichura's AS 241). */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centralNumerator, r)) / polynomial(centralDenominator, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size =
    r <= 5
      ? polynomial(middleNumerator, r - 1.6) / polynomial(middleDenominator, r - 1.6)
      : polynomial(tailNumerator, r - 5) / polynomial(tailDenominator, r - 5);
  return q < 0 ? -size : size;
}

// C. Lanczos, "A precision approximation of the gamma function" (1964); g = 7, nine terms.
const lanczosG = 7;
const lanczosTerms = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0, relative error about 1e-14. */
export function logGamma(x: number): number {
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const z = x - 1;
  let sum = lanczosTerms[0]!;
  for (let i = 1; i < lanczosTerms.length; i++) sum += lanczosTerms[i]! / (z + i);
  const t = z + lanczosG + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * The regularised incomplete gamma functions: P(a, x) by its series below a + 1, Q(a, x) by its continued fraction (modified
 * Lentz) above; the other one is the complement.
 */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = a + 1; term > sum * 1e-17; n++) sum += term *= x / n;
    return { lower: sum * front, upper: 1 - sum * front };
  }
  const upper = front * upperFraction(a, x);
  return { lower: 1 - upper, upper };
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i < 1000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return value;
}

/** The quantile of the gamma distribution with shape a and scale 1: safeguarded Newton steps in ln x from a first guess. */
export function gammaQuantile(a: number, p: number): number {
  let logX = firstLogQuantile(a, p);
  let below = -Infinity;
  let above = Infinity;
  for (let step = 0; step < 100; step++) {
    const x = Math.exp(logX);
    const { lower, upper } = incompleteGamma(a, x);
    // The smaller of the two tails is the accurate one.
    const excess = p < 0.5 ? lower - p : 1 - p - upper;
    if (excess > 0) above = logX;
    else below = logX;
    const slope = Math.exp(a * logX - x - logGamma(a));
    let next = logX - excess / slope;
    if (!(next > below && next < above)) next = bisected(below, above, logX);
    if (Math.abs(next - logX) < 1e-15 * Math.max(1, Math.abs(logX))) return Math.exp(next);
    logX = next;
  }
  return Math.exp(logX);
}

function bisected(below: number, above: number, present: number): number {
  if (below === -Infinity) return present - 1;
  return above === Infinity ? present + 1 : (below + above) / 2;
}

/** Wilson and Hilferty's cube for the bulk, the leading term of the series x^a / Γ(a + 1) for the lower tail. */
function firstLogQuantile(a: number, p: number): number {
  const tail = (Math.log(p) + logGamma(a + 1)) / a;
  const root = 1 - 1 / (9 * a) + normalQuantile(p) / (3 * Math.sqrt(a));
  return a < 1 || root <= 0.2 ? Math.min(tail, Math.log(a + 40)) : Math.log(a) + 3 * Math.log(root);
}
