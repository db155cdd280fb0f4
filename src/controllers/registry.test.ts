import { describe, expect, test } from 'vitest';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import type { Service } from '../api/core-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeDeployment, makeJob, makeNamespace, makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane, makeReadyNode } from '../testing/control-plane.ts';
import { controllerNamed, controllers } from './registry.ts';

const names = controllers.map(({ name }) => name);

test('controllers stand in the order of their names, each once', () => {
  expect(names).toEqual([...new Set(names)].sort((a, b) => (a < b ? -1 : 1)));
  for (const { name, description, workers } of controllers) {
    expect(name).toMatch(/^[a-z-]+-controller$/);
    expect(description).not.toBe('');
    expect(workers).toBeGreaterThan(0);
    expect(controllerNamed(name)?.name).toBe(name);
  }
  expect(controllerNamed('replica-controller')).toBeUndefined();
});

/** A cluster in which every controller has had something to do, at rest. */
function quietCluster(): { readonly plane: ControlPlane; readonly keys: ReadonlyMap<string, ReadonlySet<string>> } {
  const nodes = [makeReadyNode('n0', 'a'), makeReadyNode('n1', 'a'), makeReadyNode('n2', 'b')];
  const plane = new ControlPlane({
    nodes,
    behavior: ({ metadata }) => (metadata.labels['app'] === 'batch' ? { exitAfter: 20 * SECOND } : {}),
  });
  const keys = new Map(names.map((name) => [name, new Set<string>()]));
  plane.api.recorder.observe({ reconciled: (controller, key) => void keys.get(controller)!.add(key) });
  plane.create(makeNamespace('old'));
  plane.create(makeDeployment('web', { replicas: 4 }));
  plane.create({ ...makeDeployment('api'), metadata: newObjectMeta({ name: 'api', namespace: 'old' }) });
  plane.create(makeJob('batch', { completions: 3, parallelism: 2 }));
  plane.create(
    makeJob('short', {
      ttlSecondsAfterFinished: 5,
      template: makeTemplate({ app: 'batch' }, { restartPolicy: 'Never' }),
    }),
  );
  plane.create(makePod('bare', { metadata: { namespace: 'shop' }, labels: { app: 'web' } }));
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: newObjectMeta({ name: 'web', namespace: 'shop' }),
    selector: { app: 'web' },
    type: 'ClusterIP',
    clusterIP: '',
    publishNotReadyAddresses: false,
    ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 80 }],
  };
  plane.create(service);
  const spec = {
    replicas: 2,
    selector: { matchLabels: { app: 'solo' }, matchExpressions: [] },
    template: makeTemplate({ app: 'solo' }),
    minReadySeconds: 3,
  };
  const metadata = newObjectMeta({ name: 'solo', namespace: 'shop' });
  plane.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec, status: newReplicaSetStatus });
  plane.at(60, () => plane.silence('n1')).at(500, () => plane.revive('n1'));
  plane.at(510, () => plane.delete('Namespace', 'old', {}, ''));
  plane.at(520, () =>
    plane.change('Deployment', 'web', (old) => ({ ...old, template: makeTemplate({ app: 'web', v: '2' }) })),
  );
  plane.at(600, () => plane.delete('Node', 'n2', {}, ''));
  plane.runTo(3000);
  return { plane, keys };
}

describe('once the cluster is quiet', () => {
  const { plane, keys } = quietCluster();

  test('everything is as it should be', () => {
    expect(plane.get('Deployment', 'web')!.status).toMatchObject({ availableReplicas: 4, updatedReplicas: 4 });
    expect(plane.get('Job', 'batch')!.status.succeeded).toBe(3);
    expect(plane.get('Job', 'short')).toBeUndefined();
    expect(plane.get('Namespace', 'old', '')).toBeUndefined();
    // Four of the Deployment, and the bare pod that nobody controls.
    expect(plane.list('EndpointSlice').flatMap(({ endpoints }) => endpoints)).toHaveLength(5);
  });

  test.each(names)('another sync of every key of %s writes nothing', (name) => {
    const runner = plane.runners.find((candidate) => candidate.name === name)!;
    const before = plane.writeCount;
    let syncs = 0;
    plane.api.recorder.observe({ reconciled: (controller) => void (controller === name && syncs++) });
    for (const key of keys.get(name)!) runner.enqueue(key);
    plane.runTo(plane.seconds + 100);
    expect(syncs).toBeGreaterThanOrEqual(keys.get(name)!.size);
    expect(plane.writeCount - before).toBe(0);
  });
});
