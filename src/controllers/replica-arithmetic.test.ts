import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeploymentSpec, IntOrPercent } from '../api/apps-v1.ts';
import { makeDeployment } from '../testing/api-harness.ts';
import {
  fenceposts,
  maxSurge,
  maxUnavailable,
  newReplicaSetSize,
  oldReplicaSetSizes,
  proportionalSizes,
} from './replica-arithmetic.ts';

function specOf(replicas: number, surge: IntOrPercent, unavailable: IntOrPercent): DeploymentSpec {
  const strategy = { type: 'RollingUpdate', maxSurge: surge, maxUnavailable: unavailable } as const;
  return makeDeployment('web', { replicas, strategy }).spec;
}

const percent = (value: number): IntOrPercent => ({ percent: value });
const count = (value: number): IntOrPercent => ({ count: value });

describe('fenceposts', () => {
  test.each([
    // replicas, surge, unavailable -> surge rounds up, unavailable rounds down
    [10, percent(25), percent(25), 3, 2],
    [3, percent(25), percent(25), 1, 0],
    [4, percent(25), percent(25), 1, 1],
    [1, percent(25), percent(25), 1, 0],
    [100, percent(1), percent(99), 1, 99],
    [7, percent(50), percent(50), 4, 3],
    // both 0: one may be missing, or nothing could move
    [10, count(0), count(0), 0, 1],
    [3, percent(0), percent(10), 0, 1],
    [0, percent(25), percent(25), 0, 1],
    [5, count(2), count(9), 2, 9],
  ])('of %i replicas with %j and %j are %i and %i', (replicas, surge, unavailable, up, down) => {
    const spec = specOf(replicas, surge, unavailable);
    expect(fenceposts(spec.strategy, replicas)).toEqual({ surge: up, unavailable: down });
  });

  test('never let more be missing than there are', () => {
    expect(maxUnavailable(specOf(5, count(0), count(9)))).toBe(5);
    expect(maxUnavailable(specOf(0, percent(25), percent(25)))).toBe(0);
  });

  test('do not exist under Recreate', () => {
    const recreate = { type: 'Recreate', maxSurge: percent(25), maxUnavailable: percent(25) } as const;
    const { spec } = makeDeployment('web', { replicas: 10, strategy: recreate });
    expect([maxSurge(spec), maxUnavailable(spec), newReplicaSetSize(spec, 10, 0)]).toEqual([0, 0, 10]);
  });
});

test.each([
  // wanted, total, new -> new size: what room the surge leaves, but not more than is wanted
  [10, 10, 0, 3],
  [10, 11, 3, 5],
  [10, 13, 3, 3],
  [10, 14, 3, 3],
  [10, 10, 5, 8],
  [10, 11, 8, 10],
])('the new ReplicaSet of %i wanted and %i present goes from %i to %i', (wanted, total, size, expected) => {
  expect(newReplicaSetSize(specOf(wanted, percent(25), percent(25)), total, size)).toBe(expected);
});

describe('scaling down old ReplicaSets', () => {
  const spec = specOf(10, percent(25), percent(25));
  const old = (size: number, available: number) => ({ size, available });

  test.each([
    // old sets, new set -> after unhealthy ones have gone, after the surplus has gone. At least 8 must be available.
    [[old(10, 10)], old(3, 0), [10], [8]],
    [[old(8, 8)], old(5, 3), [8], [5]],
    [[old(8, 8)], old(5, 0), undefined, undefined],
    // Two of ten are broken: 13 - 8 - 3 = 2 may go, and they go first; of 8 available none is left over.
    [[old(10, 8)], old(3, 0), [8], [8]],
    // The oldest first: 3 of the first, then the second.
    [[old(3, 3), old(8, 8)], old(2, 2), [3, 8], [0, 6]],
    // Unhealthy ones of both, then available ones of the first.
    [[old(4, 2), old(6, 6)], old(3, 3), [2, 6], [0, 5]],
    [[old(0, 0)], old(10, 10), undefined, undefined],
  ])('%j beside %j gives %j, then %j', (olds, newer, cleaned, reduced) => {
    const sizes = oldReplicaSetSizes(spec, olds, newer);
    expect(sizes).toEqual(cleaned === undefined ? undefined : { cleaned, reduced });
  });

  test('is left out where a status lags so far that a set would grow', () => {
    expect(oldReplicaSetSizes(spec, [old(2, 5), old(9, 9)], old(3, 3))).toBeUndefined();
  });

  test('never goes below the minimum of available pods, nor below nothing', () => {
    const set = fc.nat(20).chain((size) => fc.record({ size: fc.constant(size), available: fc.nat(size) }));
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.nat(100),
        fc.nat(100),
        fc.array(set, { maxLength: 4 }),
        set,
        (replicas, up, down, olds, newer) => {
          const spec = specOf(replicas, percent(up), percent(down));
          const sizes = oldReplicaSetSizes(spec, olds, newer);
          if (sizes === undefined) return;
          const minimum = replicas - maxUnavailable(spec);
          const available = newer.available + olds.reduce((sum, { available: ready }) => sum + ready, 0);
          const left =
            newer.available + sizes.reduced.reduce((sum, size, at) => sum + Math.min(size, olds[at]!.available), 0);
          expect(left).toBeGreaterThanOrEqual(Math.min(available, minimum));
          for (const [at, size] of sizes.reduced.entries()) {
            expect(size).toBeGreaterThanOrEqual(0);
            expect(size).toBeLessThanOrEqual(olds[at]!.size);
          }
        },
      ),
    );
  });
});

describe('proportional scaling', () => {
  const set = (size: number, maxReplicas: number, createdAt: number, name = 's') => ({
    size,
    maxReplicas,
    createdAt,
    name,
  });

  /** New sizes in the order of the sets. */
  const sizesOf = (...change: Parameters<typeof proportionalSizes>): readonly number[] =>
    [...proportionalSizes(...change)].sort(([a], [b]) => a - b).map(([, size]) => size);

  test('are written from the largest set on, of equal ones from the newest when growing', () => {
    const sets = [set(2, 10, 0), set(4, 10, 1), set(4, 10, 2)];
    expect([...proportionalSizes(sets, 20, 0).keys()]).toEqual([2, 1, 0]);
    expect([...proportionalSizes(sets, 5, 0).keys()]).toEqual([1, 2, 0]);
    expect([...proportionalSizes(sets, 10, 0).keys()]).toEqual([0, 1, 2]);
  });

  test('spreads what is added by the share of each set', () => {
    // 8 * 25/13 = 15.4 -> 15, 5 * 25/13 = 9.6 -> 10: all 12 are given.
    expect(sizesOf([set(8, 13, 0), set(5, 13, 1)], 20, 5)).toEqual([15, 10]);
  });

  test('gives the rest to the largest set, of equal ones to the newest when growing and the oldest when shrinking', () => {
    // 2 more for three sets of 5: 5 * 17/15 = 5.67 -> 6 for the newest and the next, none is left for the oldest.
    expect(sizesOf([set(5, 15, 0), set(5, 15, 1), set(5, 15, 2)], 17, 0)).toEqual([5, 6, 6]);
    // 2 less: 5 * 13/15 = 4.33 -> 4 for the oldest and the next.
    expect(sizesOf([set(5, 15, 0), set(5, 15, 1), set(5, 15, 2)], 13, 0)).toEqual([4, 4, 5]);
    // 4 more: 4 * 12/8 = 6 each.
    expect(sizesOf([set(4, 8, 0), set(4, 8, 1)], 12, 0)).toEqual([6, 6]);
  });

  test('to nothing takes all', () => {
    expect(sizesOf([set(8, 13, 0), set(5, 13, 1)], 0, 0)).toEqual([0, 0]);
  });

  test('always ends with wanted plus surge', () => {
    const sets = fc.array(fc.record({ size: fc.integer({ min: 1, max: 50 }), createdAt: fc.nat(5) }), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 200 }), fc.nat(20), (subjects, replicas, surge) => {
        const total = subjects.reduce((sum, { size }) => sum + size, 0);
        const full = subjects.map((subject, at) => ({ ...subject, maxReplicas: total, name: `s${at}` }));
        const sizes = sizesOf(full, replicas, surge);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(replicas + surge);
      }),
    );
  });
});
