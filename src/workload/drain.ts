/** `kubectl drain --ignore-daemonsets --delete-emptydir-data --force`, after the node has been cordoned. */
import type { Pod } from '../api/core-v1.ts';
import { controllerOf, labelValue } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { byNode } from '../apiserver/cluster-state.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';
import { evictRequest, getRequest, isSuccess } from '../apiserver/requests.ts';
import { SECOND, formatDuration } from '../engine/time.ts';
import { ask } from './script.ts';
import type { Script } from './script.ts';

const refusedRetryUs = 5 * SECOND;

/** Set by the kubelet on the API's image of a pod that it runs from a file. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The pods that a drain evicts, by namespace and name: neither DaemonSet pods, nor mirror pods, nor finished ones. */
export function podsToEvict(state: ClusterState, nodeName: string): readonly Pod[] {
  const pods: Pod[] = [];
  for (const pod of state.by('Pod', byNode, nodeName)) if (isEvicted(pod)) pods.push(pod);
  return pods.sort(inOrder);
}

function isEvicted(pod: Pod): boolean {
  const isMirror = labelValue(pod.metadata.annotations, mirrorAnnotation) !== undefined;
  return !isMirror && !isPodTerminal(pod) && controllerOf(pod)?.kind !== 'DaemonSet';
}

function inOrder(a: Pod, b: Pod): number {
  const left = `${a.metadata.namespace}/${a.metadata.name}`;
  return left < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1;
}

/** How a drain asks, and for how long. */
export interface DrainOptions {
  readonly gracePeriodSeconds: number;
  /** Microseconds; undefined = for ever. */
  readonly timeout: number | undefined;
  readonly startedAt: number;
  now(): number;
}

/**
 * Evicts one pod (upstream `kubectl/pkg/drain`): a refusal by a disruption budget is tried again every 5 s until the drain's time is
 * over, any other ends the attempt. Returns what went wrong, or an empty text.
 */
export function* evictPod(pod: Pod, options: DrainOptions): Script<string> {
  const { namespace, name, uid } = pod.metadata;
  for (;;) {
    const response = yield* ask(evictRequest(pod, options.gracePeriodSeconds));
    // Conflict: another pod has this name by now.
    if (isSuccess(response) || response.code === 'NotFound' || response.code === 'Conflict') return '';
    if (response.code !== 'TooManyRequests') {
      return `error when evicting pods/"${name}" -n "${namespace}": ${response.message}`;
    }
    const left = options.timeout === undefined ? Infinity : options.startedAt + options.timeout - options.now();
    yield Math.max(0, Math.min(refusedRetryUs, left));
    if (left <= refusedRetryUs) return `drain did not complete within ${formatDuration(options.timeout!)}`;
    const read = yield* ask(getRequest('Pod', namespace, name));
    if (read.object?.metadata.uid !== uid) return '';
  }
}
