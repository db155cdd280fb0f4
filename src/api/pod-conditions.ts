/** What the status of a pod says. */
import type { Pod } from './core-v1.ts';
import type { ApiObject, Timestamp } from './meta-v1.ts';
import { conditionSince, isConditionTrue } from './pod-status.ts';

/** Condition Ready is True (upstream `podutil.IsPodReady`). */
export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status.ready);
}

/** Phase Succeeded or Failed: the pod never runs again and holds no resources. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

/** Neither terminal nor being deleted (upstream `controller.IsPodActive`). */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Ready for at least `minReadySeconds` (upstream `podutil.IsPodAvailable`); all times in whole seconds. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowSeconds: Timestamp): boolean {
  if (!isPodReady(pod)) return false;
  return minReadySeconds === 0 || conditionSince(pod.status.ready) + minReadySeconds <= nowSeconds;
}

/** `namespace/name`, the key of queues and listers (upstream `cache.MetaNamespaceKeyFunc`). */
export function podKey(object: Pick<ApiObject, 'metadata'>): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
