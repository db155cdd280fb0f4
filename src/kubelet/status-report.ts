/** What a kubelet says of a pod, and how it changes the pod's status. */
import { podWith } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { ContainerStatus, PodPhase, PodStatus } from '../api/pod-status.ts';
import { observeCondition, statusWith } from '../api/pod-status.ts';
import { ContainerFlag } from './container-table.ts';
import type { ContainerTable } from './container-table.ts';
import { isSidecar, podPhase } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';

/** Why a pod ended, where its containers do not say it: reason and message of the status. */
export interface EndReason {
  readonly reason: string;
  readonly message: string;
}

/** A pod as its kubelet sees it at one moment; times in whole seconds. */
export interface PodReport {
  readonly phase: PodPhase;
  readonly reason: string;
  readonly message: string;
  readonly at: number;
  readonly startTime: number;
  /** -1 = the sandbox is not ready. */
  readonly sandboxSince: number;
  readonly isInitialized: boolean;
  readonly areContainersReady: boolean;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  /** -1 = none. */
  readonly podIP: number;
}

/** Lists of container statuses; pods whose only container is in the same state share one. */
export class StatusLists {
  private readonly recent: (readonly ContainerStatus[])[] = [];
  private next = 0;

  /** The statuses of `count` containers from row `first` on. */
  of(table: ContainerTable, first: number, count: number, isInit: boolean): readonly ContainerStatus[] {
    if (count === 0) return noStatuses;
    const isPlain = count === 1 && !isInit && table.restartCount[first] === 0 && !table.lastState.has(first);
    if (!isPlain) return Array.from({ length: count }, (_, index) => statusOf(table, first + index, index, isInit));
    const state = table.state[first]!;
    const isReady = table.has(first, ContainerFlag.ready);
    const isStarted = table.has(first, ContainerFlag.started);
    for (const list of this.recent) {
      const status = list[0]!;
      if (status.state === state && status.ready === isReady && status.started === isStarted) return list;
    }
    const made = [statusOf(table, first, 0, false)];
    this.recent[this.next] = made;
    this.next = (this.next + 1) % recentCount;
    return made;
  }
}

const noStatuses: readonly ContainerStatus[] = [];
const recentCount = 8;

function statusOf(table: ContainerTable, row: number, index: number, isInit: boolean): ContainerStatus {
  const state = table.state[row]!;
  // A regular init container is ready once it has ended well.
  const isDone = isInit && state.phase === 'terminated' && state.exitCode === 0;
  return {
    index,
    state,
    lastState: table.lastState.get(row),
    restartCount: table.restartCount[row]!,
    ready: isDone || table.has(row, ContainerFlag.ready),
    started: table.has(row, ContainerFlag.started),
  };
}

/** The report of a worker; `end` overrides what the containers say once they have stopped. */
export function makeReport(
  worker: PodWorker,
  table: ContainerTable,
  lists: StatusLists,
  at: number,
  end: EndReason | undefined,
): PodReport {
  const { spec, firstRow, initCount } = worker;
  const isTerminated = worker.has(WorkerFlag.finished);
  const isInitialized = worker.has(WorkerFlag.initialized);
  const initContainerStatuses = lists.of(table, firstRow, initCount, true);
  const containerStatuses = lists.of(table, firstRow + initCount, spec.containers.length, false);
  const inputs = { isInitialized, isTerminated };
  const phase = podPhase(spec, initContainerStatuses, containerStatuses, inputs);
  const endPhase: PodPhase = end !== undefined || (phase !== 'Succeeded' && isTerminated) ? 'Failed' : phase;
  return {
    phase: isTerminated ? endPhase : heldBack(phase, worker),
    reason: isTerminated && end !== undefined ? end.reason : '',
    message: isTerminated && end !== undefined ? end.message : '',
    at,
    startTime: worker.seenSince,
    sandboxSince: isTerminated ? -1 : worker.sandboxSince,
    isInitialized,
    areContainersReady: !isTerminated && areReady(worker, initContainerStatuses, containerStatuses),
    containerStatuses,
    initContainerStatuses,
    podIP: worker.address,
  };
}

/** A pod whose containers may still run is not told to be over. */
function heldBack(phase: PodPhase, worker: PodWorker): PodPhase {
  if (phase !== 'Succeeded' && phase !== 'Failed') return phase;
  return worker.has(WorkerFlag.initialized) ? 'Running' : 'Pending';
}

function areReady(
  { spec }: PodWorker,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): boolean {
  for (const status of statuses) if (!status.ready) return false;
  for (const status of initStatuses) if (!status.ready && isSidecar(spec.initContainers[status.index]!)) return false;
  return true;
}

/** Writes a report into the status; conditions that others own, and a terminal phase, stay as they are. */
export function reportPatch(current: Pod, argument: unknown): Pod {
  const report = argument as PodReport;
  if (isPodTerminal(current)) return current;
  const status = statusAfter(current, report);
  return isSame(current.status, status) ? current : podWith(current, { status });
}

function statusAfter(pod: Pod, report: PodReport): PodStatus {
  const { status, spec } = pod;
  const { at, areContainersReady } = report;
  const isReady = areContainersReady && spec.readinessGates.every((gate) => hasCondition(status, gate));
  return {
    phase: report.phase,
    reason: report.reason,
    message: report.message,
    startTime: status.startTime >= 0 ? status.startTime : report.startTime,
    nominatedNodeName: status.nominatedNodeName,
    podScheduled: observeCondition(status.podScheduled, true, at),
    readyToStartContainers: observeCondition(
      status.readyToStartContainers,
      report.sandboxSince >= 0,
      report.sandboxSince >= 0 ? report.sandboxSince : at,
    ),
    initialized: observeCondition(status.initialized, report.isInitialized, at),
    containersReady: observeCondition(status.containersReady, areContainersReady, at),
    ready: observeCondition(status.ready, isReady, at),
    schedulingMessage: '',
    otherConditions: status.otherConditions,
    containerStatuses: kept(status.containerStatuses, report.containerStatuses),
    initContainerStatuses: kept(status.initContainerStatuses, report.initContainerStatuses),
    podIP: report.podIP >= 0 ? report.podIP : status.podIP,
  };
}

function hasCondition(status: PodStatus, type: string): boolean {
  return status.otherConditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** The old list where the new one says the same. */
function kept(before: readonly ContainerStatus[], after: readonly ContainerStatus[]): readonly ContainerStatus[] {
  if (before.length !== after.length) return after;
  return before.every((status, index) => isSameContainer(status, after[index]!)) ? before : after;
}

function isSameContainer(a: ContainerStatus, b: ContainerStatus): boolean {
  return (
    a.state === b.state &&
    a.lastState === b.lastState &&
    a.restartCount === b.restartCount &&
    a.ready === b.ready &&
    a.started === b.started
  );
}

function isSame(a: PodStatus, b: PodStatus): boolean {
  return (
    a.phase === b.phase &&
    a.reason === b.reason &&
    a.startTime === b.startTime &&
    a.podScheduled === b.podScheduled &&
    a.readyToStartContainers === b.readyToStartContainers &&
    a.initialized === b.initialized &&
    a.containersReady === b.containersReady &&
    a.ready === b.ready &&
    a.containerStatuses === b.containerStatuses &&
    a.initContainerStatuses === b.initContainerStatuses &&
    a.podIP === b.podIP
  );
}

/** The status of a pod that its node refused: no containers, one write. */
export function rejectionPatch(current: Pod, argument: unknown): Pod {
  const { reason, message, at } = argument as EndReason & { readonly at: number };
  if (isPodTerminal(current)) return current;
  const text = `Pod was rejected: ${message}`;
  const change = { phase: 'Failed', reason, message: text, startTime: at } as const;
  return podWith(current, { status: statusWith(current.status, change) });
}
