/** What becomes of pods when their machine or their kubelet is gone, and when a kubelet finds them that has just begun. */
import type { ContainerExits } from './container-exit.ts';
import type { ContainerStarter } from './container-start.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodOrders } from './pod-orders.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';

/** Breaks off what is going on about pods, and takes it up again. */
export class PodInterruptions {
  private readonly workers: PodWorkers;
  private readonly exits: ContainerExits;
  private readonly starter: ContainerStarter;
  private readonly prober: Prober;
  private readonly orders: PodOrders;
  private readonly forget: (worker: PodWorker) => void;

  /** @param forget drops what was going on about a pod. */
  constructor(
    workers: PodWorkers,
    exits: ContainerExits,
    starter: ContainerStarter,
    prober: Prober,
    orders: PodOrders,
    forget: (worker: PodWorker) => void,
  ) {
    this.workers = workers;
    this.exits = exits;
    this.starter = starter;
    this.prober = prober;
    this.orders = orders;
    this.forget = forget;
  }

  /** A pod that ran before time began: its containers run on without having been started. */
  adopt(worker: PodWorker): void {
    const { table } = this.workers;
    const { status } = this.workers.podOf(worker);
    worker.sandboxSince = worker.seenSince;
    worker.address = status.podIP >= 0 ? status.podIP : worker.node.nextAddress();
    worker.set(WorkerFlag.initialized | WorkerFlag.mounted);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const isInit = row < worker.firstRow + worker.initCount;
      const index = row - worker.firstRow - (isInit ? 0 : worker.initCount);
      const known = (isInit ? status.initContainerStatuses : status.containerStatuses)[index];
      table.restartCount[row] = known?.restartCount ?? 0;
      table.setLastState(row, known?.lastState);
      if (isInit && !isSidecar(worker.container(row))) {
        table.stage[row] = Stage.exited;
        table.state[row] = known?.state;
      } else this.starter.adopt(worker, row, known?.ready ?? false);
    }
    this.workers.reports.publish(worker, this.workers.engine.now);
    this.prober.instances.shown(worker);
    this.workers.proceed(worker);
  }

  /** Power is gone: the containers are gone too, and nobody is told. */
  lose(worker: PodWorker): void {
    if (worker.has(WorkerFlag.finished)) return this.workers.wakes.arm(worker);
    this.abandon(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.workers.table.has(row, ContainerFlag.hasRun)) worker.set(WorkerFlag.lost);
      this.exits.lose(worker, row);
    }
    worker.sandboxSince = -1;
    worker.clear(
      WorkerFlag.initialized | WorkerFlag.stopping | WorkerFlag.mounted | WorkerFlag.sandboxStopped | WorkerFlag.again,
    );
    this.workers.wakes.arm(worker);
  }

  /** The kubelet is gone: what it was doing is broken off, the containers run on. */
  abandon(worker: PodWorker): void {
    const { table } = this.workers;
    this.forget(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      table.reasons.delete(row);
      table.set(row, ContainerFlag.planned | ContainerFlag.condemned, false);
    }
    worker.clear(WorkerFlag.stopping);
    worker.set(WorkerFlag.needsReport | WorkerFlag.pending);
    this.workers.wakes.arm(worker);
  }

  /** A kubelet is there again: it sees what has happened meanwhile and goes on. */
  resume(worker: PodWorker): void {
    if (worker.has(WorkerFlag.lost)) {
      worker.clear(WorkerFlag.lost);
      if (worker.spec.restartPolicy === 'Never') {
        worker.set(WorkerFlag.initialized);
        this.orders.terminate(worker, worker.spec.terminationGracePeriodSeconds);
      }
    }
    if (worker.has(WorkerFlag.pending)) {
      worker.freshAt = this.workers.engine.now;
      this.prober.instances.begin(worker);
    }
    this.workers.proceed(worker);
  }
}
