/** What an object costs a ResourceQuota (upstream pkg/quota/v1/evaluator/core). Pure. */
import type { Pod, ResourceList, Service } from './core-v1.ts';
import type { ApiObject, Timestamp } from './meta-v1.ts';
import type { PersistentVolumeClaim } from './persistent-volumes.ts';
import { isPodTerminal } from './pod-conditions.ts';
import { podLimits, podRequests } from './resources.ts';

/** Names that a quota may limit beside `count/...`, by kind. */
const objectNames: ReadonlyMap<string, string> = new Map([
  ['Service', 'services'],
  ['ReplicationController', 'replicationcontrollers'],
  ['ResourceQuota', 'resourcequotas'],
  ['Secret', 'secrets'],
  ['ConfigMap', 'configmaps'],
  ['PersistentVolumeClaim', 'persistentvolumeclaims'],
]);

/** The resource whose unit an entry of a quota has: that of `requests.cpu` is `cpu`. */
export function quotaUnit(name: string): string {
  const dot = name.indexOf('.');
  const prefix = name.slice(0, Math.max(0, dot));
  return prefix === 'requests' || prefix === 'limits' ? name.slice(dot + 1) : name;
}

/** Whether a pod gets or loses its deadline, and with that counts for quotas of other scopes. */
export function changesDeadline(before: Pod, after: Pod): boolean {
  const hadDeadline = before.spec.activeDeadlineSeconds !== undefined;
  return hadDeadline !== (after.spec.activeDeadlineSeconds !== undefined);
}

/**
 * Whether a pod counts for more than an object: it has not ended, nor outlived the grace of its deletion. The time of deletion
 * holds the grace already, and upstream adds it once more (`QuotaV1Pod`).
 */
export function isChargedPod(pod: Pod, now: Timestamp): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  return (
    !isPodTerminal(pod) && !(deletionTimestamp !== undefined && now > deletionTimestamp + deletionGracePeriodSeconds)
  );
}

/** What an object counts for; `resource` is its resource with its group, for example `jobs.batch`. */
export function quotaUsage(object: ApiObject, resource: string, now: Timestamp): ResourceList {
  const usage = new Map([[`count/${resource}`, 1]]);
  const name = objectNames.get(object.kind);
  if (name !== undefined) usage.set(name, 1);
  if (object.kind === 'Pod' && isChargedPod(object as Pod, now)) addPodUsage(usage, object as Pod);
  if (object.kind === 'PersistentVolumeClaim') addClaimUsage(usage, object as PersistentVolumeClaim);
  if (object.kind === 'Service') addServiceUsage(usage, object as Service);
  return usage;
}

/** A claim counts for the namespace and for its class. */
function addClaimUsage(usage: Map<string, number>, { spec }: PersistentVolumeClaim): void {
  const storage = spec.requests.get('storage');
  const { storageClassName = '' } = spec;
  const ofClass = `${storageClassName}.storageclass.storage.k8s.io/`;
  if (storage !== undefined) usage.set('requests.storage', storage);
  if (storageClassName === '') return;
  usage.set(`${ofClass}persistentvolumeclaims`, 1);
  if (storage !== undefined) usage.set(`${ofClass}requests.storage`, storage);
}

/** Each port of a service that is reached from outside takes one of every node. */
function addServiceUsage(usage: Map<string, number>, { type, ports }: Service): void {
  const isBalanced = type === 'LoadBalancer';
  if (isBalanced) usage.set('services.loadbalancers', 1);
  if (isBalanced || type === 'NodePort') usage.set('services.nodeports', ports.length);
}

function addPodUsage(usage: Map<string, number>, { spec }: Pod): void {
  usage.set('pods', 1);
  for (const [name, amount] of podRequests(spec)) {
    usage.set(`requests.${name}`, amount);
    // The plain name of a native resource means its request.
    if (!name.includes('/')) usage.set(name, amount);
  }
  for (const [name, amount] of podLimits(spec)) usage.set(`limits.${name}`, amount);
}
