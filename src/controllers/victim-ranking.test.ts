import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { packCondition } from '../api/pod-status.ts';
import type { PodStatus } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { ageBucket, chooseVictims, compareJobVictims } from './victim-ranking.ts';

const now = 10_000;

interface Traits {
  readonly node?: string;
  readonly phase?: PodStatus['phase'];
  /** Age of the Ready condition, seconds; undefined = not ready. */
  readonly readyAge?: number | undefined;
  readonly cost?: string;
  readonly restarts?: number;
  readonly sidecarRestarts?: number;
  readonly age?: number;
}

function statusOf(index: number, restartCount: number) {
  const state = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 0, finishedAt: -1 } as const;
  return { index, state, lastState: undefined, restartCount, ready: true, started: true };
}

/** A ready pod of one hour, on a node of its own, but for the traits. */
function pod(name: string, traits: Traits = {}): Pod {
  const { node = `node-of-${name}`, phase = 'Running', cost, restarts = 0, sidecarRestarts = 0, age = 3600 } = traits;
  const readyAge = 'readyAge' in traits ? traits.readyAge : 3600;
  const annotations: Record<string, string> =
    cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  return makePod(name, {
    metadata: { annotations, creationTimestamp: now - age },
    spec: { nodeName: node, initContainers: [makeContainer({ restartPolicy: 'Always' })] },
    status: {
      phase,
      ready: readyAge === undefined ? packCondition(false, 0) : packCondition(true, now - readyAge),
      containerStatuses: [statusOf(0, restarts)],
      initContainerStatuses: [statusOf(0, sidecarRestarts)],
    },
  });
}

function order(pods: readonly Pod[], rankOf: (pod: Pod) => number = () => 0, salt = 2): string[] {
  const victims: string[] = [];
  let rest = pods;
  while (rest.length > 1) {
    const [victim] = chooseVictims(rest, 1, { rankOf, now: now * SECOND, salt });
    victims.push(victim!.metadata.name);
    rest = rest.filter((other) => other !== victim);
  }
  return [...victims, ...rest.map(({ metadata }) => metadata.name)];
}

describe('a ReplicaSet deletes', () => {
  test.each<[string, Traits, Traits]>([
    ['an unassigned pod before an assigned one', { node: '' }, { phase: 'Pending', readyAge: undefined }],
    ['a pending pod before a running one', { phase: 'Pending', readyAge: undefined }, { readyAge: undefined }],
    ['a pod that is not ready before a ready one', { readyAge: undefined, cost: '100' }, { cost: '-100' }],
    ['a cheaper pod', { cost: '-5', readyAge: 9000 }, { readyAge: 60 }],
    ['a pod of unknown cost as one of cost 0', { cost: 'much', readyAge: 60 }, { cost: '0', readyAge: 9000 }],
    ['a pod that was ready for a shorter time', { readyAge: 60 }, { readyAge: 100, restarts: 9 }],
    ['a pod with more restarts', { restarts: 2 }, { restarts: 1 }],
    ['a pod with more restarts of its sidecars', { sidecarRestarts: 2 }, { sidecarRestarts: 1 }],
    ['a younger pod', { age: 60 }, { age: 3600 }],
  ])('%s', (_what, first, second) => {
    expect(order([pod('b', second), pod('a', first)])).toEqual(['a', 'b']);
    expect(order([pod('a', first), pod('b', second)])).toEqual(['a', 'b']);
  });

  test('a pod of a crowded node before one that is younger, but not before a cheaper one', () => {
    const ranks = new Map([
      ['crowd', 3],
      ['alone', 1],
    ]);
    const rankOf = ({ spec }: Pod): number => ranks.get(spec.nodeName)!;
    const crowded = pod('a', { node: 'crowd', readyAge: 9000 });
    expect(order([pod('b', { node: 'alone', readyAge: 60 }), crowded], rankOf)).toEqual(['a', 'b']);
    expect(order([pod('b', { node: 'alone', cost: '-1' }), crowded], rankOf)).toEqual(['b', 'a']);
  });

  test('ages within one power of two of nanoseconds as equal, whatever the order they come in', () => {
    // 2^36 ns = 68.7 s and 2^37 ns = 137.4 s: 70, 80, 100 and 130 s are equal, 140 and 300 s are older.
    const ages = [70, 80, 100, 130, 140, 300];
    const pods = ages.map((age) => pod(`p${age}`, { readyAge: age }));
    const victims = order(pods);
    expect(new Set(victims.slice(0, 4))).toEqual(new Set(['p70', 'p80', 'p100', 'p130']));
    expect(victims.slice(4)).toEqual(['p140', 'p300']);
    expect(order(pods.toReversed())).toEqual(victims);
    // The choice among equals is that of a hash, not of the age.
    expect(victims.slice(0, 4)).not.toEqual(['p70', 'p80', 'p100', 'p130']);
  });

  test('any of the pods that are equal in everything: not the first of the list, and not the same one in each run', () => {
    const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name));
    const runs = Array.from({ length: 200 }, (_, salt) => order(pods, () => 0, salt)[0]!);
    for (const { metadata } of pods) {
      const share = runs.filter((name) => name === metadata.name).length / runs.length;
      // A fair choice has 0.2 with a standard deviation of 0.028.
      expect(share).toBeGreaterThan(0.09);
      expect(share).toBeLessThan(0.31);
    }
    expect(order(pods.toReversed())).toEqual(order(pods));
  });
});

test('a bucket is the logarithm of the age to the base of two, rounded down', () => {
  expect([0, 1, 68.7, 68.8, 137.4, 137.5].map((seconds) => ageBucket(Math.round(seconds * SECOND)))).toEqual([
    -1, 29, 35, 36, 36, 37,
  ]);
});

test('all pods go in the order given when all must', () => {
  const pods = [pod('b'), pod('a', { node: '' })];
  expect(chooseVictims(pods, 2, { rankOf: () => 0, now: 0, salt: 0 })).toBe(pods);
});

describe('a Job deletes', () => {
  const byJob = (pods: readonly Pod[]): string[] =>
    pods.toSorted(compareJobVictims).map(({ metadata }) => metadata.name);

  test('the pod that turned ready last, then the one with more restarts, then the newest; costs do not count', () => {
    const pods = [
      pod('old', { readyAge: 500, cost: '-9' }),
      pod('new', { readyAge: 400 }),
      pod('unready', { readyAge: undefined }),
      pod('pending', { phase: 'Pending', readyAge: undefined }),
      pod('unbound', { node: '', readyAge: undefined }),
    ];
    expect(byJob(pods)).toEqual(['unbound', 'pending', 'unready', 'new', 'old']);
    expect(byJob([pod('calm'), pod('restless', { restarts: 3 })])).toEqual(['restless', 'calm']);
    expect(byJob([pod('elder', { age: 90 }), pod('younger', { age: 80 })])).toEqual(['younger', 'elder']);
  });
});
