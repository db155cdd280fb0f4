/**
 * Carries out a preemption beside the scheduling loop (`ps/framework/preemption/executor.go`, gate SchedulerAsyncPreemption on):
 * nominations of lower priority go, then all victims but one at the same time, then the last one.
 */
import type { Pod } from '../../api/core-v1.ts';
import type { Uid } from '../../api/meta-v1.ts';
import type { ApiResponse } from '../../apiserver/requests.ts';
import { isSuccess } from '../../apiserver/requests.ts';
import { SECOND } from '../../engine/time.ts';
import type { Handle } from '../framework/handle.ts';
import { clearNominationRequest, deleteVictimRequest, disruptionRequest } from './preemption-requests.ts';
import type { Candidate } from './select-victims.ts';

/** How the eviction of one victim ended; in memory means that it was not bound yet. */
type Eviction = 'requested' | 'in-memory' | 'failed';

/** All preemptions of one profile that are under way. */
export class PreemptionExecutor {
  private readonly handle: Handle;
  /** By preemptor: its last victim, once that one's turn has come. */
  private readonly underWay = new Map<Uid, Pod | undefined>();

  constructor(handle: Handle) {
    this.handle = handle;
  }

  /** Whether a preemption for the pod still has requests to send or to hear of. */
  isUnderWay(preemptor: Uid): boolean {
    if (!this.underWay.has(preemptor)) return false;
    const last = this.underWay.get(preemptor);
    if (last === undefined) return true;
    const { namespace, name } = last.metadata;
    const current = this.handle.cluster.get('Pod', namespace, name);
    return current !== undefined && current.metadata.deletionTimestamp === undefined;
  }

  /** Begins; victims that are terminating already need nothing more. */
  start(preemptor: Pod, candidate: Candidate): void {
    const victims = candidate.victims.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (victims.length === 0) return;
    this.underWay.set(preemptor.metadata.uid, undefined);
    new Preemption(this.handle, preemptor, candidate.node.name).run(victims, {
      lastBegins: (victim) => this.underWay.set(preemptor.metadata.uid, victim),
      ended: (needsRetry) => this.end(preemptor, needsRetry),
    });
  }

  /** A victim's deletion wakes the preemptor later; where none will come, it must be woken now. */
  private end(preemptor: Pod, needsRetry: boolean): void {
    this.underWay.delete(preemptor.metadata.uid);
    if (needsRetry) this.handle.activate([preemptor]);
  }
}

interface Progress {
  lastBegins(victim: Pod): void;
  ended(needsRetry: boolean): void;
}

/** One preemption. */
class Preemption {
  private readonly handle: Handle;
  private readonly preemptor: Pod;
  private readonly nodeName: string;
  private hasFailed = false;

  constructor(handle: Handle, preemptor: Pod, nodeName: string) {
    this.handle = handle;
    this.preemptor = preemptor;
    this.nodeName = nodeName;
  }

  run(victims: readonly Pod[], progress: Progress): void {
    const first = victims.slice(0, -1);
    const last = victims.at(-1)!;
    this.clearNominations(() =>
      this.evictAll(first, (areGone) => {
        if (!areGone) return progress.ended(true);
        progress.lastBegins(last);
        this.evict(last, (eviction) => progress.ended(this.hasFailed || eviction !== 'requested'));
      }),
    );
  }

  /** Pods of lower priority that count on the node may not fit any more. A failure is not critical. */
  private clearNominations(done: () => void): void {
    const { priority } = this.preemptor.spec;
    const lower = this.handle.nominator.nominatedPods(this.nodeName).filter(({ pod }) => pod.spec.priority < priority);
    const next = (at: number): void => {
      const entry = lower[at];
      if (entry === undefined) return done();
      this.handle.send(clearNominationRequest(entry.pod), (response) => {
        if (!isSuccess(response)) this.hasFailed = true;
        next(at + 1);
      });
    };
    next(0);
  }

  private evictAll(victims: readonly Pod[], done: (areGone: boolean) => void): void {
    let pending = victims.length;
    let areGone = true;
    if (pending === 0) return done(true);
    for (const victim of victims) {
      this.evict(victim, (eviction) => {
        if (eviction === 'failed') areGone = false;
        if (--pending === 0) done(areGone);
      });
    }
  }

  private evict(victim: Pod, done: (eviction: Eviction) => void): void {
    if (this.stopBinding(victim)) {
      this.tell(victim, ' (in kube-scheduler memory).');
      return done('in-memory');
    }
    const { schedulerName } = this.preemptor.spec;
    const now = Math.floor(this.handle.now / SECOND);
    this.handle.send(disruptionRequest(victim, schedulerName, now), (marked) => {
      if (!isSuccess(marked)) return done(evictionAfter(marked));
      this.handle.send(deleteVictimRequest(victim), (deleted) => {
        if (isSuccess(deleted)) this.tell(victim, '');
        done(evictionAfter(deleted));
      });
    });
  }

  /** Sends a victim that is not bound yet back to the queue, where it waits on Permit or is in PreBind; whether it was. */
  private stopBinding({ metadata: { uid } }: Pod): boolean {
    const waiting = this.handle.waitingPod(uid);
    waiting?.abort('preempted');
    return waiting !== undefined || this.handle.cancelPreBind(uid, 'preempted by DefaultPreemption');
  }

  private tell({ metadata: { namespace, name } }: Pod, suffix: string): void {
    const message = `Preempted by pod ${this.preemptor.metadata.uid} on node ${this.nodeName}${suffix}`;
    this.handle.kubeEvent({ type: 'Normal', reason: 'Preempted', message, involvedKind: 'Pod', namespace, name });
  }
}

/** A victim that is gone already is as good as deleted. */
function evictionAfter(response: ApiResponse): Eviction {
  return isSuccess(response) || response.code === 'NotFound' ? 'requested' : 'failed';
}
