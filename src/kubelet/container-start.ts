/** How one container comes to run: image, creation, start, and the probes that follow (upstream `kuberuntime_container.go` startContainer). */
import type { Container } from '../api/core-v1.ts';
import type { ContainerExits } from './container-exit.ts';
import { RunningStates, waitingState } from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import { upstream } from './defaults.ts';
import type { ImagePuller, Pull, PullListener } from './image-pull.ts';
import { imageKey } from './images.ts';
import { presentMessage, pulledMessage } from './kubelet-events.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { readyTime, startupOutcome } from './probe-times.ts';
import type { BackoffEntry } from './restart-backoff.ts';
import { afterRestart } from './restart-backoff.ts';

/** Brings containers to run, one step at a time. */
export class ContainerStarter implements PullListener {
  private readonly workers: PodWorkers;
  private readonly exits: ContainerExits;
  private readonly events: KubeletEvents;
  private readonly running = new RunningStates();
  /** Image back-off by row; only of containers whose pull failed. */
  private readonly pullBackoffs = new Map<number, BackoffEntry>();
  private puller: ImagePuller | undefined;

  constructor(workers: PodWorkers, exits: ContainerExits, events: KubeletEvents) {
    this.workers = workers;
    this.exits = exits;
    this.events = events;
  }

  /** Given once, after the puller was made with this listener. */
  set imagePuller(puller: ImagePuller) {
    this.puller = puller;
  }

  /** Whether the container can be created without asking the registry or anybody else. */
  needsNoPull(worker: PodWorker, row: number): boolean {
    const { image, imagePullPolicy } = this.workers.container(worker, row);
    return imagePullPolicy !== 'Always' && worker.node.images.has(imageKey(image));
  }

  /** The first step of a start: the image. `from` is when the sandbox is ready; later than now only where no pull is needed. */
  begin(worker: PodWorker, row: number, from = this.workers.engine.now): void {
    const { table } = this.workers;
    const { image, imagePullPolicy } = this.workers.container(worker, row);
    if (table.has(row, ContainerFlag.hasRun)) this.exits.noteRestart(row);
    if (this.needsNoPull(worker, row)) {
      if (this.events.areWanted) this.tell(worker, 'Normal', 'Pulled', presentMessage(image));
      this.create(worker, row, from);
    } else if (imagePullPolicy === 'Never') this.block(worker, row, image);
    else {
      table.stage[row] = Stage.pulling;
      if (this.events.areWanted) this.tell(worker, 'Normal', 'Pulling', `Pulling image "${image}"`);
      const key = imageKey(image);
      const owner = { workerId: worker.id, row, entity: this.workers.entity(worker, row) };
      this.puller!.request(worker.node, owner, key, worker.node.images.has(key));
    }
  }

  /** Creates and starts from `from` on; the sandbox is made until then, where that is in the future. */
  create(worker: PodWorker, row: number, from: number): void {
    const { table, engine } = this.workers;
    table.since[row] = from;
    const startsAt = from + this.workers.duration(worker.behavior.startDuration, worker, row);
    table.stage[row] = Stage.starting;
    table.dueAt[row] = startsAt;
    if (startsAt <= engine.now) this.started(worker, row);
  }

  /** The container runs from now on. */
  started(worker: PodWorker, row: number): void {
    const { table, engine, server } = this.workers;
    if (table.has(row, ContainerFlag.hasRun)) {
      table.restartCount[row] = table.restartCount[row]! + 1;
      if (table.state[row]!.phase === 'terminated') table.setLastState(row, table.state[row]);
    }
    table.set(row, ContainerFlag.hasRun, true);
    table.stage[row] = Stage.running;
    table.since[row] = engine.now;
    table.state[row] = this.running.since(server.nowSeconds);
    this.setExit(worker, row);
    this.setProbes(worker, row, this.workers.container(worker, row));
    this.tellStarted(worker, row);
    this.workers.note(worker);
  }

  /** A container that runs already; a ready one stays so. */
  adopt(worker: PodWorker, row: number, isReady: boolean): void {
    const { table } = this.workers;
    worker.node.images.add(imageKey(this.workers.container(worker, row).image));
    this.started(worker, row);
    if (!isReady) return;
    table.setProbeAt(row, Infinity);
    table.set(row, ContainerFlag.started, true);
    table.set(row, ContainerFlag.ready, true);
  }

  /** Takes note of a probe that changes what it says now; false when the container has to be stopped for it. */
  probeChanged(worker: PodWorker, row: number): boolean {
    const { table, engine } = this.workers;
    table.setProbeAt(row, Infinity);
    if (table.has(row, ContainerFlag.startupFails)) return false;
    if (table.has(row, ContainerFlag.started)) table.set(row, ContainerFlag.ready, true);
    else {
      table.set(row, ContainerFlag.started, true);
      const container = this.workers.container(worker, row);
      this.setReadiness(row, container, engine.now, this.answersFrom(worker, row));
    }
    this.workers.note(worker);
    return true;
  }

  /** The wait after a failed pull: first it is seen as a back-off, then it is over. */
  pullWaitOver(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    const state = table.state[row]!;
    if (state.reason === 'ImagePullBackOff') {
      table.stage[row] = Stage.waiting;
      table.dueAt[row] = Infinity;
      return;
    }
    const { image } = this.workers.container(worker, row);
    const entry = this.pullBackoffs.get(row)!;
    table.state[row] = waitingState(
      'ImagePullBackOff',
      `Back-off pulling image "${image}": ErrImagePull: ${state.message}`,
    );
    table.dueAt[row] = entry.updatedAt + entry.delayUs;
    if (this.events.areWanted) {
      this.tell(worker, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
      this.tell(worker, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    }
    this.workers.note(worker, true);
  }

  pullStarted(pull: Pull): void {
    const worker = this.workers.byId(pull.owner.workerId)!;
    this.workers.tellOnce(worker, WorkerFlag.toldPullStarted, 'pull_started', this.workers.engine.now);
  }

  pullEnded(pull: Pull): void {
    const worker = this.workers.byId(pull.owner.workerId)!;
    if (pull.failure === '') this.pulled(worker, pull);
    else this.pullFailed(worker, pull);
    this.workers.proceed(worker);
  }

  /** The kubelet has lost what it knew of this row. */
  forget(row: number): void {
    this.pullBackoffs.delete(row);
  }

  private pulled(worker: PodWorker, pull: Pull): void {
    const { engine, settings } = this.workers;
    this.workers.tellOnce(worker, WorkerFlag.toldPulled, 'pulled', engine.now);
    if (this.events.areWanted) {
      const sizeBytes = settings.pulls.sizes.of(pull.image);
      const tookUs = engine.now - pull.startedAt;
      const message = pulledMessage(pull.image, tookUs, engine.now - pull.queuedAt, sizeBytes);
      this.tell(worker, 'Normal', 'Pulled', message);
    }
    this.create(worker, pull.owner.row, engine.now);
  }

  private pullFailed(worker: PodWorker, pull: Pull): void {
    const { table, engine, settings } = this.workers;
    const { row } = pull.owner;
    const { now } = engine;
    const entry = afterRestart(this.pullBackoffs.get(row), now, settings.pullBackoff);
    this.pullBackoffs.set(row, entry);
    table.stage[row] = Stage.pullBackoff;
    table.dueAt[row] = now + Math.min(upstream.imagePullBackoffSeenUs, entry.delayUs);
    if (table.state[row]!.phase === 'terminated') table.setLastState(row, table.state[row]);
    table.state[row] = waitingState('ErrImagePull', pull.failure);
    if (this.events.areWanted) {
      this.tell(worker, 'Warning', 'Failed', `Failed to pull image "${pull.image}": ${pull.failure}`);
      this.tell(worker, 'Warning', 'Failed', 'Error: ErrImagePull');
    }
    this.workers.note(worker, true);
  }

  private block(worker: PodWorker, row: number, image: string): void {
    const { table } = this.workers;
    const message = `Container image "${image}" is not present with pull policy of Never`;
    table.stage[row] = Stage.blocked;
    table.state[row] = waitingState('ErrImageNeverPull', message);
    if (this.events.areWanted) {
      this.tell(worker, 'Warning', 'ErrImageNeverPull', message);
      this.tell(worker, 'Warning', 'Failed', 'Error: ErrImageNeverPull');
    }
    this.workers.note(worker, true);
  }

  /** When and how the container will end by itself. */
  private setExit(worker: PodWorker, row: number): void {
    const { table, engine, settings } = this.workers;
    const { behavior } = worker;
    let runUs = Infinity;
    table.exitCode[row] = behavior.exitCode;
    if (row >= worker.firstRow + worker.initCount) {
      if (behavior.runDuration !== undefined) runUs = this.workers.duration(behavior.runDuration, worker, row);
      const crashUs =
        behavior.crashInterval === undefined ? Infinity : this.workers.duration(behavior.crashInterval, worker, row);
      if (crashUs < runUs) table.exitCode[row] = behavior.crashExitCode;
      runUs = Math.min(runUs, crashUs);
    } else if (!isSidecar(this.workers.container(worker, row))) {
      table.exitCode[row] = 0;
      runUs = this.workers.duration(settings.initDuration, worker, row);
    }
    table.dueAt[row] = engine.now + runUs;
  }

  private setProbes(worker: PodWorker, row: number, container: Container): void {
    const { table, engine } = this.workers;
    table.setProbeAt(row, Infinity);
    const isRegularInit = row < worker.firstRow + worker.initCount && !isSidecar(container);
    if (isRegularInit) return;
    const answersFrom = this.answersFrom(worker, row);
    if (container.startupProbe !== undefined) {
      const outcome = startupOutcome(container.startupProbe, engine.now, answersFrom);
      table.setProbeAt(row, outcome.at);
      table.set(row, ContainerFlag.startupFails, !outcome.succeeded);
      return;
    }
    table.set(row, ContainerFlag.started, true);
    this.setReadiness(row, container, engine.now, answersFrom);
  }

  /** Ready now or at `probeAt`; without a probe a container is ready as soon as its behaviour says that it answers. */
  private setReadiness(row: number, { readinessProbe }: Container, attemptsFrom: number, answersFrom: number): void {
    const { table, engine } = this.workers;
    const readyAt =
      readinessProbe === undefined
        ? answersFrom
        : readyTime(readinessProbe, table.since[row]!, attemptsFrom, answersFrom);
    if (readyAt <= engine.now) table.set(row, ContainerFlag.ready, true);
    else table.setProbeAt(row, readyAt);
  }

  private answersFrom(worker: PodWorker, row: number): number {
    const startedAt = this.workers.table.since[row]!;
    const { readyAfter } = worker.behavior;
    if (readyAfter === undefined || row < worker.firstRow + worker.initCount) return startedAt;
    return startedAt + this.workers.duration(readyAfter, worker, row);
  }

  private tellStarted(worker: PodWorker, row: number): void {
    const { table, recorder } = this.workers;
    if (this.events.areWanted) {
      this.tell(worker, 'Normal', 'Created', 'Container created');
      this.tell(worker, 'Normal', 'Started', 'Container started');
    }
    const firstMain = worker.firstRow + worker.initCount;
    if (row < firstMain) return;
    recorder.containerStarted(this.workers.podOf(worker), row - firstMain, table.restartCount[row]!);
    for (let other = firstMain; other < worker.firstRow + worker.rowCount; other++) {
      if (!table.has(other, ContainerFlag.hasRun)) return;
    }
    this.workers.tellOnce(worker, WorkerFlag.toldStarted, 'started', this.workers.engine.now);
  }

  private tell(worker: PodWorker, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.events.pod(this.workers.podOf(worker), type, reason, message);
  }
}
