import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, EndpointSlice } from '../api/discovery-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import type { EndpointGroup, EndpointPorts, SlicePlan } from './endpoint-packing.ts';
import { planSlices, portsKey } from './endpoint-packing.ts';

const http: EndpointPorts = [{ name: 'http', protocol: 'TCP', port: 80 }];

function endpoint(podUid: number, ready = true): Endpoint {
  return { podUid, podName: `p${podUid}`, nodeName: 'n', zone: '', ready, serving: ready, terminating: false };
}

function slice(name: string, uids: readonly number[], ports = http): EndpointSlice {
  const metadata = newObjectMeta({ name, namespace: 'shop' });
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    ports,
    endpoints: uids.map((uid) => endpoint(uid)),
  };
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}

function plan(slices: readonly EndpointSlice[], uids: readonly number[], ports = http): SlicePlan {
  const group: EndpointGroup = { ports, endpoints: new Map(uids.map((uid) => [uid, endpoint(uid)])) };
  return planSlices(slices, uids.length === 0 ? new Map() : new Map([[portsKey(ports), group]]));
}

/** The slices after a plan has been carried out. */
function carriedOut(slices: readonly EndpointSlice[], { create, update, remove }: SlicePlan): EndpointSlice[] {
  const changed = slices.flatMap((old) => {
    const change = update.find((candidate) => candidate.slice === old);
    if (remove.includes(old)) return [];
    return change === undefined ? [old] : [{ ...old, endpoints: change.endpoints, ports: change.ports }];
  });
  const created = create.map((contents, at) => ({ ...slice(`new-${at}-${slices.length}`, []), ...contents }));
  return [...changed, ...created];
}

const sizes = (slices: readonly { readonly endpoints: readonly Endpoint[] }[]): number[] =>
  slices.map(({ endpoints }) => endpoints.length);

describe('slices', () => {
  test('hold a hundred endpoints each', () => {
    expect(sizes(plan([], range(0, 250)).create)).toEqual([100, 100, 50]);
  });

  test('that lose as many as come are written once', () => {
    const slices = [slice('a', range(0, 100)), slice('b', range(100, 100)), slice('c', range(200, 50))];
    const { create, update, remove } = plan(slices, [...range(30, 220), ...range(1000, 30)]);
    expect([create.length, remove.length, update.map((change) => change.slice.metadata.name)]).toEqual([0, 0, ['a']]);
    expect(sizes(update)).toEqual([100]);
  });

  test('take new endpoints where they fit best when nothing else changes', () => {
    const slices = [slice('a', range(0, 100)), slice('b', range(100, 100)), slice('c', range(200, 50))];
    const { update } = plan(slices, [...range(0, 250), ...range(1000, 30)]);
    expect(update.map(({ slice: { metadata }, endpoints }) => [metadata.name, endpoints.length])).toEqual([['c', 80]]);
    const tight = [slice('a', range(0, 60)), slice('b', range(100, 80)), slice('c', range(200, 90))];
    const { update: best } = plan(tight, [...range(0, 60), ...range(100, 80), ...range(200, 90), ...range(1000, 15)]);
    expect(best.map(({ slice: { metadata } }) => metadata.name)).toEqual(['b']);
  });

  test('are never packed together', () => {
    const slices = [slice('a', range(0, 100)), slice('b', range(100, 100))];
    const { create, update, remove } = plan(slices, [0, 100]);
    expect([create.length, remove.length, sizes(update)]).toEqual([0, 0, [1, 1]]);
  });

  test('that are empty lend their name to a new one with other ports', () => {
    const other: EndpointPorts = [{ name: 'http', protocol: 'TCP', port: 8080 }];
    const { create, update, remove } = plan([slice('a', [1, 2])], [3], other);
    expect([create.length, remove.length, update[0]!.slice.metadata.name, update[0]!.ports]).toEqual([
      0,
      0,
      'a',
      other,
    ]);
  });

  test('leave one without anything when no endpoint is left, and none beside it', () => {
    const { create, update, remove } = plan([slice('a', [1]), slice('b', [2])], []);
    expect([create.length, update.length, remove.length]).toEqual([0, 1, 1]);
    expect(update[0]).toMatchObject({ endpoints: [], ports: [] });
    expect(plan([], []).create).toEqual([{ endpoints: [], ports: [] }]);
    expect(plan([slice('a', [], [])], [])).toEqual({ create: [], update: [], remove: [] });
  });
});

test('whatever comes and goes, the slices hold what is wanted, and a second look changes nothing', () => {
  const steps = fc.array(fc.uniqueArray(fc.nat(400), { maxLength: 350 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(steps, (wanted) => {
      let slices: EndpointSlice[] = [];
      for (const uids of wanted) {
        slices = carriedOut(slices, plan(slices, uids));
        const held = slices.flatMap(({ endpoints }) => endpoints.map(({ podUid }) => podUid));
        expect(held.toSorted((a, b) => a - b)).toEqual(uids.toSorted((a, b) => a - b));
        for (const size of sizes(slices)) expect(size).toBeLessThanOrEqual(100);
        expect(plan(slices, uids)).toEqual({ create: [], update: [], remove: [] });
      }
    }),
    { numRuns: 40 },
  );
});
