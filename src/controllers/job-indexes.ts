/** Sets of completion indexes in the text form of status.completedIndexes (upstream pkg/controller/job/indexed_job_utils.go). Pure. */

/** Consecutive indexes, both ends included. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** Ranges in ascending order that neither overlap nor touch. */
export type IndexRanges = readonly IndexRange[];

/** Reads `1,3-5,7`; what is not a number is passed over. */
export function parseIndexes(text: string): IndexRanges {
  const indexes: IndexRange[] = [];
  for (const part of text === '' ? [] : text.split(',')) {
    const [first, last] = part.split('-').map(Number);
    if (first !== undefined && Number.isInteger(first)) indexes.push({ first, last: last ?? first });
  }
  return merged(indexes);
}

/** Three or more consecutive indexes are written as a range. */
export function formatIndexes(ranges: IndexRanges): string {
  return ranges
    .map(({ first, last }) => {
      if (first === last) return String(first);
      return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
    })
    .join(',');
}

/** Number of indexes in the ranges. */
export function countIndexes(ranges: IndexRanges): number {
  let count = 0;
  for (const { first, last } of ranges) count += last - first + 1;
  return count;
}

/** Whether an index is in one of the ranges. */
export function hasIndex(ranges: IndexRanges, index: number): boolean {
  return ranges.some(({ first, last }) => first <= index && index <= last);
}

/** The ranges with some indexes added. */
export function withIndexes(ranges: IndexRanges, indexes: Iterable<number>): IndexRanges {
  const added = [...indexes].map((index) => ({ first: index, last: index }));
  if (added.length === 0) return ranges;
  return merged([...ranges, ...added].sort((a, b) => a.first - b.first));
}

/** The indexes of both. */
export function joinIndexes(a: IndexRanges, b: IndexRanges): IndexRanges {
  return b.length === 0 ? a : merged([...a, ...b].sort((left, right) => left.first - right.first));
}

/** How many indexes are in both. */
export function countCommonIndexes(a: IndexRanges, b: IndexRanges): number {
  let count = 0;
  for (const one of a) {
    for (const other of b) count += Math.max(0, Math.min(one.last, other.last) - Math.max(one.first, other.first) + 1);
  }
  return count;
}

/** Joins ranges that overlap or touch; sorted by their first index. */
function merged(sorted: readonly IndexRange[]): IndexRanges {
  const joined: IndexRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range.first <= last.last + 1)
      joined[joined.length - 1] = { first: last.first, last: Math.max(last.last, range.last) };
    else joined.push(range);
  }
  return joined;
}

/** The lowest `count` indexes below `completions` that are neither in the ranges nor taken. */
export function firstPendingIndexes(
  ranges: IndexRanges,
  taken: ReadonlySet<number>,
  completions: number,
  count: number,
): number[] {
  const found: number[] = [];
  let at = 0;
  for (let index = 0; index < completions && found.length < count; index++) {
    while (at < ranges.length && ranges[at]!.last < index) at++;
    const range = ranges[at];
    if (range !== undefined && range.first <= index) index = range.last;
    else if (!taken.has(index)) found.push(index);
  }
  return found;
}
