/** Go's int64 division in JavaScript numbers. */

/** `a * factor div b` truncated toward zero, for integers; exact also where the product exceeds 2^53. */
export function multiplyDivide(a: number, factor: number, b: number): number {
  const product = a * factor;
  // A quotient of integers below 2^53 never rounds up to the next integer, so the fast path is exact.
  if (product <= Number.MAX_SAFE_INTEGER && product >= -Number.MAX_SAFE_INTEGER) return Math.trunc(product / b) + 0;
  return Number((BigInt(a) * BigInt(factor)) / BigInt(b));
}

/** `part * 100 div whole`, truncated. */
export function percent(part: number, whole: number): number {
  return multiplyDivide(part, 100, whole);
}

/** Half away from zero, as Go's `math.Round`; `Math.round` rounds halves up. */
export function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) + 0 : Math.floor(value + 0.5);
}
