/** How containers get their images (upstream `pkg/kubelet/images/image_manager.go`). */
import type { ImagePuller, Pull, PullListener } from './image-pull.ts';
import { tooManyPulls } from './image-pull.ts';
import { imageKey, imageProblem } from './images.ts';
import { presentMessage, pulledMessage } from './kubelet-events.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { BackoffEntry } from './restart-backoff.ts';
import { afterRestart } from './restart-backoff.ts';
import type { SyncRun } from './sync-run.ts';
import { SyncStep } from './sync-run.ts';

/** Why an image cannot be had now: reason and message of the state, and the text of the event. */
export interface ImageRefusal {
  readonly reason: string;
  readonly message: string;
  readonly event: string;
}

interface PullBackoff {
  readonly entry: BackoffEntry;
  readonly error: string;
}

/** Image pulls of containers, with their back-off by pod and image. */
export class ContainerImages implements PullListener {
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  /** By pod and image; only of those whose pull failed. */
  private readonly backoffs = new Map<PodWorker, Map<string, PullBackoff>>();
  /** How the pull ended that a sync waits for. */
  private readonly ended = new Map<PodWorker, Pull>();
  private puller: ImagePuller | undefined;

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
  }

  /** Given once, after the puller was made with this listener. */
  set imagePuller(puller: ImagePuller) {
    this.puller = puller;
  }

  /** Whether a container can be created without asking the registry or anybody else. */
  isPresent(worker: PodWorker, row: number): boolean {
    const { image, imagePullPolicy } = worker.container(row);
    return imagePullPolicy !== 'Always' && worker.node.images.has(imageKey(image));
  }

  addPresent(worker: PodWorker, row: number): void {
    worker.node.images.add(imageKey(worker.container(row).image));
  }

  /** Begins to get the image: it is there, or the sync waits for a pull, or it is refused. */
  begin(worker: PodWorker, run: SyncRun, row: number): ImageRefusal | undefined {
    const { image, imagePullPolicy } = worker.container(row);
    const problem = imageProblem(image);
    if (problem !== undefined) return this.invalid(worker, row, image, problem);
    if (this.isPresent(worker, row)) {
      this.tellPresent(worker, row);
      return undefined;
    }
    if (imagePullPolicy === 'Never') return this.never(worker, row, image);
    const backoff = this.backoffs.get(worker)?.get(image);
    const { now } = this.workers.engine;
    if (backoff !== undefined && now - backoff.entry.updatedAt < backoff.entry.delayUs) {
      return this.backedOff(worker, row, image, backoff.error);
    }
    this.tell(worker, row, 'Normal', 'Pulling', `Pulling image "${image}"`);
    const key = imageKey(image);
    run.step = SyncStep.pull;
    run.since = now;
    run.dueAt = Infinity;
    const owner = { workerId: worker.id, row, entity: this.workers.scripted.entity(worker, row) };
    this.puller!.request(worker.node, owner, key, worker.node.images.has(key));
    return undefined;
  }

  tellPresent(worker: PodWorker, row: number): void {
    if (!this.events.areWanted) return;
    this.tell(worker, row, 'Normal', 'Pulled', presentMessage(worker.container(row).image));
  }

  /** The pull that a sync waited for is over; undefined = the image is there. */
  pullOver(worker: PodWorker, row: number): ImageRefusal | undefined {
    const pull = this.ended.get(worker)!;
    this.ended.delete(worker);
    const { image } = worker.container(row);
    const { engine, settings } = this.workers;
    if (pull.failure !== tooManyPulls) {
      this.workers.tellCall(worker, -1, 'PullImage', `${image}\n${pull.failure}`, 0, pull.startedAt);
    }
    if (pull.failure === '') {
      this.workers.tellOnce(worker, WorkerFlag.toldPulled, 'pulled', engine.now);
      const sizeBytes = settings.pulls.sizes.of(pull.image);
      const tookUs = engine.now - pull.startedAt;
      if (this.events.areWanted) {
        this.tell(worker, row, 'Normal', 'Pulled', pulledMessage(image, tookUs, engine.now - pull.queuedAt, sizeBytes));
      }
      return undefined;
    }
    this.tell(worker, row, 'Warning', 'Failed', `Failed to pull image "${image}": ${pull.failure}`);
    this.noteFailure(worker, image, pull.failure);
    return { reason: 'ErrImagePull', message: pull.failure, event: 'Error: ErrImagePull' };
  }

  pullStarted(pull: Pull): void {
    const worker = this.workers.index.byId(pull.owner.workerId)!;
    this.workers.tellOnce(worker, WorkerFlag.toldPullStarted, 'pull_started', this.workers.engine.now);
  }

  pullEnded(pull: Pull): void {
    const worker = this.workers.index.byId(pull.owner.workerId);
    const run = worker === undefined ? undefined : this.workers.runs.get(worker);
    if (worker === undefined || run?.step !== SyncStep.pull || run.row !== pull.owner.row) return;
    this.ended.set(worker, pull);
    run.dueAt = this.workers.engine.now;
    this.workers.proceed(worker);
  }

  /** The kubelet has lost what it knew of this pod. */
  forget(worker: PodWorker): void {
    this.backoffs.delete(worker);
    this.ended.delete(worker);
  }

  private noteFailure(worker: PodWorker, image: string, error: string): void {
    const { engine, settings } = this.workers;
    let images = this.backoffs.get(worker);
    if (images === undefined) this.backoffs.set(worker, (images = new Map()));
    const entry = afterRestart(images.get(image)?.entry, engine.now, settings.pullBackoff);
    images.set(image, { entry, error });
  }

  private invalid(worker: PodWorker, row: number, image: string, problem: string): ImageRefusal {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${problem}`;
    this.tell(worker, row, 'Warning', 'InspectFailed', message);
    return { reason: 'InvalidImageName', message, event: 'Error: InvalidImageName' };
  }

  private never(worker: PodWorker, row: number, image: string): ImageRefusal {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    this.tell(worker, row, 'Warning', 'ErrImageNeverPull', message);
    return { reason: 'ErrImageNeverPull', message, event: 'Error: ErrImageNeverPull' };
  }

  private backedOff(worker: PodWorker, row: number, image: string, error: string): ImageRefusal {
    const message = `Back-off pulling image "${image}"`;
    this.tell(worker, row, 'Normal', 'BackOff', message);
    return {
      reason: 'ImagePullBackOff',
      message: `${message}: ErrImagePull: ${error}`,
      event: 'Error: ImagePullBackOff',
    };
  }

  private tell(worker: PodWorker, row: number, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (!this.events.areWanted) return;
    const { name } = worker.container(row);
    this.events.pod(this.workers.podOf(worker), type, reason, message, name);
  }
}
