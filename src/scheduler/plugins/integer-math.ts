/** Go's int64 division in JavaScript numbers. */

/**
 * Toward zero, as Go's conversion to an integer; -2^31 < `value` < 2^31. One step for the processor, where `Math.trunc` and
 * its negative zero take several: scores are computed for every node.
 */
export function truncate(value: number): number {
  return value | 0;
}

/** `part * 100 div whole` for integers 0 <= `part` <= `whole`; exact also where the product exceeds 2^53. */
export function percent(part: number, whole: number): number {
  const product = part * 100;
  // A quotient of integers below 2^53 never rounds up to the next integer, so the fast path is exact.
  if (product <= Number.MAX_SAFE_INTEGER) return truncate(product / whole);
  return Number((BigInt(part) * 100n) / BigInt(whole));
}

/** Half away from zero, as Go's `math.Round`; `Math.round` rounds halves up. */
export function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) + 0 : Math.floor(value + 0.5);
}
