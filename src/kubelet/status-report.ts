/** The status of a pod as its kubelet finds it at one moment (upstream `kubelet_pods.go` generateAPIPodStatus). */
import type { ContainerStatus, PodPhase } from '../api/pod-status.ts';
import type { StatusLists } from './container-statuses.ts';
import { kept } from './container-statuses.ts';
import type { ContainerTable } from './container-table.ts';
import { isSidecar, podPhase } from './pod-phase.ts';
import { hasRestartAllRule, restartsAll } from './pod-plan.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodReport, ReportInputs, RowNews } from './report-types.ts';

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
  const isTold = isTerminated && hasReason && (isOverruled || end.isToldOfSuccess === true);
  // An eviction is written over a status that is made as ever (upstream podStatusFn): its containers are what they were.
  const isAsEver = isOverruled && end.isLasting !== true && !isTerminated;
  return {
    phase: computedPhase,
    isHeldBack: isOver && !isTerminated,
    reason: isTold ? end.reason : '',
    message: isTold ? end.message : '',
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
