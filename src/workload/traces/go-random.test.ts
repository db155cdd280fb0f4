import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { traceFolder } from '../../testing/trace-data.ts';
import { GoRandom } from './go-random.ts';

describe("Go's generator", () => {
  test('gives the numbers that every Go programmer has seen', () => {
    // rand.New(rand.NewSource(1)).Intn(100), ten times.
    const random = new GoRandom(1);
    expect(Array.from({ length: 10 }, () => random.intn(100))).toEqual([81, 87, 47, 59, 81, 18, 25, 40, 56, 0]);
  });

  test.each([
    [42, 'afbf64b1967f8c53', '8872b44b9fbb971b'],
    [1, '4d65822107fcfd52', '78629a0f5f3f164f'],
  ])('begins as recorded for seed %i', (seed, first, second) => {
    const random = new GoRandom(seed);
    expect([random.hex(), random.hex()]).toEqual([first, second]);
  });

  test('is a permutation of all numbers', () => {
    const order = [...new GoRandom(7).perm(1213)];
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1213 }, (_, at) => at));
  });

  test('shuffles without losing anything', () => {
    const list = Array.from({ length: 500 }, (_, at) => at);
    new GoRandom(-3).shuffle(list);
    expect(list.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, at) => at));
    expect(list).not.toEqual(list.toSorted((a, b) => a - b));
  });

  const recorded = join(traceFolder('openb') ?? '', 'go_rand_first607.csv.gz');
  test.skipIf(!existsSync(recorded))('agrees with the 607 recorded outputs of ten seeds', () => {
    const lines = gunzipSync(readFileSync(recorded)).toString().trim().split('\n').slice(1);
    const bySeed = new Map<string, string[]>();
    for (const line of lines) {
      const [seed = '', n, hex = ''] = line.split(',');
      if (n === '0') bySeed.set(seed, []);
      bySeed.get(seed)!.push(hex);
    }
    expect(bySeed.size).toBe(10);
    for (const [seed, outputs] of bySeed) {
      const random = new GoRandom(Number(seed));
      expect(outputs.map(() => random.hex())).toEqual(outputs);
    }
  });
});
