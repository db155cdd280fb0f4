/** Which victims matter most (`ps/util/utils.go` MoreImportantPod, GetEarliestPodStartTime). */
import type { Pod } from '../../api/core-v1.ts';
import type { PodInfo } from '../framework/pod-info.ts';

/**
 * When a pod started, seconds; a pod that no kubelet has seen yet starts now.
 *
 * @param nowSeconds may be a fraction.
 */
export function podStartTime({ status }: Pod, nowSeconds: number): number {
  return status.startTime < 0 ? nowSeconds : status.startTime;
}

/** The most important first: higher priority, then earlier start; equal ones keep their order. */
export function sortByImportance(pods: PodInfo[], nowSeconds: number): void {
  pods.sort(
    ({ pod: a }, { pod: b }) =>
      b.spec.priority - a.spec.priority || podStartTime(a, nowSeconds) - podStartTime(b, nowSeconds),
  );
}

/** The earliest start among the victims of the highest priority; seconds. */
export function earliestStartTime(victims: readonly Pod[], nowSeconds: number): number {
  const highest = victims.reduce((max, { spec }) => Math.max(max, spec.priority), -Infinity);
  return victims.reduce(
    (earliest, pod) => (pod.spec.priority < highest ? earliest : Math.min(earliest, podStartTime(pod, nowSeconds))),
    Infinity,
  );
}
