/** Pods that were to be disrupted and still are there (upstream pkg/controller/disruption, syncStalePodDisruption). Pure. */
import { podWith } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Condition, Timestamp } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { statusWith } from '../api/pod-status.ts';

/** stalePodDisruptionTimeout, seconds. */
const timeoutSeconds = 120;

/** When the condition of a pod that nobody deletes goes stale, whole seconds; undefined = it has none that can. */
export function staleDisruptionAt(pod: Pod): Timestamp | undefined {
  const { metadata, status } = pod;
  if (status.otherConditions.length === 0 || metadata.deletionTimestamp !== undefined || isPodTerminal(pod))
    return undefined;
  const condition = status.otherConditions.find(isTarget);
  // What the kubelet has begun may take as long as it will.
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  return condition.lastTransitionTime + timeoutSeconds;
}

/** The pod with its condition taken back; `now` in whole seconds. */
export function withoutStaleDisruption(pod: Pod, now: unknown): Pod {
  if (staleDisruptionAt(pod) === undefined) return pod;
  const otherConditions = pod.status.otherConditions.map((condition) =>
    isTarget(condition)
      ? { ...condition, status: 'False' as const, reason: '', message: '', lastTransitionTime: now as Timestamp }
      : condition,
  );
  return podWith(pod, { status: statusWith(pod.status, { otherConditions }) });
}

const isTarget = ({ type }: Condition): boolean => type === 'DisruptionTarget';
