/** The phase of a pod from its containers (upstream `pkg/kubelet/kubelet_pods.go` getPhase). */
import type { Container, PodSpec } from '../api/core-v1.ts';
import type { ContainerState, ContainerStatus, PodPhase } from '../api/pod-status.ts';
import { restartsAfter, retriesInit } from '../api/restart-policy.ts';
import { restartingAll } from './container-states.ts';

/** What the phase hangs on beside the containers. */
export interface PhaseInputs {
  /** Init containers are over in the present sandbox. */
  readonly isInitialized: boolean;
  /** The pod has been terminated: nothing starts again. */
  readonly isTerminated: boolean;
}

interface Counts {
  /** Init containers that have never ended. */
  pending: number;
  pendingSidecars: number;
  /** Failed for good. */
  failedFinal: number;
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
  /** Regular containers that ended for good. */
  final: number;
}

/** The first rule that applies decides; there is a status for every container. */
export function podPhase(
  spec: PodSpec,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  inputs: PhaseInputs,
): PodPhase {
  const counts = countAll(spec, initStatuses, statuses);
  const { isInitialized, isTerminated } = inputs;
  if (counts.failedFinal > 0) return 'Failed';
  if (counts.pending > 0 || (counts.pendingSidecars > 0 && !isInitialized) || counts.waiting > 0) return 'Pending';
  if (counts.running > 0) return 'Running';
  if (counts.stopped === 0) return 'Pending';
  const ended = counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
  if (isTerminated) return ended;
  return counts.stopped === counts.final ? ended : 'Running';
}

function countAll(
  spec: PodSpec,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): Counts {
  const counts: Counts = {
    pending: 0,
    pendingSidecars: 0,
    failedFinal: 0,
    running: 0,
    waiting: 0,
    stopped: 0,
    succeeded: 0,
    final: 0,
  };
  for (const status of initStatuses) {
    const container = spec.initContainers[status.index]!;
    if (isSidecar(container)) countSidecar(counts, status);
    else countInit(counts, status, container, spec);
  }
  for (const status of statuses) countRegular(counts, status, spec.containers[status.index]!, spec);
  return counts;
}

function countInit(counts: Counts, { state, lastState }: ContainerStatus, container: Container, spec: PodSpec): void {
  const ended = state.phase === 'terminated' ? state : state.phase === 'waiting' ? lastState : undefined;
  if (ended === undefined) counts.pending++;
  else if (ended.exitCode !== 0 && !retriesInit(container, spec, ended.exitCode) && !isRestartedWithAll(ended)) {
    counts.failedFinal++;
  }
}

function countSidecar(counts: Counts, { state, lastState, started }: ContainerStatus): void {
  if (state.phase === 'running') {
    counts.running++;
    if (!started) counts.pendingSidecars++;
  } else if (state.phase === 'waiting' && lastState === undefined) {
    counts.pendingSidecars++;
    counts.waiting++;
  }
}

function countRegular(
  counts: Counts,
  { state, lastState }: ContainerStatus,
  container: Container,
  spec: PodSpec,
): void {
  if (state.phase === 'running') {
    counts.running++;
    return;
  }
  const ended = state.phase === 'terminated' ? state : lastState;
  if (ended === undefined) {
    counts.waiting++;
    return;
  }
  counts.stopped++;
  // One that waits for its next start has not succeeded, however it ended.
  if (state.phase === 'terminated' && ended.exitCode === 0) counts.succeeded++;
  if (!restartsAfter(container, spec, ended.exitCode) && !isRestartedWithAll(ended)) counts.final++;
}

/** All containers are started anew, and this one with them. */
function isRestartedWithAll({ reason }: ContainerState): boolean {
  return reason === restartingAll.reason;
}

/** An init container that keeps running beside the regular ones. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}
