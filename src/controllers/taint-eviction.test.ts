import { describe, expect, test } from 'vitest';
import { defaultLatency } from '../apiserver/latency.ts';
import { bindRequest } from '../apiserver/requests.ts';
import type { Taint, Toleration } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { toleratedUs } from './taint-eviction.ts';

const a: Taint = { key: 'a', value: '', effect: 'NoExecute', timeAdded: undefined };
const b: Taint = { ...a, key: 'b' };

function tolerates(key: string, seconds?: number): Toleration {
  return { key, operator: 'Exists', value: '', effect: 'NoExecute', tolerationSeconds: seconds };
}

test.each<[string, Taint[], Toleration[], number]>([
  ['no taint', [], [], Infinity],
  ['a taint that is not tolerated', [a], [], 0],
  ['one of two that is not tolerated', [a, b], [tolerates('a')], 0],
  ['a taint tolerated for ever', [a], [tolerates('a')], Infinity],
  ['the shortest of those that are used', [a, b], [tolerates('a', 40), tolerates('b', 10)], 10],
  ['the first toleration that matches, not the shortest', [a], [tolerates('a', 40), tolerates('a', 10)], 40],
  ['a toleration of nothing', [a], [tolerates('a', 0)], 0],
  ['a toleration of less than nothing', [a], [tolerates('a', -5)], 0],
])('under %s a pod may stay for the right time', (_what, taints, tolerations, seconds) => {
  expect(toleratedUs(taints, tolerations)).toBe(seconds * SECOND);
});

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  return new ControlPlane({ controllers: ['taint-eviction-controller'], nodes: 1, ...options });
}

/** A pod on n0, and when its deletion is asked for. */
function podOn(plane: ControlPlane, name: string, ...tolerations: Toleration[]): () => number {
  let deletedAt = -1;
  plane.observe('Pod', (before, after, seconds) => {
    const isNews = before?.metadata.deletionTimestamp === undefined && after?.metadata.deletionTimestamp !== undefined;
    if (isNews && after.metadata.name === name) deletedAt = seconds;
  });
  plane.create(makePod(name, { spec: { tolerations }, metadata: { namespace: 'shop' } }));
  return () => deletedAt;
}

const taint =
  (plane: ControlPlane, ...taints: Taint[]) =>
  (): void =>
    plane.change('Node', 'n0', (spec) => ({ ...spec, taints }));

describe('a pod on a node that is tainted', () => {
  test('goes at once if it does not tolerate the taint, with a condition that says why', () => {
    const plane = planeOf({ behavior: () => ({ stopAfter: undefined }) });
    const deletedAt = podOn(plane, 'web');
    plane.at(10, taint(plane, a)).runTo(20);
    expect(deletedAt()).toBe(10);
    const pod = plane.get('Pod', 'web')!;
    expect(pod.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(pod.status.otherConditions).toEqual([
      {
        type: 'DisruptionTarget',
        status: 'True',
        lastTransitionTime: 10,
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
      },
    ]);
    expect(plane.events.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
      'TaintManagerEviction Marking for deletion Pod shop/web',
    ]);
  });

  test('goes when its toleration ends, and not if the taint goes before', () => {
    const plane = planeOf();
    const deletedAt = podOn(plane, 'web', tolerates('a', 40));
    plane.at(10, taint(plane, a)).at(30, taint(plane)).at(40, taint(plane, a)).runTo(100);
    expect(deletedAt()).toBe(80);
    expect(plane.events.map(({ message, time }) => `${time / SECOND} ${message}`)).toEqual([
      '30 Cancelling deletion of Pod shop/web',
      '80 Marking for deletion Pod shop/web',
    ]);
  });

  test('keeps its first deadline, though a later taint allows less', () => {
    const plane = planeOf();
    const deletedAt = podOn(plane, 'web', tolerates('a', 300), tolerates('b', 10));
    plane.at(10, taint(plane, a)).at(100, taint(plane, b)).runTo(400);
    expect(deletedAt()).toBe(310);
  });

  test('goes at once when a taint comes that it does not tolerate', () => {
    const plane = planeOf();
    const deletedAt = podOn(plane, 'web', tolerates('a', 300));
    plane
      .at(10, taint(plane, a))
      .at(50, taint(plane, a, b))
      .runTo(400);
    expect(deletedAt()).toBe(50);
  });

  test('is left alone by other effects', () => {
    const plane = planeOf();
    const deletedAt = podOn(plane, 'web');
    plane.at(10, taint(plane, { ...a, effect: 'NoSchedule' })).runTo(100);
    expect(deletedAt()).toBe(-1);
  });

  test('that goes by itself is not deleted again by another pod of its name', () => {
    const plane = planeOf();
    podOn(plane, 'web', tolerates('a', 40));
    plane
      .at(10, taint(plane, a))
      .at(20, () => plane.delete('Pod', 'web'))
      .runTo(25);
    const deletedAt = podOn(plane, 'web', tolerates('a', 300));
    plane.runTo(200);
    expect(deletedAt()).toBe(-1);
  });
});

const texts = (plane: ControlPlane): readonly string[] => plane.events.map(({ message }) => message);

test('a sentence outlives its node', () => {
  const plane = planeOf({ behavior: () => ({ stopAfter: undefined }) });
  const deletedAt = podOn(plane, 'web', tolerates('a', 40));
  plane.at(10, taint(plane, a)).at(20, () => plane.delete('Node', 'n0', {}, ''));
  plane.runTo(60);
  expect(deletedAt()).toBe(50);
  expect(texts(plane)).toEqual(['Marking for deletion Pod shop/web']);
});

test('a sentence is told as cancelled when its pod is gone before', () => {
  const plane = planeOf();
  podOn(plane, 'web', tolerates('a', 40));
  plane.at(10, taint(plane, a)).at(20, () => plane.delete('Pod', 'web', { gracePeriodSeconds: 0 }));
  plane.runTo(30);
  expect(plane.get('Pod', 'web')).toBeUndefined();
  expect(texts(plane)).toEqual(['Cancelling deletion of Pod shop/web']);
});

test('a pod that is bound to a tainted node is judged when it comes', () => {
  const plane = planeOf({ behavior: () => ({ startAfter: undefined }) });
  plane.at(10, taint(plane, a)).runTo(20);
  const deletedAt = podOn(plane, 'web', tolerates('a', 5));
  plane.at(30, () => void plane.api.server.execute(bindRequest(plane.get('Pod', 'web')!, 'n0'))).runTo(100);
  expect(deletedAt()).toBe(35);
});

test('pods that were bound just before the taint are found though their news are late', () => {
  for (let seed = 0; seed < 20; seed++) {
    const plane = planeOf({ latency: defaultLatency, seed: `s${seed}`, behavior: () => ({ startAfter: undefined }) });
    const deletedAt = podOn(plane, 'web');
    plane.at(10, () => void plane.api.server.execute(bindRequest(plane.get('Pod', 'web')!, 'n0')));
    plane.at(10.001, taint(plane, a)).runTo(20);
    expect(deletedAt()).toBeGreaterThan(10);
  }
});

test('about seven pods a second are deleted, three requests each; their events wait for their turn', () => {
  const plane = planeOf({ latency: defaultLatency });
  const times: number[] = [];
  plane.observe('Pod', (before, after, seconds) => {
    const isNews = before?.metadata.deletionTimestamp === undefined && after?.metadata.deletionTimestamp !== undefined;
    if (isNews) times.push(seconds);
  });
  for (let at = 0; at < 100; at++) plane.create(makePod(`p${at}`, { metadata: { namespace: 'shop' } }));
  plane.at(10, taint(plane, a)).runTo(100);
  expect(times).toHaveLength(100);
  // 300 tokens and a few for events, 30 of them saved: 13.5 s and a little.
  expect(times.at(-1)! - 10).toBeGreaterThan(13.4);
  expect(times.at(-1)! - 10).toBeLessThan(14.5);
});
