import { expect, test } from 'vitest';
import { isSuccess, patchRequest } from '../apiserver/requests.ts';
import type { Node } from '../api/core-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { MILLISECOND } from '../engine/time.ts';
import { ControlPlane, makeReadyNode } from '../testing/control-plane.ts';
import { writeTaints } from './node-writes.ts';

const tainted = (node: Node): Node =>
  node.spec.taints.length > 0
    ? node
    : {
        ...node,
        spec: { ...node.spec, taints: [{ key: 'k', value: '', effect: 'NoSchedule', timeAdded: undefined }] },
      };

/** Writes a taint while somebody else changes the node just before so many of the writes; the times of the writes and the end. */
function writeAgainst(rivals: number) {
  const plane = new ControlPlane({ controllers: ['node-lifecycle-controller'], nodes: 1, hasKubelets: false });
  plane.runTo(10);
  const { server, engine } = plane.api;
  const steps = writeTaints(plane.runners[0]!, 'n0', tainted);
  const sleeps: number[] = [];
  let writes = 0;
  for (let next = steps.next([]); ;) {
    if (next.done === true) return { response: next.value, sleeps, writes, engine };
    const effect = next.value;
    if (effect.type === 'sleep') {
      sleeps.push(effect.delayUs);
      next = steps.next([]);
      continue;
    }
    if (effect.type !== 'requests') throw new Error('a write has no parts');
    const [request] = effect.requests;
    if (request!.verb === 'patch') {
      writes++;
      const other = (node: Node): Node => ({
        ...node,
        metadata: metadataWith(node.metadata, { annotations: { at: String(writes) } }),
      });
      if (writes <= rivals) server.execute(patchRequest('Node', '', 'n0', other));
    }
    next = steps.next([server.execute(request!)]);
  }
}

test('a taint is written for the version that was read', () => {
  const { response, sleeps, writes } = writeAgainst(0);
  expect(isSuccess(response)).toBe(true);
  expect(response.object!.spec.taints).toHaveLength(1);
  expect([writes, sleeps.length]).toEqual([1, 0]);
});

test('who was overtaken comes back 100 to 200 ms later, five times in all', () => {
  const { response, sleeps, writes } = writeAgainst(2);
  expect(isSuccess(response)).toBe(true);
  expect(writes).toBe(3);
  for (const delayUs of sleeps) {
    expect(delayUs).toBeGreaterThanOrEqual(100 * MILLISECOND);
    expect(delayUs).toBeLessThanOrEqual(200 * MILLISECOND);
  }
  const hopeless = writeAgainst(9);
  expect(hopeless.response.code).toBe('Conflict');
  expect([hopeless.writes, hopeless.sleeps.length]).toEqual([5, 4]);
});

test('a node that joins with labels of the new names only gets those of the old ones too', () => {
  const plane = new ControlPlane({ controllers: ['node-lifecycle-controller'], hasKubelets: false });
  const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' };
  const joined = makeReadyNode('new');
  plane.at(10, () => plane.create({ ...joined, metadata: metadataWith(joined.metadata, { labels }) })).runTo(20);
  expect(plane.get('Node', 'new', '')!.metadata.labels).toEqual({
    ...labels,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': 'arm64',
  });
});
