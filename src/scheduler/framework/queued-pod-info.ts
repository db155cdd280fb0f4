/** A pod in the scheduling queue with its history (upstream `ps/framework/types.go` QueuedPodInfo). */
import type { ClusterEvent } from './cluster-event.ts';
import type { PodInfo } from './pod-info.ts';

const noPlugins: ReadonlySet<string> = new Set();

/** Times in microseconds. */
export class QueuedPodInfo {
  podInfo: PodInfo;
  /** Order of first arrival: the last tie-break of every queue. */
  readonly sequence: number;
  /** When it was added or last failed; kept when it moves between queues. */
  timestamp: number;
  /** When it first entered activeQ ungated; -1 before. */
  initialAttemptTimestamp = -1;
  attempts = 0;
  /** Refusals in the pod's life. */
  unschedulableCount = 0;
  /** Errors in a row; a refusal resets it. */
  consecutiveErrorsCount = 0;
  /** End of the back-off, truncated to the whole second; -1 = not computed since the last failure. */
  backoffExpiration = -1;
  /** Plugins that rejected it last time. */
  unschedulablePlugins: ReadonlySet<string> = noPlugins;
  /** Plugins that answered Pending last time. */
  pendingPlugins: ReadonlySet<string> = noPlugins;
  /** Plugin whose PreEnqueue keeps it out; empty when not gated. */
  gatingPlugin = '';
  gatingEvents: readonly ClusterEvent[] = [];
  /** Last time it was moved by the flush of long unschedulable pods; -1 = never. */
  flushTimestamp = -1;
  wasFlushed = false;

  constructor(podInfo: PodInfo, timestamp: number, sequence: number) {
    this.podInfo = podInfo;
    this.timestamp = timestamp;
    this.sequence = sequence;
  }

  /** An equal record that may be changed while this one is still in some heap. */
  copy(): QueuedPodInfo {
    return Object.assign(new QueuedPodInfo(this.podInfo, this.timestamp, this.sequence), this);
  }

  get isGated(): boolean {
    return this.gatingPlugin !== '';
  }
}
