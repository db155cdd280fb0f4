/** What a sync is to do about the containers of a pod (upstream `kuberuntime_manager.go` computePodActions). */
import type { Container, PodSpec } from '../api/core-v1.ts';
import { matchingRule, restartsAfter, retriesInit } from '../api/restart-policy.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import type { ContainerTable } from './container-table.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { SyncRun } from './sync-run.ts';

/**
 * Marks the containers that the sync stops and starts, and what else it does.
 *
 * @param seenUntil ends of containers after this moment are not known, microseconds.
 */
export function planSync(worker: PodWorker, table: ContainerTable, seenUntil: number, run: SyncRun): void {
  const { firstRow, initCount, rowCount } = worker;
  if (worker.sandboxSince < 0) {
    run.needsSandbox = true;
    if (initCount > 0) return table.set(firstRow, ContainerFlag.planned, true);
    worker.set(WorkerFlag.initialized);
    for (let row = firstRow; row < firstRow + rowCount; row++) table.set(row, ContainerFlag.planned, true);
    return;
  }
  if (restartsAll(worker, table, seenUntil)) {
    run.restartsAll = true;
    return;
  }
  if (!planInit(worker, table, seenUntil, run)) return;
  planRegular(worker, table, seenUntil, run);
}

/** Whether a container has ended as far as the kubelet knows. */
export function hasEnded(table: ContainerTable, row: number, seenUntil: number): boolean {
  return table.stage[row] === Stage.exited && table.since[row]! <= seenUntil;
}

function containerOf(worker: PodWorker, row: number): Container {
  const { spec, firstRow, initCount } = worker;
  const index = row - firstRow;
  return index < initCount ? spec.initContainers[index]! : spec.containers[index - initCount]!;
}

/** Whether a container can have the whole pod started anew. */
export function hasRestartAllRule(spec: PodSpec): boolean {
  const has = ({ restartPolicyRules }: Container): boolean =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers') === true;
  return spec.containers.some(has) || spec.initContainers.some(has);
}

/** Whether a container has ended with a code for which one of its rules starts the whole pod anew. */
export function restartsAll(worker: PodWorker, table: ContainerTable, seenUntil: number): boolean {
  for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
    if (isSource(worker, table, row, seenUntil)) return true;
  }
  return false;
}

function isSource(worker: PodWorker, table: ContainerTable, row: number, seenUntil: number): boolean {
  const container = containerOf(worker, row);
  if (container.restartPolicyRules === undefined || !hasEnded(table, row, seenUntil)) return false;
  return matchingRule(container, table.exitCode[row]!)?.action === 'RestartAllContainers';
}

/**
 * The containers that are there, in the order in which they are removed where all are started anew: those by whose rule that
 * is so come last, and init containers after the others (upstream getContainersToReset).
 */
export function rowsToReset(worker: PodWorker, table: ContainerTable, seenUntil: number): readonly number[] {
  const { firstRow, initCount, rowCount } = worker;
  const targets: number[] = [];
  const sources: number[] = [];
  for (let index = 0; index < rowCount; index++) {
    const row = firstRow + ((index + initCount) % rowCount);
    if (table.stage[row] === Stage.none) continue;
    (isSource(worker, table, row, seenUntil) ? sources : targets).push(row);
  }
  return [...targets, ...sources];
}

/**
 * Plans what the init containers need; true when the regular containers may run. Only the last init container that has begun
 * counts for what comes next: those before it are over, or sidecars that are kept running.
 */
function planInit(worker: PodWorker, table: ContainerTable, seenUntil: number, run: SyncRun): boolean {
  const { firstRow, initCount } = worker;
  let isInitialized = initCount === 0 || hasRegularBegun(worker, table);
  let hasLaterBegun = isInitialized;
  for (let row = firstRow + initCount - 1; row >= firstRow; row--) {
    const sidecar = isSidecar(containerOf(worker, row));
    if (table.stage[row] === Stage.none) {
      if (hasLaterBegun && sidecar) plan(table, row);
      continue;
    }
    if (hasLaterBegun && !sidecar) continue;
    const isDone = sidecar ? planSidecar(table, row, seenUntil) : planRegularInit(worker, table, row, seenUntil, run);
    if (run.killsPod) return false;
    if (isDone && row === firstRow + initCount - 1) isInitialized = true;
    else if (isDone && !hasLaterBegun) plan(table, row + 1);
    hasLaterBegun = true;
  }
  if (!hasLaterBegun) plan(table, firstRow);
  if (isInitialized) worker.set(WorkerFlag.initialized);
  return isInitialized;
}

function hasRegularBegun({ firstRow, initCount, rowCount }: PodWorker, table: ContainerTable): boolean {
  for (let row = firstRow + initCount; row < firstRow + rowCount; row++) {
    if (table.stage[row] !== Stage.none) return true;
  }
  return false;
}

/** A sidecar is kept running; true once it has started. */
function planSidecar(table: ContainerTable, row: number, seenUntil: number): boolean {
  if (hasEnded(table, row, seenUntil)) plan(table, row);
  else condemnIfDead(table, row, true);
  return table.has(row, ContainerFlag.started);
}

/** A regular init container is tried until it ends well, or the pod fails; true when it is over. */
function planRegularInit(
  worker: PodWorker,
  table: ContainerTable,
  row: number,
  seenUntil: number,
  run: SyncRun,
): boolean {
  if (!hasEnded(table, row, seenUntil)) return false;
  const code = table.exitCode[row]!;
  if (code === 0) return true;
  if (retriesInit(containerOf(worker, row), worker.spec, code)) plan(table, row);
  else run.killsPod = true;
  return false;
}

function planRegular(worker: PodWorker, table: ContainerTable, seenUntil: number, run: SyncRun): void {
  const { firstRow, initCount, rowCount, spec } = worker;
  let isAnythingLeft = false;
  for (let row = firstRow + initCount; row < firstRow + rowCount; row++) {
    const container = containerOf(worker, row);
    if (table.stage[row] === Stage.none) plan(table, row);
    else if (hasEnded(table, row, seenUntil)) {
      if (!restartsAfter(container, spec, table.exitCode[row]!)) continue;
      plan(table, row);
    } else {
      const isRedefined = table.has(row, ContainerFlag.redefined);
      const policy = isRedefined ? 'Always' : (container.restartPolicy ?? spec.restartPolicy);
      if (condemnIfDead(table, row, policy !== 'Never') && policy === 'Never') continue;
    }
    isAnythingLeft = true;
  }
  run.killsPod = !isAnythingLeft;
}

function plan(table: ContainerTable, row: number): void {
  table.set(row, ContainerFlag.planned, true);
}

/** Whether a probe has found the container dead, or its definition has changed: then it is stopped. */
function condemnIfDead(table: ContainerTable, row: number, isRestarted: boolean): boolean {
  const { failedLiveness, failedStartup, redefined } = ContainerFlag;
  if (!table.has(row, failedLiveness | failedStartup | redefined)) return false;
  table.set(row, ContainerFlag.condemned, true);
  if (isRestarted) plan(table, row);
  return true;
}
