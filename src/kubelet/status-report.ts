/** What a kubelet says of a pod, and how it changes the pod's status. */
import { podWith } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Condition } from '../api/meta-v1.ts';
import type { ContainerState, ContainerStatus, PodPhase, PodStatus } from '../api/pod-status.ts';
import { isConditionTrue, observeCondition, statusWith } from '../api/pod-status.ts';
import { restartsAfter, retriesInit } from '../api/restart-policy.ts';
import { RunningStates, containerCreating, podInitializing, removedToRestart } from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import type { ContainerTable } from './container-table.ts';
import { isSidecar, podPhase } from './pod-phase.ts';
import { hasRestartAllRule, restartsAll } from './pod-plan.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';

/** Why a pod ended, where its containers do not say it: reason and message of the status. */
export interface EndReason {
  /** Empty = the phase follows from the containers. */
  readonly reason: string;
  readonly message: string;
  /** Message of the condition DisruptionTarget, where the kubelet sets it. */
  readonly disruption?: string;
  /** The kubelet needs what the pod takes. Not so told where a pod makes room for another one: its kubelet does nothing else then. */
  readonly isEviction?: boolean;
  /** It holds whatever the containers say; else they still may say that the pod has succeeded. */
  readonly isLasting?: boolean;
}

/** A pod as its kubelet sees it at one moment; times in whole seconds. */
export interface PodReport {
  readonly phase: PodPhase;
  /** The phase is not told yet: containers may still run. */
  readonly isHeldBack: boolean;
  readonly reason: string;
  readonly message: string;
  readonly disruption: string | undefined;
  readonly at: number;
  readonly startTime: number;
  /** -1 = the sandbox is not ready. */
  readonly sandboxSince: number;
  readonly isInitialized: boolean;
  /** A container has ended by whose rule all are started anew; undefined = there is no such rule. */
  readonly restartsAll: boolean | undefined;
  readonly areContainersReady: boolean;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  /** -1 = none. */
  readonly podIP: number;
}

/** What a report depends on beside the worker. */
export interface ReportInputs {
  /** Whole seconds. */
  readonly at: number;
  /** Ends of containers after this moment are not known yet, microseconds. */
  readonly seenUntil: number;
  readonly end: EndReason | undefined;
  /** The pod is being deleted: nothing is restarted. */
  readonly isDeleted: boolean;
  /** A pod that has not succeeded by now has failed. */
  readonly isLast: boolean;
  /** Only this is news; undefined = all is told. */
  readonly news: RowNews | undefined;
}

/** What probes say of one container, and what has been told of all before. */
export interface RowNews {
  readonly row: number;
  readonly what: 'ready' | 'started';
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
}

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
    const lastState = isWaiting && shown.phase === 'terminated' ? shown : table.lastState.get(row);
    // A regular init container is ready once it has ended well.
    const isRegularInit = isInit && !isSidecar(worker.spec.initContainers[index]!);
    const isDone = isRegularInit && state.phase === 'terminated' && state.exitCode === 0;
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
  private stateOf(worker: PodWorker, table: ContainerTable, row: number, { seenUntil }: ReportInputs): ContainerState {
    const state = table.state[row];
    if (state === undefined && table.restarting.has(row)) return removedToRestart;
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

/** The report of a worker. */
export function makeReport(
  worker: PodWorker,
  table: ContainerTable,
  lists: StatusLists,
  inputs: ReportInputs,
): PodReport {
  const { spec } = worker;
  const { end, at } = inputs;
  const isTerminated = worker.has(WorkerFlag.finished);
  const isInitialized = worker.has(WorkerFlag.initialized);
  const { news } = inputs;
  const index = news === undefined ? -1 : news.row - worker.firstRow;
  const what = news?.what ?? 'ready';
  const inits = lists.of(worker, table, true, inputs);
  const initContainerStatuses = withNews(news?.initContainerStatuses, inits, index, what);
  const regular = lists.of(worker, table, false, inputs);
  const containerStatuses = withNews(news?.containerStatuses, regular, index - worker.initCount, what);
  const phase = podPhase(spec, initContainerStatuses, containerStatuses, { isInitialized, isTerminated });
  const hasReason = end !== undefined && end.reason !== '';
  const isOverruled = hasReason && (end.isLasting === true || phase !== 'Succeeded');
  const isFailed = isOverruled || (inputs.isLast && phase !== 'Succeeded');
  const computedPhase: PodPhase = isFailed ? 'Failed' : phase;
  const isOver = computedPhase === 'Succeeded' || computedPhase === 'Failed';
  // An eviction is written over a status that is made as ever (upstream podStatusFn): its containers are what they were.
  const isAsEver = isOverruled && end.isLasting !== true && !isTerminated;
  return {
    phase: computedPhase,
    isHeldBack: isOver && !isTerminated,
    reason: isTerminated && isOverruled ? end.reason : '',
    message: isTerminated && isOverruled ? end.message : '',
    disruption: isTerminated ? end?.disruption : undefined,
    at,
    startTime: worker.seenSince,
    sandboxSince: worker.has(WorkerFlag.sandboxStopped) ? -1 : worker.sandboxSince,
    isInitialized: areInitialized(worker, initContainerStatuses, containerStatuses),
    restartsAll: hasRestartAllRule(spec)
      ? (!isOver || isAsEver) && restartsAll(worker, table, inputs.seenUntil)
      : undefined,
    areContainersReady: (!isOver || isAsEver) && areReady(worker, initContainerStatuses, containerStatuses),
    containerStatuses,
    initContainerStatuses,
    podIP: worker.address,
  };
}

/** What was told before, but for what probes say of one container that was running and still is; all anew where nothing was told. */
function withNews(
  before: readonly ContainerStatus[] | undefined,
  after: readonly ContainerStatus[],
  index: number,
  what: RowNews['what'],
): readonly ContainerStatus[] {
  if (before === undefined || before.length !== after.length) return after;
  const now = after[index];
  return kept(
    after,
    before.map((old, at) => (at === index && old.state === now!.state ? { ...old, [what]: now![what] } : old)),
  );
}

/** Every init container has ended well or, as a sidecar, started; or a regular container has begun (upstream GeneratePodInitializedCondition). */
function areInitialized(
  { spec }: PodWorker,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): boolean {
  if (initStatuses.length === 0) return true;
  if (statuses.some(({ state }) => state.phase !== 'waiting')) return true;
  return initStatuses.every((status) =>
    isSidecar(spec.initContainers[status.index]!) ? status.started : status.ready,
  );
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
  const status = statusAfter(current, report);
  return isSame(current.status, status) ? current : podWith(current, { status });
}

function statusAfter(pod: Pod, report: PodReport): PodStatus {
  const { status, spec } = pod;
  const { at, areContainersReady } = report;
  const isReady = areContainersReady && spec.readinessGates.every((gate) => hasCondition(status, gate));
  const isOver = isPodTerminal(pod);
  return {
    phase: isOver || report.isHeldBack ? status.phase : report.phase,
    reason: isOver ? status.reason : report.reason,
    message: isOver ? status.message : report.message,
    startTime: status.startTime >= 0 ? status.startTime : report.startTime,
    nominatedNodeName: status.nominatedNodeName,
    podScheduled: observeCondition(status.podScheduled, true, at),
    readyToStartContainers: observeCondition(
      status.readyToStartContainers,
      report.sandboxSince >= 0,
      report.sandboxSince >= 0 ? report.sandboxSince : at,
    ),
    // What has been initialized is for ever.
    initialized: observeCondition(status.initialized, report.isInitialized || isConditionTrue(status.initialized), at),
    containersReady: observeCondition(status.containersReady, areContainersReady, at),
    ready: observeCondition(status.ready, isReady, at),
    schedulingMessage: '',
    otherConditions: withRestartsAll(withDisruption(status.otherConditions, report), report),
    containerStatuses: kept(status.containerStatuses, report.containerStatuses),
    initContainerStatuses: kept(status.initContainerStatuses, report.initContainerStatuses),
    podIP: report.podIP >= 0 ? report.podIP : status.podIP,
  };
}

function withDisruption(others: readonly Condition[], { disruption, at }: PodReport): readonly Condition[] {
  const isTarget = ({ type }: Condition): boolean => type === 'DisruptionTarget';
  if (disruption === undefined || others.find(isTarget)?.status === 'True') return others;
  return [...others.filter((each) => !isTarget(each)), disruptionTarget(disruption, at)];
}

/** Why nothing is started anew in a pod that has ended. */
const endTexts: Readonly<Partial<Record<PodPhase, string>>> = { Succeeded: 'PodCompleted', Failed: 'PodFailed' };

/** The condition of pods with a rule that starts all containers anew. */
function withRestartsAll(others: readonly Condition[], { restartsAll, at, phase }: PodReport): readonly Condition[] {
  if (restartsAll === undefined) return others;
  const type = 'AllContainersRestarting';
  const before = others.find((condition) => condition.type === type);
  const status = restartsAll ? 'True' : 'False';
  const reason = restartsAll ? 'RestartAllContainersStarted' : (endTexts[phase] ?? '');
  if (before?.status === status && before.reason === reason) return others;
  const message = restartsAll ? 'container exited with restart policy rule' : '';
  const condition: Condition = { type, status, lastTransitionTime: at, reason, message };
  return [...others.filter((each) => each.type !== type), condition];
}

/** The condition that says why the kubelet ends a pod that could have gone on. */
function disruptionTarget(message: string, at: number): Condition {
  return {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: at,
    reason: 'TerminationByKubelet',
    message,
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
    a.otherConditions === b.otherConditions &&
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
