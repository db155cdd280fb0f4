import { describe, expect, test } from 'vitest';
import { podWith } from '../apiserver/pod-object.ts';
import { evictRequest, patchStatusRequest } from '../apiserver/requests.ts';
import { statusWith } from '../api/pod-status.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import type { PodDisruptionBudgetStatus } from '../api/policy-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeDeployment, makeJob, makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  const controllers = ['deployment-controller', 'replicaset-controller', 'job-controller', 'disruption-controller'];
  return new ControlPlane({ controllers, ...options });
}

function addBudget(plane: ControlPlane, spec: object, name = 'web', app = 'web'): void {
  const raw = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { matchLabels: { app } }, ...spec },
  };
  plane.create(decodedAs('PodDisruptionBudget', raw));
}

const statusOf = (plane: ControlPlane, name = 'web'): PodDisruptionBudgetStatus =>
  plane.get('PodDisruptionBudget', name)!.status;
const evict = (plane: ControlPlane, at = 0): ApiResponse => {
  const pods = plane.list('Pod').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return plane.api.server.execute(evictRequest(pods[at]!));
};

describe('how many pods may go', () => {
  // Expected, desired and allowed of 7 ready pods, by the table of the reference: percentages are rounded up.
  test.each([
    [{ minAvailable: 5 }, 7, 5, 2],
    [{ minAvailable: '50%' }, 7, 4, 3],
    [{ maxUnavailable: 1 }, 7, 6, 1],
    [{ maxUnavailable: '30%' }, 7, 4, 3],
    [{ maxUnavailable: '100%' }, 7, 0, 7],
    [{ minAvailable: 9 }, 7, 9, 0],
    [{ maxUnavailable: 9 }, 7, 0, 7],
  ])('of 7 with %j', (spec, expectedPods, desiredHealthy, disruptionsAllowed) => {
    const plane = planeOf();
    plane.create(makeDeployment('web', { replicas: 7 }));
    addBudget(plane, spec);
    plane.runTo(20);
    expect(statusOf(plane)).toMatchObject({ expectedPods, desiredHealthy, currentHealthy: 7, disruptionsAllowed });
    const [condition] = statusOf(plane).conditions;
    expect([condition!.status, condition!.reason]).toEqual(
      disruptionsAllowed > 0 ? ['True', 'SufficientPods'] : ['False', 'InsufficientPods'],
    );
  });

  test('the wish of the Deployment counts, not the pods that are there', () => {
    const plane = planeOf({ behavior: () => ({ startAfter: 100 * SECOND }) });
    plane.create(makeDeployment('web', { replicas: 4 }));
    addBudget(plane, { maxUnavailable: 1 });
    plane.runTo(50);
    expect(statusOf(plane)).toMatchObject({
      expectedPods: 4,
      desiredHealthy: 3,
      currentHealthy: 0,
      disruptionsAllowed: 0,
    });
  });

  test('pods without a controller are nobody’s wish', () => {
    const plane = planeOf();
    plane.create(makePod('lonely', { metadata: { namespace: 'shop' }, labels: { app: 'web' } }));
    addBudget(plane, { maxUnavailable: 1 });
    plane.runTo(20);
    expect(statusOf(plane)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
    const told = plane.events.filter(({ reason }) => reason === 'UnmanagedPods');
    expect(told[0]!.message).toBe(
      'Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},' +
        'MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB ' +
        'cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ' +
        '".spec.minAvailable" field of the PDB to an integer value.',
    );
  });

  test('a whole number of pods asks for no scale: nobody is told of pods without a controller', () => {
    const plane = planeOf();
    plane.create(makePod('lonely', { metadata: { namespace: 'shop' }, labels: { app: 'web' } }));
    addBudget(plane, { minAvailable: 1 });
    plane.runTo(20);
    expect(statusOf(plane)).toMatchObject({ expectedPods: 1, desiredHealthy: 1, disruptionsAllowed: 0 });
    expect(plane.events.some(({ reason }) => reason === 'UnmanagedPods')).toBe(false);
  });

  test('pods of a Job have no scale: nothing is allowed, and the condition says so', () => {
    const plane = planeOf();
    plane.create(makeJob('batch', { template: makeTemplate({ app: 'web' }, { restartPolicy: 'Never' }) }));
    addBudget(plane, { maxUnavailable: 1 });
    plane.runTo(20);
    expect(statusOf(plane).disruptionsAllowed).toBe(0);
    const message = 'jobs.batch does not implement the scale subresource';
    expect(statusOf(plane).conditions).toMatchObject([
      { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message },
    ]);
    // Where the count fails upstream has observed nothing, and waits for the next pod instead of trying again.
    expect(statusOf(plane).observedGeneration).toBe(0);
    const told = plane.events.filter(({ reason }) => reason === 'CalculateExpectedPodCountFailed');
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(10);
  });

  test('of two budgets of a pod the older one is mostly chosen, the other in one case of eight', () => {
    const plane = planeOf();
    addBudget(plane, { minAvailable: 1 }, 'b');
    addBudget(plane, { minAvailable: 1 }, 'a');
    plane.create(makeDeployment('web', { replicas: 400 }));
    plane.runTo(120);
    const texts = plane.events.filter(({ reason }) => reason === 'MultiplePodDisruptionBudgets');
    const others = texts.filter(({ message }) => message.includes('Chose "a"')).length;
    expect(texts.length).toBeGreaterThanOrEqual(800);
    expect(Math.abs(others / texts.length - 1 / 8)).toBeLessThan(4 * Math.sqrt((1 / 8) * (7 / 8) * (1 / texts.length)));
  });
});

describe('an eviction', () => {
  test('takes one disruption, and the budget is free again when the replacement is ready', () => {
    const plane = planeOf({ behavior: () => ({ readyAfter: 30 * SECOND, stopAfter: 5 * SECOND }) });
    plane.create(makeDeployment('web', { replicas: 3 }));
    addBudget(plane, { maxUnavailable: 1 });
    plane.runTo(60);
    expect(statusOf(plane).disruptionsAllowed).toBe(1);
    expect(evict(plane).code).not.toBe('TooManyRequests');
    expect(statusOf(plane).disruptionsAllowed).toBe(0);
    expect([...statusOf(plane).disruptedPods.keys()]).toHaveLength(1);
    expect(evict(plane)).toMatchObject({
      code: 'TooManyRequests',
      message: expect.stringContaining("Cannot evict pod as it would violate the pod's disruption budget.") as string,
    });
    plane.runTo(80);
    // The pod is going: the controller has taken it out of the map and counts the two that are left.
    expect(statusOf(plane)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });
    expect(statusOf(plane).disruptedPods.size).toBe(0);
    plane.runTo(120);
    expect(statusOf(plane)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
  });

  test.each([
    ['IfHealthyBudget', 'TooManyRequests'],
    ['AlwaysAllow', 'OK'],
  ])('of a pod that is not ready, under a budget that is not met, with %s', (unhealthyPodEvictionPolicy, code) => {
    const plane = planeOf({ behavior: () => ({ readyAfter: undefined }) });
    plane.create(makeDeployment('web', { replicas: 3 }));
    addBudget(plane, { minAvailable: 2, unhealthyPodEvictionPolicy });
    plane.runTo(20);
    const answer = evict(plane).code as string;
    expect(answer === 'TooManyRequests' ? answer : 'OK').toBe(code);
  });
});

test('an eviction that deletes nothing within 120 s is forgotten and told of; upstream says the namespace twice', () => {
  const plane = planeOf();
  plane.create(makeDeployment('web', { replicas: 2 }));
  addBudget(plane, { maxUnavailable: 1 });
  plane.runTo(20);
  const disruptedPods = new Map([[plane.list('Pod')[0]!.metadata.name, 20]]);
  plane.api.server.execute(
    patchStatusRequest('PodDisruptionBudget', 'shop', 'web', (budget) => ({
      ...budget,
      status: { ...budget.status, disruptedPods },
    })),
  );
  plane.runTo(130);
  expect(statusOf(plane)).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 });
  plane.runTo(150);
  expect(statusOf(plane)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  expect(plane.events.filter(({ reason }) => reason === 'NotDeleted').map(({ message }) => message)).toEqual([
    "Pod was expected by PDB shop/shop to be deleted but it wasn't",
  ]);
});

describe('a pod that was to be disrupted and that nobody deletes', () => {
  const marked = (reason: string): ReturnType<typeof makePod> => {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason,
      message: 'soon',
      lastTransitionTime: 10,
    } as const;
    return makePod('stays', { metadata: { namespace: 'shop' }, status: { otherConditions: [condition] } });
  };
  const conditionAt = (reason: string, seconds: number): object | undefined => {
    const plane = planeOf();
    plane.runTo(10);
    plane.create(makePod('stays', { metadata: { namespace: 'shop' } }));
    const { status } = marked(reason);
    plane.api.server.execute(
      patchStatusRequest('Pod', 'shop', 'stays', (pod) =>
        podWith(pod, { status: statusWith(pod.status, { otherConditions: status.otherConditions }) }),
      ),
    );
    plane.runTo(seconds);
    return plane.get('Pod', 'stays')!.status.otherConditions[0];
  };

  test('is no target any more 120 s after it became one', () => {
    expect(conditionAt('EvictionByEvictionAPI', 129)).toMatchObject({ status: 'True' });
    expect(conditionAt('EvictionByEvictionAPI', 131)).toMatchObject({
      status: 'False',
      reason: '',
      lastTransitionTime: 130,
    });
  });

  test('stays one where its kubelet is at work', () => {
    expect(conditionAt('TerminationByKubelet', 300)).toMatchObject({ status: 'True' });
  });
});
