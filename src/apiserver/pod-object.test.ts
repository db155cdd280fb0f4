import { expect, test } from 'vitest';
import type { Pod, PodSpec } from '../api/core-v1.ts';
import type { ObjectMeta } from '../api/meta-v1.ts';
import type { ContainerStatus, PodStatus } from '../api/pod-status.ts';
import { newPodStatus, packCondition, statusWith } from '../api/pod-status.ts';
import { makePod, makePodSpec } from '../testing/builders.ts';
import { PodStorage, bindSpec, isPod, newPod, podWith, sharedSpec, specWith, withMetadata } from './pod-object.ts';
import { metadataWith } from '../api/meta-v1.ts';

/** A spec in which no field has its default, so that a forgotten accessor shows. */
const unusual: PodSpec = makePodSpec({
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 3,
  activeDeadlineSeconds: 9,
  nodeSelector: { a: 'b' },
  schedulerName: 'mine',
  schedulingGates: ['g'],
  priorityClassName: 'gold',
  priority: 7,
  preemptionPolicy: 'Never',
  overhead: new Map([['cpu', 1]]),
  resources: { requests: new Map(), limits: new Map() },
  hostNetwork: true,
  readinessGates: ['r'],
  resourceClaims: ['c'],
  runtimeClassName: 'gvisor',
  hostUsers: false,
});

test('a bound spec has the node and everything else from its template', () => {
  const bound = bindSpec(unusual, 'n1');
  for (const field of Object.keys(unusual) as (keyof PodSpec)[]) {
    expect(bound[field], field).toBe(field === 'nodeName' ? 'n1' : unusual[field]);
  }
});

test('all pods of a template share its spec, however often it is bound', () => {
  const bound = bindSpec(bindSpec(unusual, 'n1'), 'n2');
  expect(bound.nodeName).toBe('n2');
  expect(sharedSpec(bound)).toBe(unusual);
  expect(sharedSpec(unusual)).toBe(unusual);
});

test('a bound spec with other parts stays bound', () => {
  const changed = specWith(bindSpec(unusual, 'n1'), { priority: 8 });
  expect(changed.nodeName).toBe('n1');
  expect(changed.priority).toBe(8);
  expect(changed.runtimeClassName).toBe('gvisor');
  expect(specWith(unusual, { priority: 8 })).toEqual({ ...unusual, priority: 8 });
});

test('a rebuilt pod is a pod, with the parts it was given', () => {
  const pod = makePod('a', { spec: unusual });
  const renamed = withMetadata(pod, metadataWith(pod.metadata, { name: 'b' }));
  expect(isPod(renamed)).toBe(true);
  expect([renamed.apiVersion, renamed.kind, renamed.metadata.name]).toEqual(['v1', 'Pod', 'b']);
  expect(renamed.spec).toBe(pod.spec);
  expect(podWith(pod, { spec: bindSpec(pod.spec, 'n1') }).spec.nodeName).toBe('n1');
});

/** Metadata and a status in which no field has its default, so that a forgotten accessor shows. */
const metadata: ObjectMeta = {
  name: 'a',
  namespace: 'shop',
  uid: 7,
  resourceVersion: 12,
  generation: 3,
  creationTimestamp: 40,
  deletionTimestamp: 90,
  deletionGracePeriodSeconds: 30,
  labels: { app: 'web' },
  annotations: { note: 'x' },
  ownerReferences: [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 5, controller: true, blockOwnerDeletion: true },
  ],
  finalizers: ['f'],
};
const containerStatus: ContainerStatus = {
  index: 0,
  state: { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 50, finishedAt: -1 },
  lastState: undefined,
  restartCount: 2,
  ready: true,
  started: true,
};
const status: PodStatus = {
  phase: 'Running',
  reason: 'r',
  message: 'm',
  startTime: 41,
  nominatedNodeName: 'n9',
  podScheduled: packCondition(true, 42),
  readyToStartContainers: packCondition(true, 43),
  initialized: packCondition(true, 44),
  containersReady: packCondition(false, 45),
  ready: packCondition(false, 46),
  schedulingMessage: 's',
  otherConditions: [{ type: 'T', status: 'True', lastTransitionTime: 47, reason: '', message: '' }],
  containerStatuses: [containerStatus],
  initContainerStatuses: [{ ...containerStatus, restartCount: 1 }],
  podIP: 9,
};

test('a stored pod says all that it was given, and its version', () => {
  const stored = new PodStorage().stored(newPod(metadata, unusual, status), undefined, 13);
  expect(metadataWith(stored.metadata, {})).toEqual({ ...metadata, resourceVersion: 13 });
  expect(statusWith(stored.status, {})).toEqual(status);
  expect(stored.spec).toBe(unusual);
});

test('stored pods of one template share what is not their own, and every version of a pod does', () => {
  const storage = new PodStorage();
  const living = { ...metadata, deletionTimestamp: undefined, deletionGracePeriodSeconds: undefined };
  const stored = (parts: Partial<ObjectMeta>, before?: Pod): Pod =>
    storage.stored(newPod({ ...living, ...parts }, unusual, status), before, 20);
  const first = stored({});
  const sharedOf = (pod: Pod): unknown => (pod.metadata as unknown as { shared: unknown }).shared;
  const ownerReferences = metadata.ownerReferences.map((owner) => ({ ...owner }));
  expect(sharedOf(stored({ name: 'b', uid: 8, ownerReferences }))).toBe(sharedOf(first));
  expect(sharedOf(storage.stored(podWith(first, { status: newPodStatus }), first, 21))).toBe(sharedOf(first));
  const others: Partial<ObjectMeta>[] = [
    { namespace: 'bank' },
    { generation: 4 },
    { deletionTimestamp: 90 },
    { deletionGracePeriodSeconds: 1 },
    { labels: { ...metadata.labels } },
    { annotations: { ...metadata.annotations } },
    { ownerReferences: metadata.ownerReferences.map((owner) => ({ ...owner, uid: 6 })) },
    { ownerReferences: [] },
    { finalizers: ['g'] },
  ];
  for (const parts of others) {
    const other = stored(parts, first);
    expect(sharedOf(other), JSON.stringify(parts)).not.toBe(sharedOf(first));
    expect(metadataWith(other.metadata, {})).toEqual({ ...living, ...parts, resourceVersion: 20 });
  }
});

test('a status keeps its rare parts for itself, and takes the shared ones when they are gone', () => {
  const storage = new PodStorage();
  const first = storage.stored(newPod(metadata, unusual, status), undefined, 1);
  const plain = { reason: '', message: '', nominatedNodeName: '', schedulingMessage: '' };
  const change = { ...plain, otherConditions: [], initContainerStatuses: [] };
  const next = podWith(first, { status: statusWith(first.status, change) });
  expect(statusWith(storage.stored(next, first, 2).status, {})).toEqual({ ...status, ...change });
  for (const [field, value] of Object.entries(change)) {
    const one = podWith(first, { status: statusWith(first.status, { [field]: value }) });
    expect(statusWith(storage.stored(one, first, 2).status, {}), field).toEqual({ ...status, [field]: value });
  }
});

test('parts of a stored pod that were spread are refused', () => {
  const stored = new PodStorage().stored(newPod(metadata, unusual, status), undefined, 13);
  expect(() => podWith(stored, { metadata: { ...stored.metadata, labels: {} } })).toThrow('use metadataWith');
  expect(() => podWith(stored, { status: { ...stored.status, phase: 'Failed' } })).toThrow('statusWith');
});
