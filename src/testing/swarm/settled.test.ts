import { describe, expect, test } from 'vitest';
import { newReplicaSetStatus } from '../../api/apps-v1.ts';
import type { Pod } from '../../api/core-v1.ts';
import type { ApiObject } from '../../api/meta-v1.ts';
import { metadataWith, newObjectMeta } from '../../api/meta-v1.ts';
import type { PodStatus } from '../../api/pod-status.ts';
import { packCondition } from '../../api/pod-status.ts';
import { controllerReference } from '../../controllers/ownership.ts';
import { SECOND } from '../../engine/time.ts';
import type { ApiHarness } from '../api-harness.ts';
import { makeApi, makeDeployment, makeJob } from '../api-harness.ts';
import { makePod } from '../builders.ts';
import { unsettled } from './settled.ts';

const ready: Partial<PodStatus> = { phase: 'Running', ready: packCondition(true, 0) };

function podOf(owner: ApiObject, name: string, status: Partial<PodStatus>): Pod {
  const metadata = { namespace: 'shop', ownerReferences: [controllerReference(owner)] };
  return makePod(name, { metadata, labels: { app: 'web' }, status });
}

/** A Deployment of two, whose status says how many are ready, with these pods. */
function deploymentWith(readyReplicas: number, ...pods: readonly Partial<PodStatus>[]): readonly string[] {
  const { server } = makeApi();
  const made = makeDeployment('web', { replicas: 2 });
  const web = server.install('Deployment', {
    ...made,
    status: { ...made.status, readyReplicas, observedGeneration: made.metadata.generation },
  });
  const { selector, template, minReadySeconds } = made.spec;
  const set = server.install('ReplicaSet', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: newObjectMeta({ name: 'web-1', namespace: 'shop', ownerReferences: [controllerReference(web)] }),
    spec: { replicas: 2, selector, template, minReadySeconds },
    status: newReplicaSetStatus,
  });
  for (const [at, status] of pods.entries()) server.install('Pod', podOf(set, `web-1-${at}`, status));
  return unsettled(server.state, 0);
}

describe('a Deployment', () => {
  test('with its wish is settled', () => expect(deploymentWith(2, ready, ready)).toEqual([]));

  test('with too few pods and none that says why is not', () => {
    expect(deploymentWith(1, ready)).toEqual(['Deployment web wants 2 pods, has 1, 1 ready, and no pod says why']);
  });

  test('with a pod that says why it is not ready is', () => {
    expect(deploymentWith(1, ready, { phase: 'Pending', schedulingMessage: '0/1 nodes are available' })).toEqual([]);
  });

  test('that tells another number than there are is not', () => {
    expect(deploymentWith(1, ready, ready)).toEqual(['Deployment web says 1 pods are ready, but 2 are']);
  });
});

describe('a Job without a pod', () => {
  /** After so many failures, the newest of them at 100 s; at so many seconds. */
  const jobAt = (failed: number, seconds: number, hasPod = true): readonly string[] => {
    const { server }: ApiHarness = makeApi();
    const made = makeJob('batch');
    const job = server.install('Job', { ...made, status: { ...made.status, failed } });
    if (hasPod) server.install('Pod', podOf(job, 'batch-1', { phase: 'Failed', ready: packCondition(false, 100) }));
    return unsettled(server.state, seconds * SECOND);
  };
  const problem = ['Job batch is not finished, wants 1 pods and has 0'];

  // 10 s, 20 s, 40 s after the failures, and 5 s for the way to the next pod.
  test.each([
    [1, 114, 116],
    [2, 124, 126],
    [3, 144, 146],
    [20, 704, 706],
  ])('backs off after %i failures until %i s, and not any more at %i s', (failures, within, beyond) => {
    expect(jobAt(failures, within)).toEqual([]);
    expect(jobAt(failures, beyond)).toEqual(problem);
  });

  test('has to have one where it has not failed, or nothing tells of its failures', () => {
    expect(jobAt(0, 101)).toEqual(problem);
    expect(jobAt(2, 101, false)).toEqual(problem);
  });
});

test('what has lost its owner is not settled', () => {
  const { server } = makeApi();
  const job = server.install('Job', makeJob('batch'));
  const gone = { ...job, metadata: metadataWith(job.metadata, { uid: 999 }) };
  server.install('Pod', podOf(gone, 'left', ready));
  expect(unsettled(server.state, 0)).toContain('Pod left has outlived its Job');
});
