/** Who leads a component of the control plane, and when another process takes over (client-go `tools/leaderelection`). */
import type { Engine, EventId, HandlerId } from '../engine/engine.ts';
import type { RandomSource } from '../engine/random-source.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Recorder } from '../record/recorder.ts';
import type { ComponentReplicas } from './fault.ts';

/** `leaseDuration`: a candidate waits so long after the last change of the lease that it has seen. */
export const leaseUs = 15 * SECOND;
/** `renewDeadline`: so long a renewal may fail before the leader ends itself. */
const renewDeadlineUs = 10 * SECOND;
/** So long a leader waits for the answer to a renewal (`resourcelock.NewFromKubeconfig`: half of the deadline). */
export const renewTimeoutUs = renewDeadlineUs / 2;
/** `retryPeriod`: the leader renews so often, a candidate looks that often or up to 1.2 periods later (JitterFactor). */
const retryUs = 2 * SECOND;
const retryJitter = 1.2;

/** Payload of the event at which a leader gives up; any other is a take-over. */
const givesUp = 1;

/** A component whose process can be ended and begun: begun, it knows nothing but what it lists. */
export interface ElectedProcess {
  stop(): void;
  start(): void;
}

/** From the end of the leader to the take-over by one candidate that stands by, microseconds: 13 to 23.8 s. */
export function takeOverDelay(random: RandomSource): number {
  const renewedAgo = random.double() * retryUs;
  // The candidate sees the last renewal with its first look after it.
  const firstLook = random.double() * gap(random);
  return Math.max(0, Math.round(firstLook + freeAfter(random) - renewedAgo));
}

/** From the start of a process that finds the lease of another one to its take-over, microseconds: 15 to 19.4 s. */
export function acquireDelay(random: RandomSource): number {
  return Math.round(freeAfter(random));
}

function gap(random: RandomSource): number {
  return retryUs * (1 + retryJitter * random.double());
}

/** From the look that saw the last change to the first one that finds the lease free. */
function freeAfter(random: RandomSource): number {
  let us = 0;
  while (us <= leaseUs) us += gap(random);
  return us;
}

/** The processes of one component: which of them are alive, and whether one leads. */
export class LeaderElection {
  private readonly name: string;
  private readonly engine: Engine;
  private readonly process: ElectedProcess;
  private readonly recorder: Recorder;
  private readonly handler: HandlerId;
  private alive: number | undefined;
  private hasLeader = true;
  private takeOver: EventId | undefined;
  private elections = 0;
  private outages = 0;
  private isReachable = true;
  /** The leader's last renewal before the API server was out of reach, and the time at which it gives up. */
  private renewedAt = 0;
  private deadline: EventId | undefined;
  /** Who is to take over has not seen the lease before: it has to watch it for its whole duration. */
  private isNew = false;

  constructor(name: string, engine: Engine, process: ElectedProcess, recorder: Recorder) {
    this.name = name;
    this.engine = engine;
    this.process = process;
    this.recorder = recorder;
    this.handler = engine.register({
      name: `faults/election/${name}`,
      phase: EventPhase.input,
      handle: (payload) => (payload === givesUp ? this.onDeadline() : this.onTakeOver()),
    });
  }

  /** One process is gone: the leader, or where there is none one that stands by. */
  lose({ replicas }: ComponentReplicas): void {
    this.alive = Math.max(0, (this.alive ?? replicas) - 1);
    if (this.hasLeader) {
      this.dethrone();
      this.isNew = false;
      if (this.alive > 0) this.arm(this.soonest(this.alive));
    } else if (this.alive === 0) this.disarm();
  }

  /**
   * The API server can be written to or not. The leader renews every two seconds, and tries again for ten from the renewal on that
   * should have come next; then its process ends. Nobody takes over before the API server answers again.
   */
  reach(isReachable: boolean): void {
    this.isReachable = isReachable;
    const { now } = this.engine;
    if (!isReachable) {
      if (!this.hasLeader || this.deadline !== undefined) return;
      this.renewedAt = now - Math.round(this.random(`renewal/${this.outages++}`).double() * retryUs);
      this.deadline = this.engine.at(this.renewedAt + retryUs + renewDeadlineUs, this.handler, givesUp);
    } else if (this.deadline !== undefined) {
      // The last try comes ten seconds after the last renewal.
      if (now <= this.renewedAt + renewDeadlineUs) this.spare();
    } else if (!this.hasLeader && this.takeOver === undefined && this.alive !== 0) this.arm(this.afterOutage());
  }

  /** One process is there again; where nobody leads or is about to, it waits for the lease and takes over. */
  regain({ leaderElect }: ComponentReplicas): void {
    this.alive = (this.alive ?? 0) + 1;
    if (this.hasLeader || this.takeOver !== undefined) return;
    this.elections++;
    this.isNew = true;
    this.arm(leaderElect ? acquireDelay(this.random('restarted')) : 0);
  }

  private dethrone(): void {
    this.spare();
    this.hasLeader = false;
    this.process.stop();
    this.recorder.leaderChanged(this.name, 'none');
    this.elections++;
  }

  private spare(): void {
    if (this.deadline !== undefined) this.engine.cancel(this.deadline);
    this.deadline = undefined;
  }

  /** The process ends and is begun again, as one more candidate. */
  private onDeadline(): void {
    this.deadline = undefined;
    this.dethrone();
    this.isNew = (this.alive ?? 1) <= 1;
    if (this.isReachable) this.arm(this.afterOutage());
  }

  /** From the first answer on: a look, and the duration of the lease for who has never seen it; the others have seen it run out. */
  private afterOutage(): number {
    const random = this.random('outage');
    const look = random.double() * gap(random);
    if (this.isNew) return Math.round(look + freeAfter(random));
    return Math.round(look + Math.max(0, this.renewedAt + leaseUs - this.engine.now));
  }

  /** Of those that stand by the first one to find the lease free. */
  private soonest(candidates: number): number {
    let delay = Infinity;
    for (let at = 0; at < candidates; at++) delay = Math.min(delay, takeOverDelay(this.random(String(at))));
    return delay;
  }

  private random(candidate: string): RandomSource {
    return this.engine.entityRandom('faults/election', `${this.name}/${this.elections}/${candidate}`);
  }

  private arm(delayUs: number): void {
    this.takeOver = this.engine.after(delayUs, this.handler, 0);
  }

  private disarm(): void {
    if (this.takeOver !== undefined) this.engine.cancel(this.takeOver);
    this.takeOver = undefined;
  }

  private onTakeOver(): void {
    this.takeOver = undefined;
    if (!this.isReachable) return;
    this.hasLeader = true;
    this.recorder.leaderChanged(this.name, this.isNew ? 'restarted' : 'standby');
    this.process.start();
  }
}
