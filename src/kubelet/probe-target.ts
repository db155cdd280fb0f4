/** What probes find in a container: what its script or its behaviour answers, and when that changes. */
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { ContainerFlag } from './container-table.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { ProbeAnswer, ProbeKind, ProbeTarget } from './probe-worker.ts';
import { answerOf, nextAnswerChange } from './scripts.ts';

/** From the mark of a probe at which a container is started to the first moment of its process (recorded: 1 to 60 ms), microseconds. */
const processDelayUs = 5 * MILLISECOND;

/** Code of an attempt that took longer than its timeout. */
export const timedOut = -2;

/** Containers as their probes see them. */
export class ProbeTargets {
  private readonly workers: PodWorkers;

  constructor(workers: PodWorkers) {
    this.workers = workers;
  }

  /** The container of a row as it is now. */
  of(worker: PodWorker, row: number): ProbeTarget {
    const { table } = this.workers;
    const startedAt = table.since[row]!;
    const answers = worker.script(row)?.answers;
    const attempt = table.attempt(row);
    const answersFrom = this.answersFrom(worker, row);
    // The process comes a little after the mark of the sync that starts it; readiness is asked for after that.
    const ageOf = (kind: ProbeKind, time: number): number =>
      Math.max(0, time - startedAt - (kind === 'readiness' ? 0 : processDelayUs));
    const isStarted = table.has(row, ContainerFlag.started);
    const hang = table.hangs.size === 0 ? undefined : table.hangs.get(row);
    if (hang?.isHung === true) return hungTarget(startedAt, isStarted, hang.changedAt);
    return {
      startedAt,
      isStarted,
      ask: (kind, { command = '', timeoutSeconds }, time) => {
        if (answers === undefined) return plainAnswer(kind === 'liveness' || time >= answersFrom);
        const { code, took } = answerOf(answers, command, ageOf(kind, time), attempt) ?? { code: 0, took: 0 };
        const timeoutUs = timeoutSeconds * SECOND;
        if (took > timeoutUs) return { isSuccess: false, code: timedOut, took: timeoutUs };
        return { isSuccess: code === 0, code, took };
      },
      nextChange: (kind, { command = '' }, time) => {
        if (hang !== undefined && time <= hang.changedAt) return hang.changedAt;
        if (answers !== undefined)
          return time - ageOf(kind, time) + nextAnswerChange(answers, command, ageOf(kind, time));
        return kind !== 'liveness' && time < answersFrom ? answersFrom : Infinity;
      },
    };
  }

  /** From when on a container without a script answers well. */
  answersFrom(worker: PodWorker, row: number): number {
    const startedAt = this.workers.table.since[row]!;
    const { readyAfter } = worker.behavior;
    if (readyAfter === undefined || row < worker.firstRow + worker.initCount) return startedAt;
    return startedAt + this.workers.scripted.duration(readyAfter, worker, row);
  }
}

/** A container that answers nothing: each attempt runs into its timeout. */
function hungTarget(startedAt: number, isStarted: boolean, since: number): ProbeTarget {
  return {
    startedAt,
    isStarted,
    ask: (_kind, { timeoutSeconds }) => ({ isSuccess: false, code: timedOut, took: timeoutSeconds * SECOND }),
    // An attempt at the very moment has been made before.
    nextChange: (_kind, _probe, time) => (time <= since ? since : Infinity),
  };
}

function plainAnswer(isSuccess: boolean): ProbeAnswer {
  return { isSuccess, code: isSuccess ? 0 : 1, took: 0 };
}
