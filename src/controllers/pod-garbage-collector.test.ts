import { describe, expect, test } from 'vitest';
import { defaultLatency } from '../apiserver/latency.ts';
import { patchRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import { makeJob } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { metadataWith } from '../api/meta-v1.ts';

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  return new ControlPlane({ controllers: ['pod-garbage-collector-controller'], ...options });
}

/** When pods went, by name, and the phase and the reason with which they did. */
function watchEnds(plane: ControlPlane): Map<string, { seconds: number; phase: string; reason: string | undefined }> {
  const ends = new Map<string, { seconds: number; phase: string; reason: string | undefined }>();
  plane.observe('Pod', (before, after, seconds) => {
    if (after !== undefined) return;
    const { phase, otherConditions } = before!.status;
    ends.set(before!.metadata.name, { seconds, phase, reason: otherConditions[0]?.reason });
  });
  return ends;
}

const inShop = { metadata: { namespace: 'shop' } };

describe('pods of a node that is gone', () => {
  test('are failed and deleted 40 to 60 s later', () => {
    const delays: number[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const plane = planeOf({ seed: `s${seed}`, nodes: 1 });
      plane.create(makePod('web', inShop));
      const ends = watchEnds(plane);
      plane.at(30, () => plane.delete('Node', 'n0', {}, '')).runTo(200);
      const end = ends.get('web')!;
      expect([end.phase, end.reason]).toEqual(['Failed', 'DeletionByPodGC']);
      delays.push(end.seconds - 30);
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    // U(0,20) to the pass that misses the node, and 40 s to the one that finds it missed for long enough (recorded: 45.6, 49.7,
    // 54.2 and 57.9 s): 50 s on average, sd 5.8 s.
    expect(Math.abs(delays.reduce((sum, delay) => sum + delay, 0) / 40 - 50)).toBeLessThan((4 * 5.8) / Math.sqrt(40));
  });

  test('go one after the other', () => {
    const plane = planeOf({ nodes: 1, latency: defaultLatency });
    for (const name of ['a', 'b', 'c']) plane.create(makePod(name, inShop));
    const told: string[] = [];
    plane.observe('Pod', (before, after) => {
      const { name } = before?.metadata ?? after!.metadata;
      if (after === undefined) told.push(`${name} gone`);
      else if (after.status.phase === 'Failed' && before?.status.phase !== 'Failed') told.push(`${name} failed`);
    });
    plane.at(30, () => plane.delete('Node', 'n0', {}, '')).runTo(200);
    expect(told).toEqual(['a failed', 'a gone', 'b failed', 'b gone', 'c failed', 'c gone']);
  });

  test('stay when the node is back within its quarantine', () => {
    const plane = planeOf({ nodes: 1 });
    plane.create(makePod('web', inShop));
    plane.runTo(10);
    const node = plane.get('Node', 'n0', '')!;
    plane
      .at(30, () => plane.delete('Node', 'n0', {}, ''))
      .at(55, () => plane.create(node))
      .runTo(200);
    expect(plane.get('Pod', 'web')).toBeDefined();
  });

  test('of a Job count as failed, and are replaced', () => {
    const plane = planeOf({ controllers: ['pod-garbage-collector-controller', 'job-controller'], nodes: 2 });
    plane.create(makeJob('work'));
    plane.at(30, () => plane.delete('Node', 'n0', {}, '')).runTo(200);
    expect(plane.get('Job', 'work')!.status).toMatchObject({ failed: 1, active: 1 });
    expect(plane.list('Pod').map(({ spec }) => spec.nodeName)).toEqual(['n1']);
  });
});

test('terminating pods of a node that a person declared out of service go at the next pass', () => {
  const plane = planeOf({ nodes: 1, behavior: () => ({ stopAfter: undefined }) });
  for (const name of ['going', 'staying']) plane.create(makePod(name, inShop));
  const ends = watchEnds(plane);
  plane.at(30, () => plane.delete('Pod', 'going')).at(31, () => plane.postReady('n0', 'Unknown'));
  const taints = [
    { key: 'node.kubernetes.io/out-of-service', value: 'x', effect: 'NoExecute', timeAdded: undefined },
  ] as const;
  plane.runTo(100);
  expect(plane.get('Pod', 'going')).toBeDefined();
  plane.at(100, () => plane.change('Node', 'n0', (spec) => ({ ...spec, taints }))).runTo(200);
  expect(ends.get('going')!.phase).toBe('Failed');
  expect(ends.get('going')!.seconds - 100).toBeLessThanOrEqual(20);
  expect(plane.get('Pod', 'staying')).toBeDefined();
});

test('a terminating pod that was never bound goes, once its finalizer is off', () => {
  const plane = planeOf({ hasKubelets: false });
  plane.create(makePod('held', { metadata: { namespace: 'shop', finalizers: ['example.com/hold'] } }));
  const ends = watchEnds(plane);
  plane.at(30, () => plane.delete('Pod', 'held')).runTo(60);
  expect(plane.get('Pod', 'held')!.status.phase).toBe('Failed');
  const letGo = (pod: Pod): Pod => podWith(pod, { metadata: metadataWith(pod.metadata, { finalizers: [] }) });
  plane.at(70, () => void plane.api.server.execute(patchRequest('Pod', 'shop', 'held', letGo))).runTo(100);
  expect(ends.get('held')!.seconds).toBe(70);
});

describe('finished pods', () => {
  const finished = (name: string, reason = ''): Pod => {
    const pod = makePod(name, { ...inShop, status: { phase: 'Failed', reason } });
    return pod;
  };

  function withFinished(count: number, options: ControlPlaneOptions = {}): ControlPlane {
    const plane = planeOf({ hasKubelets: false, ...options });
    for (let at = 0; at < count; at++)
      plane.api.server.install('Pod', finished(`p${String(at).padStart(5, '0')}`, at === count - 1 ? 'Evicted' : ''));
    return plane;
  }

  test('beyond 12,500 are deleted, evicted ones first, then the oldest', () => {
    const plane = withFinished(12_503);
    const ends = watchEnds(plane);
    plane.runTo(60);
    expect([...ends.keys()]).toEqual(['p12502', 'p00000', 'p00001']);
  });

  test('up to 12,500 stay', () => {
    const plane = withFinished(12_500);
    expect(plane.runTo(60).list('Pod')).toHaveLength(12_500);
  });

  test('are deleted as fast as the client may, each asked for once', () => {
    const plane = withFinished(13_500, { latency: defaultLatency });
    let requests = 0;
    plane.api.recorder.observe({ apiRequest: (_client, verb) => void (verb === 'delete' && requests++) });
    // A pass that lasts for 48 s: the next one begins after it.
    plane.runTo(120);
    expect(plane.list('Pod')).toHaveLength(12_500);
    expect(requests).toBe(1000);
  });
});

test('a cluster in which nothing is wrong costs no pass', () => {
  const plane = planeOf();
  for (let at = 0; at < 10; at++) plane.create(makePod(`p${at}`, inShop));
  plane.runTo(10);
  const before = plane.api.engine.eventCount;
  plane.runTo(1000);
  expect(plane.api.engine.eventCount - before).toBe(1);
});
