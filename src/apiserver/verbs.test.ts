import { describe, expect, test } from 'vitest';
import type { ObjectMeta } from '../api/meta-v1.ts';
import { isConditionTrue, newPodStatus, packCondition } from '../api/pod-status.ts';
import { makeDeployment, makeJob, makeTemplate } from '../testing/api-harness.ts';
import { makeNode, makePod } from '../testing/builders.ts';
import { decodedAs } from '../testing/decode.ts';
import { bindSpec, withMetadata } from './pod-object.ts';
import type { Outcome } from './outcome.ts';
import { aggregate, qualifiedKind, resourceAndName, resourceName } from './outcome.ts';
import type { ApiRequest } from './requests.ts';
import { bindRequest, deleteRequest, updateRequest } from './requests.ts';
import { TopologyLabels, bindPod, checkPreconditions, nextGeneration, prepareNew } from './verbs.ts';

const messageOf = (outcome: Outcome<never> | undefined): string =>
  outcome?.type === 'refused' ? `${outcome.response.code}: ${outcome.response.message}` : '';

describe('preconditions', () => {
  const stored = makePod('a', { metadata: { uid: 7, resourceVersion: 12 } });
  const changed =
    'Conflict: Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again';

  const check = (request: ApiRequest<'Pod'>) => checkPreconditions(request as unknown as ApiRequest, stored);

  test('a stale version is a conflict, the present one is not', () => {
    const stale = withMetadata(stored, { ...stored.metadata, resourceVersion: 11 });
    expect(messageOf(check(updateRequest('Pod', stale)))).toBe(changed);
    expect(check(updateRequest('Pod', stored))).toBeUndefined();
  });

  test('another object of the same name is a conflict', () => {
    const request = deleteRequest('Pod', 'default', 'a', { uid: 6 });
    expect(messageOf(check(request))).toBe(
      'Conflict: Operation cannot be fulfilled on pods "a": Precondition failed: UID in precondition: 6, UID in object meta: 7',
    );
    expect(check(bindRequest(stored, 'n1'))).toBeUndefined();
  });
});

describe('generation', () => {
  const web = makeDeployment('web');
  const withMeta = (metadata: Partial<ObjectMeta>) => ({ ...web, metadata: { ...web.metadata, ...metadata } });

  const generation = (next: typeof web): number => nextGeneration(web, next);

  test('grows by one when the spec says something else', () => {
    expect(generation({ ...web, spec: { ...web.spec, replicas: 4 } })).toBe(2);
    expect(generation({ ...web, spec: { ...web.spec, template: makeTemplate({ app: 'web', v: '2' }) } })).toBe(2);
  });

  test('stays when an equal spec is written, or only labels change', () => {
    expect(nextGeneration(web, makeDeployment('web'))).toBe(1);
    expect(nextGeneration(web, withMeta({ labels: { a: 'b' } }))).toBe(1);
  });

  test('of a Deployment grows with its annotations, of a Job does not', () => {
    expect(nextGeneration(web, withMeta({ annotations: { a: 'b' } }))).toBe(2);
    const job = makeJob('once');
    expect(nextGeneration(job, { ...job, metadata: { ...job.metadata, annotations: { a: 'b' } } })).toBe(1);
  });

  test('of pods and nodes is not a matter of updates', () => {
    const node = makeNode('n1');
    const cordoned: typeof node = { ...node, spec: { ...node.spec, unschedulable: true } };
    expect(nextGeneration(node, cordoned)).toBe(1);
  });
});

describe('binding', () => {
  const bind = (pod: ReturnType<typeof makePod>) =>
    bindPod(pod, undefined, bindSpec(pod.spec, 'n2'), 100, new TopologyLabels());
  const prefix = 'Conflict: Operation cannot be fulfilled on pods/binding "a": pod a ';

  test('sets the node and the condition, and ends a nomination', () => {
    const status = { nominatedNodeName: 'n1', schedulingMessage: 'no room', podScheduled: packCondition(false, 50) };
    const pod = makePod('a', { status });
    const outcome = bind(pod);
    expect(outcome.type).toBe('written');
    if (outcome.type !== 'written') return;
    const { spec, status: after } = outcome.object;
    expect(spec.nodeName).toBe('n2');
    expect(spec.containers).toBe(pod.spec.containers);
    expect(isConditionTrue(after.podScheduled)).toBe(true);
    expect(after).toMatchObject({
      nominatedNodeName: '',
      schedulingMessage: '',
      podScheduled: packCondition(true, 100),
    });
  });

  test('a pod that is bound, terminating or gated is refused', () => {
    expect(messageOf(bind(makePod('a', { spec: { nodeName: 'n1' } })) as never)).toBe(
      `${prefix}is already assigned to node "n1"`,
    );
    expect(messageOf(bind(makePod('a', { metadata: { deletionTimestamp: 5 } })) as never)).toBe(
      `${prefix}is being deleted, cannot be assigned to a host`,
    );
    expect(messageOf(bind(makePod('a', { spec: { schedulingGates: ['g'] } })) as never)).toBe(
      `${prefix}has non-empty .spec.schedulingGates`,
    );
  });
});

describe('topology labels', () => {
  const zone = 'topology.kubernetes.io/zone';
  const region = 'topology.kubernetes.io/region';
  const node = makeNode('n1', { labels: { [zone]: 'a', [region]: 'north', disk: 'ssd' } });

  test('of the node come to the pod, one value for all pods of a template in a zone', () => {
    const topology = new TopologyLabels();
    const labels = { app: 'web' };
    const merged = topology.labelsOn(labels, node);
    expect(merged).toEqual({ app: 'web', [zone]: 'a', [region]: 'north' });
    expect(topology.labelsOn(labels, makeNode('n2', { labels: { [zone]: 'a', [region]: 'north' } }))).toBe(merged);
    expect(topology.labelsOn(labels, makeNode('n3', { labels: { [zone]: 'b', [region]: 'north' } }))).not.toBe(merged);
  });

  test('of a node without any, or known already, change nothing', () => {
    const topology = new TopologyLabels();
    const labels = { app: 'web', [zone]: 'a' };
    expect(topology.labelsOn(labels, makeNode('n2'))).toBe(labels);
    expect(topology.labelsOn(labels, makeNode('n3', { labels: { [zone]: 'a' } }))).toBe(labels);
  });
});

describe('a new object', () => {
  test('is given its identity, and no times of another cluster', () => {
    const dumped = makePod('a', {
      metadata: { uid: 3, deletionTimestamp: 9, deletionGracePeriodSeconds: 3, generation: 8 },
      spec: { nodeName: 'n1' },
      status: { phase: 'Running' },
    });
    const { metadata, status } = prepareNew('Pod', dumped, 42, 100);
    expect(metadata).toMatchObject({ uid: 42, generation: 1, creationTimestamp: 100 });
    expect(metadata.deletionTimestamp).toBeUndefined();
    expect(metadata.deletionGracePeriodSeconds).toBeUndefined();
    expect(status).toBe(newPodStatus);
  });

  test('a Job selects its own pods by its uid; the pod spec stays shared', () => {
    const job = makeJob('once', { template: makeTemplate({ app: 'x', 'controller-uid': 'of another cluster' }) });
    const { spec } = prepareNew('Job', job, 42, 100);
    expect(spec.selector).toEqual({
      matchLabels: { 'batch.kubernetes.io/controller-uid': '42' },
      matchExpressions: [],
    });
    expect(spec.template.labels).toEqual({
      app: 'x',
      'batch.kubernetes.io/controller-uid': '42',
      'batch.kubernetes.io/job-name': 'once',
      'controller-uid': '42',
      'job-name': 'once',
    });
    expect(spec.template.spec).toBe(job.spec.template.spec);
  });

  test('a budget allows nothing until a controller has counted, whatever its manifest says', () => {
    const manifest = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' } };
    const budget = decodedAs('PodDisruptionBudget', { ...manifest, spec: {}, status: { disruptionsAllowed: 5 } });
    expect(budget.status.disruptionsAllowed).toBe(5);
    expect(prepareNew('PodDisruptionBudget', budget, 42, 100).status.disruptionsAllowed).toBe(0);
  });

  test('a Job with a selector of its own keeps it', () => {
    const selector = { matchLabels: { app: 'x' }, matchExpressions: [] };
    const job = makeJob('once', { manualSelector: true, selector, template: makeTemplate({ app: 'x' }) });
    expect(prepareNew('Job', job, 42, 100).spec).toBe(job.spec);
  });
});

test('resources are named as upstream names them', () => {
  expect(resourceName('Pod')).toBe('pods');
  expect(resourceName('PriorityClass')).toBe('priorityclasses.scheduling.k8s.io');
  expect(qualifiedKind('Job')).toBe('Job.batch');
  expect(resourceAndName('Custom', 'v1/ConfigMap/settings')).toBe('configmaps "settings"');
  expect(resourceAndName('Custom', 'networking.k8s.io/v1/NetworkPolicy/deny')).toBe(
    'networkpolicies.networking.k8s.io "deny"',
  );
  expect(resourceAndName('Custom', 'networking.k8s.io/v1/Ingress/web')).toBe('ingresses.networking.k8s.io "web"');
});

test('several problems are listed, each once', () => {
  expect(aggregate(['a'])).toBe('a');
  expect(aggregate(['a', 'b', 'a'])).toBe('[a, b]');
});

describe('a new volume or claim', () => {
  const parts = { metadata: { name: 'x' }, status: { phase: 'Bound' } };
  const accessModes = ['ReadWriteOnce'];

  test('is pending, whatever its maker says of its status', () => {
    const volumeSpec = { accessModes, capacity: { storage: '1Gi' }, hostPath: { path: '/' } };
    const volume = { ...parts, apiVersion: 'v1', kind: 'PersistentVolume', spec: volumeSpec };
    const prepared = prepareNew('PersistentVolume', decodedAs('PersistentVolume', volume), 7, 3);
    expect(prepared.status).toEqual({ phase: 'Pending' });
    const claimSpec = { accessModes, resources: { requests: { storage: '1Gi' } } };
    const claim = { ...parts, apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: claimSpec };
    const preparedClaim = prepareNew('PersistentVolumeClaim', decodedAs('PersistentVolumeClaim', claim), 7, 3);
    expect(preparedClaim.status).toEqual({ phase: 'Pending', accessModes: [], capacity: new Map() });
    expect(nextGeneration(prepared, { ...prepared, spec: { ...prepared.spec, storageClassName: 's' } } as never)).toBe(
      1,
    );
  });
});
