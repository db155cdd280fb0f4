/** One probe of one container (upstream `pkg/kubelet/prober/worker.go`): when it asks, and what came of it. */
import type { Container, Probe } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';

/** What a probe is for. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** Whether a container has any probe. */
export function isProbed({ startupProbe, livenessProbe, readinessProbe }: Container): boolean {
  return startupProbe !== undefined || livenessProbe !== undefined || readinessProbe !== undefined;
}

/** The probes of a container. */
export function probesOf({ startupProbe, livenessProbe, readinessProbe }: Container): readonly [ProbeKind, Probe][] {
  const probes: [ProbeKind, Probe][] = [];
  if (startupProbe !== undefined) probes.push(['startup', startupProbe]);
  if (livenessProbe !== undefined) probes.push(['liveness', livenessProbe]);
  if (readinessProbe !== undefined) probes.push(['readiness', readinessProbe]);
  return probes;
}

/** What one attempt found. */
export interface ProbeAnswer {
  readonly isSuccess: boolean;
  /** Exit code; -2 = it took longer than the timeout. */
  readonly code: number;
  /** Microseconds until it was known. */
  readonly took: number;
}

/** A container that is probed. Times in microseconds. */
export interface ProbeTarget {
  readonly startedAt: number;
  readonly isStarted: boolean;
  /** What an attempt finds at this time. */
  ask(kind: ProbeKind, probe: Probe, time: number): ProbeAnswer;
  /** The first time after this one at which attempts may find something else; Infinity = never. */
  nextChange(kind: ProbeKind, probe: Probe, time: number): number;
}

/** Attempts that fail are told one by one as long as anybody may read of them: so many events of one object are let through. */
const failuresTold = 25;

/** State of one probe; it outlives the instances of its container. */
export class ProbeWorker {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** When it asks next. */
  nextAt: number;
  /** What the kubelet takes for true; undefined = not known yet. */
  result: boolean | undefined;
  /** It has said all there is to say of this instance. */
  isOnHold = true;
  /** A sync has moved its marks. */
  isMoved = false;
  /** Nothing is taken for true of the instance before the first mark. */
  isNew = false;
  /** It has found that the instance has ended for good, and looks no more. */
  hasGivenUp = false;
  /** The answer of an attempt that is under way, and when it is known. */
  pendingAnswer: ProbeAnswer | undefined;
  knownAt = Infinity;
  /** The mark that follows one that was kept while an attempt lasted; -1 = none was. */
  private markAfterLate = -1;
  /** When the last attempt was made; -1 = none was at this instance. */
  askedAt = -1;
  private last: boolean | undefined;
  private streak = 0;
  private failures = 0;

  constructor(kind: ProbeKind, probe: Probe, nextAt: number) {
    this.kind = kind;
    this.probe = probe;
    this.nextAt = nextAt;
  }

  get periodUs(): number {
    return Math.max(1, this.probe.periodSeconds) * SECOND;
  }

  /** When something happens next, news or not. */
  get dueAt(): number {
    if (this.isOnHold) return Infinity;
    return this.pendingAnswer === undefined ? this.nextAt : this.knownAt;
  }

  /** A new instance is there to be probed. The count of equal answers goes on, as upstream's does. */
  begin(): void {
    this.isOnHold = false;
    this.isNew = true;
    this.hasGivenUp = false;
    this.pendingAnswer = undefined;
    this.askedAt = -1;
    this.result = this.kind === 'startup' ? undefined : this.kind === 'liveness';
  }

  /** What has been taken for true of the instance stands. */
  keep(): void {
    this.isNew = false;
    this.result = true;
  }

  /** Leaves out the marks before a time. */
  skipTo(time: number): void {
    if (this.nextAt < time && this.markAfterLate >= 0) this.advance();
    if (this.nextAt < time) this.nextAt = this.markFrom(time);
  }

  /** The first mark at or after a time. */
  private markFrom(time: number): number {
    return this.nextAt + Math.ceil((time - this.nextAt) / this.periodUs) * this.periodUs;
  }

  /** It asks now, or as soon as the attempt under way is over, and from then on every period. */
  restart(now: number): void {
    this.isMoved = true;
    this.nextAt = this.pendingAnswer === undefined ? now : this.knownAt;
    this.markAfterLate = -1;
  }

  /** An attempt lasts until a time: of the marks meanwhile one is kept, and is due then. */
  waitFor(time: number): void {
    if (this.nextAt >= time) return;
    this.markAfterLate = this.markFrom(time + 1);
    this.nextAt = time;
  }

  /** Goes on to the next mark. */
  advance(): void {
    this.nextAt = this.markAfterLate < 0 ? this.nextAt + this.periodUs : this.markAfterLate;
    this.markAfterLate = -1;
  }

  /** Whether an attempt at this time asks at all. The initial delay counts whole seconds from a start cut to seconds. */
  asks(target: ProbeTarget, time: number): boolean {
    if (this.isOnHold || target.isStarted === (this.kind === 'startup')) return false;
    const startedSecond = target.startedAt - (target.startedAt % SECOND);
    return Math.floor((time - startedSecond) / SECOND) >= this.probe.initialDelaySeconds;
  }

  /** Counts the answer to the last attempt; true when it changes what the kubelet takes for true. */
  count(isSuccess: boolean): boolean {
    if (isSuccess === this.last) this.streak++;
    else {
      this.last = isSuccess;
      this.streak = 1;
    }
    if (!isSuccess) this.failures++;
    const { successThreshold, failureThreshold } = this.probe;
    if (this.streak < (isSuccess ? successThreshold : failureThreshold)) return false;
    const isChange = this.result !== isSuccess;
    this.result = isSuccess;
    if (this.kind === 'startup' || (this.kind === 'liveness' && !isSuccess)) {
      this.isOnHold = true;
      this.streak = 0;
      this.last = undefined;
    }
    return isChange;
  }

  /** When the next attempt comes that may bring news; the marks between find what the last one found. */
  newsAt(target: ProbeTarget): number {
    if (this.isOnHold) return Infinity;
    if (this.pendingAnswer !== undefined) return this.knownAt;
    const isKnown = this.askedAt >= 0 && this.result === this.last;
    const isSteady = isKnown && this.markAfterLate < 0 && (this.last === true || this.failures > failuresTold);
    if (!isSteady || !this.asks(target, this.nextAt)) return this.nextAt;
    const change = target.nextChange(this.kind, this.probe, this.askedAt);
    if (change === Infinity) return Infinity;
    return this.nextAt + Math.max(0, Math.ceil((change - this.nextAt) / this.periodUs)) * this.periodUs;
  }
}
