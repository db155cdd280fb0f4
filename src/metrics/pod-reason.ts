import type { Pod } from '../api/core-v1.ts';
import type { ContainerStatus } from '../api/pod-status.ts';

/** In one word why a pod is not simply running, as `kubectl get pods` would say it; empty when there is no reason. */
export function podReason(pod: Pod): string {
  const { spec, status } = pod;
  if (status.reason !== '') return status.reason;
  if (spec.nodeName === '' && status.phase === 'Pending') {
    if (spec.schedulingGates.length > 0) return 'SchedulingGated';
    return status.schedulingMessage === '' ? '' : 'Unschedulable';
  }
  return containersReason(status.initContainerStatuses) || containersReason(status.containerStatuses);
}

/** The first container that waits or ended badly speaks for the pod. */
function containersReason(containers: readonly ContainerStatus[]): string {
  for (const { state } of containers) {
    if (state.phase === 'waiting' || (state.phase === 'terminated' && state.exitCode !== 0)) return state.reason;
  }
  return '';
}
