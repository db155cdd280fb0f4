import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../testing/sha256.ts';
import { kolmogorovChance, kolmogorovDistance } from '../testing/statistics.ts';
import type { RandomSource } from './random-source.ts';
import { RandomStream, RandomStreams, streamKey } from './random.ts';

const streamsOf = (seed = '42', replication = 0): RandomStreams => new RandomStreams(nodeSha256, { seed, replication });
const doubles = (stream: RandomSource, count = 5): number[] => Array.from({ length: count }, () => stream.double());

describe('the generator', () => {
  test('is the alea of seedrandom 3, number by number', () => {
    const alea = seedrandom.alea('k8s-sim|42|1|failure|node-0');
    expect([alea(), alea(), alea()]).toEqual([0.8566134700085968, 0.8264867649413645, 0.46655587130226195]);
    const stream = new RandomStream('any', 'k8s-sim|42|1|failure|node-0');
    expect([stream.uint32(), stream.uint32()]).toEqual([0.8566134700085968 * 2 ** 32, 0.8264867649413645 * 2 ** 32]);
  });

  test('is keyed by the SHA-256 of version, seed, replication and name, parted by NUL', () => {
    // printf 'kube-orrery/v1\00042\0000\000faults/node-crash/node-17' | sha256sum
    expect(streamKey(nodeSha256, { seed: '42', replication: 0 }, 'faults/node-crash/node-17')).toBe(
      'bb078b6f133c98ce0eb63dd1802ecb1451efe3dea8a26ce3ebdbadd7987ae244',
    );
    expect(streamKey(nodeSha256, { seed: '42', replication: 3 }, 'faults/node-crash/node-17')).toBe(
      '03e9c3999a1544c1c11b2998a9737f663179a2e176287afeb398fce8aaebd4ed',
    );
    expect(doubles(streamsOf().get('faults/node-crash/node-17'), 3)).toEqual([
      0.6685398270267782, 0.8318555946405034, 0.5941813915510936,
    ]);
  });

  test('gives doubles that are uniform, and use more than 32 bits', () => {
    const sample = doubles(streamsOf().get('uniform'), 100_000);
    expect(
      kolmogorovChance(
        kolmogorovDistance(sample, (x) => x),
        sample.length,
      ),
    ).toBeGreaterThan(1e-4);
    expect(sample.some((value) => !Number.isInteger(value * 2 ** 32))).toBe(true);
    expect(sample.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  test('gives streams of neighbouring names that are not correlated', () => {
    const streams = streamsOf();
    const firsts = Array.from({ length: 20_000 }, (_, i) => streams.get(`run-1/node-${i}/failure`).double() - 0.5);
    const covariance = firsts.reduce((sum, value, i) => sum + value * (firsts[i + 1] ?? 0), 0) / firsts.length;
    // The correlation of independent uniforms has standard deviation 1 / sqrt(n); their variance is 1 / 12.
    expect(Math.abs(covariance * 12)).toBeLessThan(3.9 / Math.sqrt(firsts.length));
    expect(new Set(firsts).size).toBe(firsts.length);
  });
});

describe('below', () => {
  test('gives every number its share, with one draw each', () => {
    const stream = streamsOf().get('below');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.below(7)]!++;
    expect(stream.drawCount).toBe(70_000);
    const chiSquare = counts.reduce((sum, count) => sum + ((count - 10_000) * (count - 10_000)) / 10_000, 0);
    // 6 degrees of freedom: 27.9 is exceeded with chance 1e-4.
    expect(chiSquare).toBeLessThan(27.9);
  });

  test('of 1 is 0, and takes a draw all the same', () => {
    const stream = streamsOf().get('one');
    expect(stream.below(1)).toBe(0);
    expect(stream.drawCount).toBe(1);
  });

  test.each([0, -1, 1.5, NaN, 2 ** 33])('%d stops the run', (n) => {
    expect(() => streamsOf().get('x').below(n)).toThrow('no integer below');
  });
});

describe('streams', () => {
  test('are the same object for the same name', () => {
    const streams = streamsOf();
    expect(streams.get('a')).toBe(streams.get('a'));
    expect(streams.get('a')).not.toBe(streams.get('b'));
  });

  test('differ by seed, replication and name', () => {
    const firsts = [
      streamsOf().get('a'),
      streamsOf('43').get('a'),
      streamsOf('42', 1).get('a'),
      streamsOf().get('b'),
      // Neighbours cannot be mixed up by moving a digit from one part of the key to the next.
      streamsOf('4', 20).get('a'),
    ].map((stream) => stream.double());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  test('are not moved by another consumer, whenever it draws', () => {
    const alone = doubles(streamsOf().get('faults'), 50);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('faults', 'pods', 'new/consumer'), { maxLength: 200 }), (turns) => {
        const streams = streamsOf();
        const seen = turns.flatMap((name) => {
          const value = streams.get(name).double();
          return name === 'faults' ? [value] : [];
        });
        expect(seen.slice(0, 50)).toEqual(alone.slice(0, seen.length));
      }),
    );
  });

  test('are listed in the order of their names', () => {
    const streams = streamsOf();
    for (const name of ['b', 'a/2', 'a/10', 'B']) streams.get(name);
    expect(streams.byName().map(({ name }) => name)).toEqual(['B', 'a/10', 'a/2', 'b']);
  });

  test('need a seed without NUL', () => {
    expect(() => streamsOf('')).toThrow('seed');
    expect(() => streamsOf('a\0b')).toThrow('NUL');
  });
});

describe('streams of entities', () => {
  test('give the same numbers for the same purpose and entity, however often and in whatever order', () => {
    const streams = streamsOf();
    const first = doubles(streams.ofEntity('run time', 'pod-7'));
    doubles(streams.ofEntity('run time', 'pod-8'), 1000);
    doubles(streams.ofEntity('pull', 'pod-7'));
    expect(doubles(streams.ofEntity('run time', 'pod-7'))).toEqual(first);
    expect(doubles(streamsOf().ofEntity('run time', 'pod-7'))).toEqual(first);
    expect(doubles(streamsOf('43').ofEntity('run time', 'pod-7'))).not.toEqual(first);
    expect(doubles(streams.ofEntity('run time', 'pod-8'))).not.toEqual(first);
    expect(doubles(streams.ofEntity('pull', 'pod-7'))).not.toEqual(first);
  });

  test('are counted by purpose and not kept', () => {
    const streams = streamsOf();
    for (let i = 0; i < 3; i++) streams.ofEntity('run time', `pod-${i}`);
    streams.ofEntity('pull', 'pod-1');
    expect(streams.entityCounts()).toEqual([
      ['pull', 1],
      ['run time', 3],
    ]);
    expect(streams.byName()).toEqual([]);
  });
});

describe('the state of a stream', () => {
  test('goes through JSON and goes on with the same numbers', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), (before) => {
        const stream = streamsOf().get('x');
        doubles(stream, before);
        const saved = JSON.parse(JSON.stringify(stream.state())) as ReturnType<RandomStream['state']>;
        const expected = doubles(stream);
        const other = new RandomStream('x', 'another key');
        other.restore(saved);
        expect(other.drawCount).toBe(before);
        expect(doubles(other)).toEqual(expected);
        expect(other.drawCount).toBe(before + 5);
      }),
    );
  });

  test('is a copy: drawing on does not change it', () => {
    const stream = streamsOf().get('x');
    const saved = stream.state();
    const copy = { ...saved };
    stream.double();
    expect(saved).toEqual(copy);
  });
});

describe('sample', () => {
  test('draws every order of some of them equally often', () => {
    const stream = streamsOf().get('sample');
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const drawn = stream.sample(2, 4).join('');
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect(counts.size).toBe(12);
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  test('takes one draw for each', () => {
    const stream = streamsOf().get('sample');
    expect(stream.sample(0, 5)).toEqual([]);
    expect([...stream.sample(5, 5)].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(stream.drawCount).toBe(5);
    expect(() => stream.sample(6, 5)).toThrow('no 6 of 5');
  });
});
