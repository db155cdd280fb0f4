/**
 * What the kubelets know of every container, in columns: a cluster has hundreds of thousands of containers, and a row of
 * numbers is a tenth of an object. The containers of a pod lie side by side, init containers first.
 */
import type { ContainerState } from '../api/pod-status.ts';
import { grown } from './columns.ts';

/** What the newest instance of a container is doing, as its runtime knows it. */
export const Stage = {
  /** There is none. */
  none: 0,
  /** Runs, and exits by itself at `dueAt`. */
  running: 1,
  /** Is to end: its preStop hook runs, or it waits for others to end first; it may still exit by itself at `dueAt`. */
  ending: 2,
  /** Has been sent SIGTERM and ends at `dueAt`. */
  stopping: 3,
  /** Ended at `since`. */
  exited: 4,
} as const;

/** A value of `Stage`. */
export type Stage = (typeof Stage)[keyof typeof Stage];

/** Bits of `flags`. */
export const ContainerFlag = {
  ready: 1,
  started: 2,
  /** It ran before: the next start is a restart. */
  hasRun: 4,
  /** The sync that is under way will start it. */
  planned: 8,
  /** The sync that is under way stops it first. */
  condemned: 16,
  /** A probe has found it dead: the next sync stops it. */
  failedLiveness: 32,
  failedStartup: 64,
  /** Its definition has changed: the next sync stops it and starts it anew. */
  redefined: 128,
  /** What it was when it ended: that stands until the kubelet has seen the end. */
  wasReady: 256,
  wasStarted: 512,
  /** It ends because it was told to, and not by itself. */
  isStopped: 1024,
} as const;

const firstCapacity = 64;

/** A container whose processes have stood still. */
export interface Hang {
  readonly isHung: boolean;
  /** When that began or ended, microseconds. */
  readonly changedAt: number;
  /** What was left of its run when it began, microseconds. */
  readonly restUs: number;
}

/** Columns by row; write them only through the pod workers. Times in microseconds, Infinity = never. */
export class ContainerTable {
  stage = new Uint8Array(firstCapacity);
  flags = new Uint16Array(firstCapacity);
  /** Instances before the newest one; it names each of them. */
  restartCount = new Int32Array(firstCapacity);
  /** Exit code at `dueAt`, or of the last exit. */
  exitCode = new Int16Array(firstCapacity);
  /** When the present stage ends by itself. */
  dueAt = new Float64Array(firstCapacity);
  /** When the newest instance started; when it ended, where it has; -1 where there is none. */
  since = new Float64Array(firstCapacity);
  /** Of the newest instance; undefined where there is none. */
  readonly state: (ContainerState | undefined)[] = [];
  /** How the previous instance ended; only of containers that have been restarted. */
  readonly lastState = new Map<number, ContainerState>();
  /** Why a container could not be started, as a state; of few containers. */
  readonly reasons = new Map<number, ContainerState>();
  /** Instances that were removed, where the runtime counts from 0 again; of few containers. */
  readonly removed = new Map<number, number>();
  /** Rows whose instance was removed by a rule that starts all anew, until the status has said so once. */
  readonly restarting = new Set<number>();
  /** Restarts that the status does not count, which happens after a removal only. */
  private readonly uncounted = new Map<number, number>();
  /** Of instances that have ever hung. */
  readonly hangs = new Map<number, Hang>();
  /** Times of probes that matter: few at a time. */
  private readonly probes = new Map<number, number>();
  private length = 0;
  /** Starts of free runs, by their length. */
  private readonly free = new Map<number, number[]>();

  /** Reserves `count` rows side by side and returns the first. Their stage is none. */
  allocate(count: number): number {
    const first = this.free.get(count)?.pop() ?? this.extend(count);
    for (let row = first; row < first + count; row++) {
      this.stage[row] = Stage.none;
      this.flags[row] = 0;
      this.restartCount[row] = 0;
      this.exitCode[row] = 0;
      this.dueAt[row] = Infinity;
      this.since[row] = -1;
      this.state[row] = undefined;
    }
    return first;
  }

  release(first: number, count: number): void {
    for (let row = first; row < first + count; row++) {
      this.state[row] = undefined;
      this.lastState.delete(row);
      this.reasons.delete(row);
      this.removed.delete(row);
      this.restarting.delete(row);
      this.uncounted.delete(row);
      this.hangs.delete(row);
      this.probes.delete(row);
    }
    const runs = this.free.get(count);
    if (runs === undefined) this.free.set(count, [first]);
    else runs.push(first);
  }

  /** How often the runtime has made an instance of the container before this one. */
  attempt(row: number): number {
    return this.restartCount[row]! - (this.removed.get(row) ?? 0);
  }

  /** How often it has been restarted as the status says. */
  toldRestarts(row: number): number {
    return this.restartCount[row]! - (this.uncounted.get(row) ?? 0);
  }

  /** The status counts one restart less. */
  leaveUncounted(row: number): void {
    this.uncounted.set(row, (this.uncounted.get(row) ?? 0) + 1);
  }

  /** The runtime forgets the container, and counts its instances from 0 again. */
  remove(row: number): void {
    this.state[row] = undefined;
    this.stage[row] = Stage.none;
    this.restartCount[row] = this.restartCount[row]! + 1;
    this.removed.set(row, this.restartCount[row]!);
    this.set(row, ContainerFlag.hasRun, false);
    this.since[row] = -1;
  }

  /** Whether a process of it runs. */
  isAlive(row: number): boolean {
    const stage = this.stage[row];
    return stage === Stage.running || stage === Stage.ending || stage === Stage.stopping;
  }

  /** Whether its processes stand still. */
  isHung(row: number): boolean {
    return this.hangs.size > 0 && this.hangs.get(row)?.isHung === true;
  }

  /** When a probe may change what it says. */
  probeAt(row: number): number {
    return this.probes.get(row) ?? Infinity;
  }

  setProbeAt(row: number, time: number): void {
    if (time === Infinity) this.probes.delete(row);
    else this.probes.set(row, time);
  }

  setLastState(row: number, state: ContainerState | undefined): void {
    if (state === undefined) this.lastState.delete(row);
    else this.lastState.set(row, state);
  }

  has(row: number, flag: number): boolean {
    return (this.flags[row]! & flag) !== 0;
  }

  set(row: number, flag: number, isOn: boolean): void {
    this.flags[row] = isOn ? this.flags[row]! | flag : this.flags[row]! & ~flag;
  }

  private extend(count: number): number {
    const first = this.length;
    this.length += count;
    if (this.length > this.stage.length) this.grow();
    return first;
  }

  private grow(): void {
    const { length } = this;
    this.stage = grown(this.stage, length);
    this.flags = grown(this.flags, length);
    this.restartCount = grown(this.restartCount, length);
    this.exitCode = grown(this.exitCode, length);
    this.dueAt = grown(this.dueAt, length);
    this.since = grown(this.since, length);
  }
}
