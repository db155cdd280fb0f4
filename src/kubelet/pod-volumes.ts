/** Volumes of pods: the wait for them, and those that cannot be mounted (upstream `pkg/kubelet/volumemanager`). */
import type { Volume } from '../api/core-v1.ts';
import { upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { SyncRun } from './sync-run.ts';
import { SyncStep } from './sync-run.ts';

/** Tries to mount what cannot be mounted. Times in microseconds. */
interface MountRetry {
  at: number;
  delayUs: number;
}

/** Mounts volumes. */
export class PodVolumes {
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  private readonly retries = new Map<PodWorker, MountRetry>();

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
  }

  /** Begins the wait for the volumes that containers mount; true when there is nothing to wait for. */
  begin(worker: PodWorker, run: SyncRun): boolean {
    if (worker.spec.volumes.length === 0 || worker.has(WorkerFlag.mounted)) return true;
    const mounted = mountedVolumes(worker);
    if (mounted.length === 0) return true;
    const { engine } = this.workers;
    run.step = SyncStep.volumes;
    const isMissing = this.missing(worker).length > 0;
    run.dueAt = engine.now + (isMissing ? upstream.volumeTimeoutUs : upstream.volumeWaitUs);
    if (isMissing && !this.retries.has(worker)) {
      this.retries.set(worker, { at: engine.now + upstream.firstMountUs, delayUs: upstream.mountRetryUs });
    }
    return false;
  }

  /** The wait is over; false when it was in vain. */
  over(worker: PodWorker, run: SyncRun): boolean {
    if (this.missing(worker).length === 0) {
      worker.set(WorkerFlag.mounted);
      return true;
    }
    run.hasError = true;
    run.isBroken = true;
    return false;
  }

  /** Mounts that fail again now. */
  attend(worker: PodWorker): void {
    if (this.retries.size === 0) return;
    const retry = this.retries.get(worker);
    const { now } = this.workers.engine;
    if (retry === undefined || retry.at > now) return;
    for (const volume of this.missing(worker)) this.tell(worker, volume);
    retry.at = now + retry.delayUs;
    retry.delayUs = Math.min(2 * retry.delayUs, upstream.mountRetryMaxUs);
  }

  nextAt(worker: PodWorker): number {
    return this.retries.size === 0 ? Infinity : (this.retries.get(worker)?.at ?? Infinity);
  }

  forget(worker: PodWorker): void {
    this.retries.delete(worker);
  }

  /** Mounted volumes whose ConfigMap or Secret does not exist. */
  private missing(worker: PodWorker): readonly Volume[] {
    const { script } = worker.behavior;
    if (script === undefined) return [];
    return mountedVolumes(worker).filter((volume) => {
      const name = sourceName(volume);
      return name !== undefined && script.isMissing(name);
    });
  }

  private tell(worker: PodWorker, volume: Volume): void {
    if (!this.events.areWanted) return;
    const what = volume.source === 'secret' ? 'secret' : 'configmap';
    const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${what} "${sourceName(volume)}" not found`;
    this.events.pod(this.workers.podOf(worker), 'Warning', 'FailedMount', message);
  }
}

/** Volumes that no container mounts are not waited for. */
function mountedVolumes({ spec }: PodWorker): readonly Volume[] {
  const containers = [...spec.initContainers, ...spec.containers];
  return spec.volumes.filter(({ name }) =>
    containers.some(({ volumeMounts }) => volumeMounts?.includes(name) === true),
  );
}

function sourceName({ source, raw }: Volume): string | undefined {
  const fields = raw as
    { readonly name?: string; readonly secretName?: string; readonly optional?: boolean } | undefined;
  if (fields === undefined || fields.optional === true) return undefined;
  if (source === 'configMap') return fields.name;
  return source === 'secret' ? fields.secretName : undefined;
}
