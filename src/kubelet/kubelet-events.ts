/** Kubernetes Events of the kubelet, with upstream's reasons and messages. Texts are built only where somebody reads them. */
import type { Pod } from '../api/core-v1.ts';
import { formatDuration } from '../engine/time.ts';
import type { Recorder } from '../record/recorder.ts';

/** Tells the recorder of Events with source kubelet. */
export class KubeletEvents {
  private readonly recorder: Recorder;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** Whether texts are wanted at all. */
  get areWanted(): boolean {
    return this.recorder.wants('kubeEvent');
  }

  /** An event about a pod, or about one of its containers. */
  pod(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    const { namespace, name } = pod.metadata;
    const source = 'kubelet';
    const involvedKind = 'Pod';
    this.recorder.kubeEvent(
      container === undefined
        ? { type, reason, message, source, involvedKind, namespace, name }
        : { type, reason, message, source, involvedKind, namespace, name, container },
    );
  }

  /** An event about a node. */
  node(name: string, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.recorder.kubeEvent({ type, reason, message, source: 'kubelet', involvedKind: 'Node', namespace: '', name });
  }
}

/** Message of CrashLoopBackOff, with Go's way to print a duration. */
export function crashLoopMessage(delayUs: number, container: string, pod: Pod): string {
  const { namespace, name, uid } = pod.metadata;
  return `back-off ${goSeconds(delayUs)} restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
}

/** Message of the event BackOff of a crash loop. */
export function backOffEventMessage(container: string, pod: Pod): string {
  const { namespace, name, uid } = pod.metadata;
  return `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`;
}

/** Message of the event Pulled. */
export function pulledMessage(image: string, pullUs: number, withWaitingUs: number, sizeBytes: number): string {
  return (
    `Successfully pulled image "${image}" in ${formatDuration(pullUs)} (${formatDuration(withWaitingUs)} including ` +
    `waiting). Image size: ${sizeBytes} bytes.`
  );
}

/** Message of the event Pulled when there was nothing to pull. */
export function presentMessage(image: string): string {
  return `Container image "${image}" already present on machine and can be accessed by the pod`;
}

/** `20s`, `1m20s`, `5m0s`. */
function goSeconds(us: number): string {
  const seconds = Math.round(us / 1_000_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
