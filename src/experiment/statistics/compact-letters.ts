/** Which of k policies can be told apart, as letters: two with a letter in common cannot. */

/**
 * Letters of `count` items, in the order given (best first, so that the best has an `a`): two items share a letter exactly when
 * `differ` does not hold between them. Insert and absorb: Piepho, "An algorithm for a letter-based representation of all-pairwise
 * comparisons", Journal of Computational and Graphical Statistics 13 (2004).
 *
 * @param differ symmetric; asked for i < j only
 */
export function compactLetters(count: number, differ: (i: number, j: number) => boolean): string[] {
  let groups: (readonly number[])[] = [Array.from({ length: count }, (_, index) => index)];
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++)
      if (differ(i, j)) groups = absorbed(groups.flatMap((group) => split(group, i, j)));
  }
  groups.sort(compareGroups);
  return Array.from({ length: count }, (_, item) =>
    groups.map((group, index) => (group.includes(item) ? letterOf(index) : '')).join(''),
  );
}

function split(group: readonly number[], i: number, j: number): (readonly number[])[] {
  if (!group.includes(i) || !group.includes(j)) return [group];
  return [group.filter((item) => item !== j), group.filter((item) => item !== i)];
}

/** Without groups that lie within another; of equal ones the first stays. */
function absorbed(groups: readonly (readonly number[])[]): (readonly number[])[] {
  return groups.filter(
    (group, index) =>
      !groups.some(
        (other, place) =>
          place !== index &&
          group.every((item) => other.includes(item)) &&
          (other.length > group.length || place < index),
      ),
  );
}

function compareGroups(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** a to z, then a1, b1, ... */
function letterOf(index: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}
