/** Functions that samplers need, built from + - * / and Math.exp, log, log1p, sqrt only: the same bits on every Node.js. */

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + coefficients[i]!;
  return value;
}

// M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988), PPND16.
const centralNumerator = [
  3.3871328727963665, 1.3314166789178438e2, 1.9715909503065513e3, 1.373169376550946e4, 4.592195393154987e4,
  6.72657709270087e4, 3.343057558358813e4, 2.5090809287301227e3,
];
const centralDenominator = [
  1, 4.231333070160091e1, 6.871870074920579e2, 5.394196021424751e3, 2.1213794301586597e4, 3.930789580009271e4,
  2.8729085735721943e4, 5.226495278852854e3,
];
const middleNumerator = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  2.417807251774506e-1, 2.2723844989269184e-2, 7.745450142783414e-4,
];
const middleDenominator = [
  1, 2.053191626637759, 1.6763848301838038, 6.897673349851e-1, 1.4810397642748008e-1, 1.5198666563616457e-2,
  5.475938084995345e-4, 1.0507500716444169e-9,
];
const tailNumerator = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 2.9656057182850487e-1, 2.6532189526576124e-2,
  1.2426609473880784e-3, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const tailDenominator = [
  1, 5.99832206555888e-1, 1.369298809227358e-1, 1.4875361290850615e-2, 7.868691311456133e-4, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
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
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
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
