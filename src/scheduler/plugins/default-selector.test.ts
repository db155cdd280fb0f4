import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newReplicaSetStatus } from '../../api/apps-v1.ts';
import type { LabelSelector, Labels } from '../../api/meta-v1.ts';
import { newObjectMeta } from '../../api/meta-v1.ts';
import { makeTemplate } from '../../testing/api-harness.ts';
import { makePod } from '../../testing/builders.ts';
import type { ClusterLister } from '../framework/handle.ts';
import { DefaultSelectors, defaultSelector } from './default-selector.ts';
import { podSelector } from './pod-selector.ts';

const web: Labels = { app: 'web' };
const front: Labels = { app: 'web', tier: 'front' };
const selectors: readonly LabelSelector[] = [web, front].map((matchLabels) => ({ matchLabels, matchExpressions: [] }));

/** A cluster of some Services, and of one ReplicaSet `set` in each namespace. */
function clusterOf(services: readonly Labels[], selector: LabelSelector | undefined): ClusterLister {
  const spec = { replicas: 1, selector, template: makeTemplate(web), minReadySeconds: 0 };
  const metadata = newObjectMeta({ name: 'set' });
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec, status: newReplicaSetStatus };
  return {
    get: (kind: string) => (kind === 'ReplicaSet' && selector !== undefined ? set : undefined),
    list: () => [],
    by: () => services.map((labels) => ({ selector: labels })),
  } as unknown as ClusterLister;
}

function podIn(namespace: string, ownerKind: string): ReturnType<typeof makePod> {
  const owner = { apiVersion: 'apps/v1', kind: ownerKind, name: 'set', uid: 1, controller: true };
  const ownerReferences = ownerKind === '' ? [] : [{ ...owner, blockOwnerDeletion: true }];
  return makePod('p', { labels: front, metadata: { namespace, ownerReferences } });
}

test('a selector that was compiled before is what would be compiled now', () => {
  const question = fc.record({
    services: fc.subarray([web, front]),
    selector: fc.option(fc.constantFrom(...selectors), { nil: undefined }),
    namespace: fc.constantFrom('shop', 'bank'),
    ownerKind: fc.constantFrom('', 'ReplicaSet', 'Job'),
  });
  fc.assert(
    fc.property(fc.array(question, { maxLength: 20 }), (questions) => {
      const remembered = new DefaultSelectors();
      for (const { services, selector, namespace, ownerKind } of questions) {
        const cluster = clusterOf(services, selector);
        const pod = podIn(namespace, ownerKind);
        const { key, isEmpty } = podSelector(defaultSelector(pod, cluster), namespace);
        expect(remembered.of(pod, cluster)).toMatchObject({ key, isEmpty, namespace });
      }
    }),
  );
});

test('pods of one set share their selector as long as no Service selects them', () => {
  const remembered = new DefaultSelectors();
  const cluster = clusterOf([], selectors[0]);
  const first = remembered.of(podIn('shop', 'ReplicaSet'), cluster);
  expect(remembered.of(podIn('shop', 'ReplicaSet'), cluster)).toBe(first);
});
