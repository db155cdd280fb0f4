import { expect, test } from 'vitest';
import { loadSpec, messagesOf } from '../../testing/load-from-memory.ts';

const podText = (name: string, requests: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n` +
  `    - { name: c, image: app, resources: { requests: { ${requests} } } }\n`;

const spec = (capacity: string): string =>
  `cluster: { nodePools: [{ name: a, count: 1, capacity: { cpu: 4, memory: 8Gi, ${capacity} } }] }\n` +
  'workload: [{ manifests: [all.yaml] }]\n';

const found = (capacity: string, ...pods: readonly string[]): readonly string[] =>
  messagesOf(loadSpec(spec(capacity), { 'all.yaml': pods.join('---\n') }));

test('a resource that no node has is warned of once, where it is asked for first', () => {
  const disk = podText('p', 'cpu: 1, ephemeral-storage: 1Gi');
  expect(found('pods: 10', podText('o', 'cpu: 1'), disk, podText('q', 'ephemeral-storage: 1Gi'))).toEqual([
    'all.yaml:13:63 warning W015: Pod p: no node has ephemeral-storage, which 2 objects ask for, so that their pods stay ' +
      'Pending; state it in the capacity of a node pool',
  ]);
  expect(found('ephemeral-storage: 10Gi', disk)).toEqual([]);
  expect(found('pods: 10', podText('z', 'ephemeral-storage: 0'))).toEqual([]);
});

test.each(['example.com/gpu: 1.5', 'example.com/gpu: 500m', 'pods: 1.5'])(
  'a pool has no part of a piece: %s',
  (part) => {
    expect(found(part, podText('p', 'cpu: 1'))).toEqual([
      expect.stringMatching(
        /^main\.yaml:\d+:\d+ error E017: spec\.cluster\.nodePools\[0\]\.capacity.* is not a whole number$/,
      ),
    ]);
  },
);

test('a file that is named and holds nothing is pointed out', () => {
  expect(found('pods: 10', '# nothing yet\n')).toEqual([
    expect.stringMatching(
      /^main\.yaml:\d+:\d+ warning W016: spec\.workload\[0\]\.manifests\[0\]: "all\.yaml" holds no object$/,
    ),
  ]);
});

test('a node that a manifest names and that is not there is pointed out', () => {
  const bound = (name: string): string => `${podText('p', 'cpu: 1')}  nodeName: ${name}\n`;
  expect(found('pods: 10', bound('a-7'))).toEqual([
    'all.yaml:7:13 warning W017: Pod p: pods are bound to "a-7" and fail: there is no such node; did you mean "a-1"?',
  ]);
  expect(found('pods: 10', bound('a-1'))).toEqual([]);
});
