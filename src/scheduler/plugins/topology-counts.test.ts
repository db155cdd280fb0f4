import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopologyCounts } from './topology-counts.ts';

it('is a map of pairs, and so is every copy by itself', () => {
  const pairs = ['zone a', 'zone b', 'rack a'] as const;
  const change = fc.record({ who: fc.nat(), pair: fc.constantFrom(...pairs), amount: fc.constantFrom(1, -1, 5) });
  const step = fc.oneof({ weight: 3, arbitrary: change }, fc.record({ cloneOf: fc.nat() }));
  const property = fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const tables = [{ counts: new TopologyCounts(), naive: new Map<string, number>() }];
    for (const entry of steps) {
      if ('cloneOf' in entry) {
        const { counts, naive } = tables[entry.cloneOf % tables.length]!;
        tables.push({ counts: counts.clone(), naive: new Map(naive) });
        continue;
      }
      const { counts, naive } = tables[entry.who % tables.length]!;
      const [key, value] = entry.pair.split(' ') as [string, string];
      counts.add({ [key]: value }, key, entry.amount);
      naive.set(entry.pair, (naive.get(entry.pair) ?? 0) + entry.amount);
    }
    for (const { counts, naive } of tables) {
      const of = (pair: string): number => naive.get(pair) ?? 0;
      for (const pair of pairs) expect(counts.get(...(pair.split(' ') as [string, string]))).toBe(of(pair));
      expect(counts.isZero).toBe(pairs.every((pair) => of(pair) === 0));
      expect(counts.isUntouched).toBe(naive.size === 0);
      const labels = { zone: 'a', rack: 'a', host: 'a' };
      expect(counts.sum(labels)).toBe(of('zone a') + of('rack a'));
      expect(counts.hasPositive(labels)).toBe(of('zone a') > 0 || of('rack a') > 0);
    }
  });
  fc.assert(property, { numRuns: 500 });
});

it('counts no node without the key', () => {
  const counts = new TopologyCounts();
  counts.add({ zone: 'a' }, 'rack', 1);
  expect([counts.isUntouched, counts.get('rack', 'a')]).toEqual([true, 0]);
});
