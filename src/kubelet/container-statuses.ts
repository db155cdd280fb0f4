/** What a kubelet says of the containers of a pod (upstream `kubelet_pods.go` convertToAPIContainerStatuses). */
import type { ContainerState, ContainerStatus } from '../api/pod-status.ts';
import { restartsAfter, retriesInit } from '../api/restart-policy.ts';
import { RunningStates, containerCreating, podInitializing, removedToRestart } from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import type { ContainerTable } from './container-table.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import type { ReportInputs } from './report-types.ts';

/** Lists of container statuses; pods whose only container is in the same state share one. */
export class StatusLists {
  private readonly recent: (readonly ContainerStatus[])[] = [];
  private readonly running = new RunningStates();
  private next = 0;

  /** The statuses of the init containers, or of the others. */
  of(worker: PodWorker, table: ContainerTable, isInit: boolean, inputs: ReportInputs): readonly ContainerStatus[] {
    const { spec, firstRow, initCount } = worker;
    const count = isInit ? initCount : spec.containers.length;
    if (count === 0) return noStatuses;
    const first = isInit ? firstRow : firstRow + initCount;
    const isPlain =
      count === 1 &&
      !isInit &&
      table.restartCount[first] === 0 &&
      !table.lastState.has(first) &&
      !table.reasons.has(first);
    if (!isPlain) {
      return Array.from({ length: count }, (_, index) => this.statusOf(worker, table, first + index, inputs));
    }
    const state = this.stateOf(worker, table, first, inputs);
    const isRunning = state.phase === 'running';
    const isReady = isRunning && isShown(table, first, ContainerFlag.ready, ContainerFlag.wasReady);
    const isStarted = isRunning && isShown(table, first, ContainerFlag.started, ContainerFlag.wasStarted);
    for (const list of this.recent) {
      const status = list[0]!;
      if (status.state === state && status.ready === isReady && status.started === isStarted) return list;
    }
    const made = [this.statusOf(worker, table, first, inputs)];
    this.recent[this.next] = made;
    this.next = (this.next + 1) % recentCount;
    return made;
  }

  private statusOf(worker: PodWorker, table: ContainerTable, row: number, inputs: ReportInputs): ContainerStatus {
    const isInit = row < worker.firstRow + worker.initCount;
    const index = isInit ? row - worker.firstRow : row - worker.firstRow - worker.initCount;
    const shown = this.stateOf(worker, table, row, inputs);
    const reason = shown.phase === 'running' ? undefined : table.reasons.get(row);
    const isWaiting = reason !== undefined && !inputs.isLast && mayStart(worker, table, row, inputs.isDeleted);
    const state = isWaiting ? reason : shown;
    const isEndLast = isWaiting && shown.phase === 'terminated';
    // What has been told as the last state stays so, also where the container is not said to wait any more.
    if (isEndLast && inputs.news === undefined) table.setLastState(row, shown);
    const lastState = isEndLast ? shown : table.lastState.get(row);
    // A regular init container is ready once it has ended well.
    const isRegularInit = isInit && !isSidecar(worker.spec.initContainers[index]!);
    const hasEndedWell = state.phase === 'terminated' && state.exitCode === 0;
    const isDone = isRegularInit && (hasEndedWell || state === removedToRestart);
    const isRunning = state.phase === 'running';
    return {
      index,
      state,
      lastState,
      restartCount: table.toldRestarts(row),
      ready: isDone || (isRunning && isShown(table, row, ContainerFlag.ready, ContainerFlag.wasReady)),
      started: isRunning && isShown(table, row, ContainerFlag.started, ContainerFlag.wasStarted),
    };
  }

  /** The state of the newest instance as far as it has been seen. */
  private stateOf(
    worker: PodWorker,
    table: ContainerTable,
    row: number,
    { seenUntil, end }: ReportInputs,
  ): ContainerState {
    const state = table.state[row];
    if (state === undefined && end === undefined && table.restarting.has(row)) return removedToRestart;
    if (state === undefined) return worker.initCount > 0 ? podInitializing : containerCreating;
    if (table.stage[row] !== Stage.exited || table.since[row]! <= seenUntil) return state;
    return this.running.since(state.startedAt);
  }
}

/** Of a container that is shown as running: what it is, or where it has ended unseen what it was. */
function isShown(table: ContainerTable, row: number, is: number, was: number): boolean {
  return table.has(row, table.stage[row] === Stage.exited ? was : is);
}

/** Whether a container that does not run is to be started (upstream ShouldContainerBeRestarted). */
export function mayStart(worker: PodWorker, table: ContainerTable, row: number, isDeleted: boolean): boolean {
  if (isDeleted) return false;
  const state = table.state[row];
  if (state === undefined) return true;
  const { spec, firstRow, initCount } = worker;
  if (row >= firstRow + initCount) {
    return restartsAfter(spec.containers[row - firstRow - initCount]!, spec, state.exitCode);
  }
  const container = spec.initContainers[row - firstRow]!;
  if (state.exitCode === 0) return false;
  return isSidecar(container) || retriesInit(container, spec, state.exitCode);
}

const noStatuses: readonly ContainerStatus[] = [];
const recentCount = 8;

/** The old list where the new one says the same. */
export function kept(
  before: readonly ContainerStatus[],
  after: readonly ContainerStatus[],
): readonly ContainerStatus[] {
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
