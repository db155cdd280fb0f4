import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeastCounts } from './least-counts.ts';

const counts = fc.array(fc.nat(5), { minLength: 1, maxLength: 6 });

function counted(values: readonly number[]): LeastCounts {
  const least = new LeastCounts();
  for (const [domain, count] of values.entries()) least.update(domain, count);
  return least;
}

test('the least count is that of the domain with the fewest pods', () => {
  fc.assert(
    fc.property(counts, (values) => {
      expect(counted(values).count).toBe(Math.min(...values));
    }),
  );
});

test('what happens to one domain is followed exactly, however often it changes', () => {
  fc.assert(
    fc.property(counts, fc.nat(5), fc.array(fc.nat(8)), (values, at, changes) => {
      const least = counted(values);
      const now = [...values];
      const domain = at % values.length;
      for (const count of changes) {
        now[domain] = count;
        least.update(domain, count);
        expect(least.count).toBe(Math.min(...now));
      }
    }),
  );
});

test('changes of several domains are followed as upstream does, from two of them', () => {
  const least = counted([0, 1, 2]);
  least.update(0, 5);
  least.update(1, 5);
  // Domain 2 has 2, which nobody remembers.
  expect(least.count).toBe(5);
});

test('a copy goes its own way', () => {
  const least = counted([1, 3]);
  const copy = least.clone();
  copy.update(0, 9);
  expect([least.count, copy.count]).toEqual([1, 3]);
});

test('without domains there is no limit', () => {
  expect(new LeastCounts().count).toBe(2147483647);
});
