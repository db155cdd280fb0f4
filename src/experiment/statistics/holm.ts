/** Many tests at once: the more one looks, the more one finds by chance. */

/**
 * Holm's adjusted p-values, in the order given: reject where they are at most alpha, and the chance of any false rejection is
 * at most alpha, whatever the tests have in common. Holm, "A simple sequentially rejective multiple test procedure",
 * Scandinavian Journal of Statistics 6 (1979): the k-th smallest times (m - k + 1), never decreasing, at most 1.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]! || a - b);
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
