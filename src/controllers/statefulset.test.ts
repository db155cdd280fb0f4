import { describe, expect, test } from 'vitest';
import type { StatefulSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { instantLatency } from '../apiserver/latency.ts';
import { patchRequest } from '../apiserver/requests.ts';
import { constant } from '../engine/distributions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { decodedAs, rawWorkload } from '../testing/decode.ts';

/** Pods start after 1 s, are ready then, and take 1 s to end. */
function planeOf(spec: object, options: Partial<ControlPlaneOptions> = {}): ControlPlane {
  const behavior = () => ({ startAfter: SECOND });
  const plane = new ControlPlane({ controllers: ['statefulset-controller'], behavior, ...options });
  const set = decodedAs('StatefulSet', rawWorkload('StatefulSet', spec));
  plane.create({ ...set, metadata: metadataWith(set.metadata, { namespace: 'shop' }) });
  return plane;
}

function change(plane: ControlPlane, patch: (spec: StatefulSet['spec']) => StatefulSet['spec']): void {
  const apply = (set: StatefulSet): StatefulSet => ({ ...set, spec: patch(set.spec) });
  plane.api.server.execute(patchRequest('StatefulSet', 'shop', 'w', apply));
}

function image(plane: ControlPlane, name: string): void {
  change(plane, (spec) => {
    const container = { ...spec.template.spec.containers[0]!, image: name };
    return { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers: [container] } } };
  });
}

const names = (plane: ControlPlane): string[] =>
  plane
    .list('Pod')
    .map((pod: Pod) => pod.metadata.name)
    .sort((a, b) => (a < b ? -1 : 1));
const images = (plane: ControlPlane): string[] =>
  names(plane).map((name) => plane.get('Pod', name)!.spec.containers[0]!.image);

describe('an ordered set', () => {
  test('makes the next pod when the one before is ready, and takes the last one first', () => {
    const plane = planeOf({ replicas: 3 });
    expect(names(plane.runTo(0.5))).toEqual(['w-0']);
    expect(names(plane.runTo(1.5))).toEqual(['w-0', 'w-1']);
    expect(names(plane.runTo(2.5))).toEqual(['w-0', 'w-1', 'w-2']);
    plane.runTo(10);
    change(plane, (spec) => ({ ...spec, replicas: 1 }));
    // Each takes a second to end, and the next waits until it is gone.
    expect(names(plane.runTo(11.5))).toEqual(['w-0', 'w-1']);
    expect(names(plane.runTo(12.5))).toEqual(['w-0']);
  });

  test('is told ready before the next pod counts: a status says what was seen when the sync began', () => {
    const plane = planeOf({ replicas: 2 }, { latency: { ...instantLatency, watch: constant(5 * MILLISECOND) } });
    const seen: string[] = [];
    plane.api.recorder.observe({
      committed: (kind, _slot, _before, after) => {
        const status = kind === 'StatefulSet' && (after as StatefulSet).status;
        if (status && status.replicas > 0) seen.push(`${status.readyReplicas}/${status.replicas}`);
      },
    });
    plane.runTo(10);
    expect(seen.filter((text, at) => text !== seen[at - 1])).toEqual(['0/1', '1/1', '1/2', '2/2']);
  });

  test('is updated from the highest ordinal down to the partition', () => {
    const updateStrategy = { rollingUpdate: { partition: 1 } };
    const plane = planeOf({ replicas: 3, updateStrategy }).runTo(10);
    image(plane, 'i:2');
    expect(images(plane.runTo(12.5))).toEqual(['i:1', 'i:1', 'i:2']);
    expect(images(plane.runTo(20))).toEqual(['i:1', 'i:2', 'i:2']);
    const { status } = plane.get('StatefulSet', 'w')!;
    expect([status.currentReplicas, status.updatedReplicas]).toEqual([1, 2]);
    expect(status.currentRevision).not.toBe(status.updateRevision);
  });

  test('below the partition a lost pod comes back with the old template', () => {
    const plane = planeOf({ replicas: 2, updateStrategy: { rollingUpdate: { partition: 2 } } }).runTo(10);
    image(plane, 'i:2');
    plane.runTo(11);
    plane.delete('Pod', 'w-1');
    expect(images(plane.runTo(20))).toEqual(['i:1', 'i:1']);
  });
});

describe('a set that does not begin at 0', () => {
  test('counts its partition from the first ordinal', () => {
    const updateStrategy = { rollingUpdate: { partition: 1 } };
    const plane = planeOf({ replicas: 3, ordinals: { start: 5 }, updateStrategy }).runTo(10);
    image(plane, 'i:2');
    expect(images(plane.runTo(20))).toEqual(['i:1', 'i:2', 'i:2']);
    plane.delete('Pod', 'w-5');
    expect(images(plane.runTo(30))).toEqual(['i:1', 'i:2', 'i:2']);
  });
});

test('a set whose pods are replaced by hand is through when all are of the new revision', () => {
  const plane = planeOf({ replicas: 2, updateStrategy: { type: 'OnDelete' } }).runTo(10);
  image(plane, 'i:2');
  plane.runTo(11);
  plane.delete('Pod', 'w-0');
  plane.runTo(20);
  const revisions = (): readonly unknown[] => {
    const { currentReplicas, updatedReplicas, currentRevision, updateRevision } = plane.get('StatefulSet', 'w')!.status;
    return [currentReplicas, updatedReplicas, currentRevision === updateRevision];
  };
  expect(revisions()).toEqual([1, 1, false]);
  plane.delete('Pod', 'w-1');
  plane.runTo(30);
  expect(revisions()).toEqual([2, 2, true]);
});

describe('a parallel set', () => {
  test('makes all pods at once', () => {
    const plane = planeOf({ replicas: 4, podManagementPolicy: 'Parallel' });
    expect(names(plane.runTo(0.5))).toHaveLength(4);
  });

  test('updates as many pods at a time as may be unavailable', () => {
    const updateStrategy = { rollingUpdate: { maxUnavailable: 2 } };
    const plane = planeOf({ replicas: 4, podManagementPolicy: 'Parallel', updateStrategy }).runTo(10);
    image(plane, 'i:2');
    plane.runTo(10.5);
    const going = plane.list('Pod').filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(going.map(({ metadata }) => metadata.name).sort((a, b) => (a < b ? -1 : 1))).toEqual(['w-2', 'w-3']);
    expect(images(plane.runTo(20))).toEqual(['i:2', 'i:2', 'i:2', 'i:2']);
    const { status } = plane.get('StatefulSet', 'w')!;
    expect(status.currentRevision).toBe(status.updateRevision);
  });

  test('updates them one after the other, the highest ordinal first', () => {
    const latency = { ...instantLatency, etcdCommit: constant(0.1 * SECOND) };
    const updateStrategy = { rollingUpdate: { maxUnavailable: 2 } };
    const plane = planeOf({ replicas: 4, podManagementPolicy: 'Parallel', updateStrategy }, { latency }).runTo(10);
    const marked: [name: string, seconds: number][] = [];
    plane.observe('Pod', (before, after, seconds) => {
      const isMarked =
        before?.metadata.deletionTimestamp === undefined && after?.metadata.deletionTimestamp !== undefined;
      if (isMarked) marked.push([after.metadata.name, seconds]);
    });
    image(plane, 'i:2');
    plane.runTo(10.5);
    // The revision is written first; then each deletion waits for the answer to the one before.
    expect(marked).toEqual([
      ['w-3', 10.2],
      ['w-2', 10.3],
    ]);
  });
});
