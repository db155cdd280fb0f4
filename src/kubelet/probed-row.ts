/** A container that is probed, as its kubelet remembers it. */
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import type { ProbeWorker } from './probe-worker.ts';

/** What is known of its newest instance. */
export interface ProbedRow {
  readonly probes: readonly ProbeWorker[];
  /** The instance that the status has shown as running; -1 = none. */
  shown: number;
  /** The newest instance was last shown as started. */
  wasStarted: boolean;
  /** The status has shown that the instance has ended. */
  isEndShown: boolean;
  /** It has ended for good, and its first probe has found that out: each sync begins a probe anew, which asks for another sync. */
  isOver: boolean;
}

/** Regular init containers are not asked. */
export function mayBeProbed(worker: PodWorker, row: number): boolean {
  return row >= worker.firstRow + worker.initCount || isSidecar(worker.container(row));
}
