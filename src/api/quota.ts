/** What an object costs a ResourceQuota (upstream pkg/quota/v1/evaluator/core). Pure. */
import type { Pod, ResourceList } from './core-v1.ts';
import type { ApiObject, Timestamp } from './meta-v1.ts';
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
  return usage;
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
