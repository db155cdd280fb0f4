/**
 * What the kubelets know of every container, in columns: a cluster has hundreds of thousands of containers, and a row of
 * numbers is a tenth of an object. The containers of a pod lie side by side, init containers first.
 */
import type { ContainerState } from '../api/pod-status.ts';
import { grown } from './columns.ts';

/** What a container is doing, seen by the kubelet. */
export const Stage = {
  /** Not running, to be started when its turn comes. */
  waiting: 0,
  /** Its image is being pulled, or waits for its turn in the node's queue. */
  pulling: 1,
  /** Being created and started until `dueAt`. */
  starting: 2,
  /** Runs, and exits by itself at `dueAt`. */
  running: 3,
  /** Has been sent SIGTERM and ends at `dueAt`. */
  stopping: 4,
  /** Ended; nobody has decided what follows. */
  exited: 5,
  /** Waits for the crash-loop back-off until `dueAt`. */
  backoff: 6,
  /** The pull failed; tried again at `dueAt`. */
  pullBackoff: 7,
  /** The image is absent and must not be pulled: waits for ever. */
  blocked: 8,
  /** Ended for good. */
  done: 9,
} as const;

/** A value of `Stage`. */
export type Stage = (typeof Stage)[keyof typeof Stage];

/** Bits of `flags`. */
export const ContainerFlag = {
  ready: 1,
  started: 2,
  /** It ran before: the next start is a restart. */
  hasRun: 4,
  /** The startup probe fails at `probeAt`; without the bit `probeAt` brings success. */
  startupFails: 8,
} as const;

const firstCapacity = 64;

/** Columns by row; write them only through the pod workers. Times in microseconds, Infinity = never. */
export class ContainerTable {
  stage = new Uint8Array(firstCapacity);
  flags = new Uint8Array(firstCapacity);
  restartCount = new Int32Array(firstCapacity);
  /** Exit code at `dueAt`, or of the last exit. */
  exitCode = new Int16Array(firstCapacity);
  /** When the present stage ends by itself. */
  dueAt = new Float64Array(firstCapacity);
  /** Running: when it started; starting: when its sandbox was ready; else: when the last instance ended, -1 = never. */
  since = new Float64Array(firstCapacity);
  readonly state: (ContainerState | undefined)[] = [];
  /** How the previous instance ended; only of containers that have been restarted. */
  readonly lastState = new Map<number, ContainerState>();
  /** Probes whose outcome is still to come: few at a time. */
  private readonly probes = new Map<number, number>();
  private length = 0;
  /** Starts of free runs, by their length. */
  private readonly free = new Map<number, number[]>();

  /** Reserves `count` rows side by side and returns the first. Their stage is waiting. */
  allocate(count: number, state: ContainerState): number {
    const first = this.free.get(count)?.pop() ?? this.extend(count);
    for (let row = first; row < first + count; row++) {
      this.stage[row] = Stage.waiting;
      this.flags[row] = 0;
      this.restartCount[row] = 0;
      this.exitCode[row] = 0;
      this.dueAt[row] = Infinity;
      this.since[row] = -1;
      this.state[row] = state;
    }
    return first;
  }

  release(first: number, count: number): void {
    for (let row = first; row < first + count; row++) {
      this.state[row] = undefined;
      this.lastState.delete(row);
      this.probes.delete(row);
    }
    const runs = this.free.get(count);
    if (runs === undefined) this.free.set(count, [first]);
    else runs.push(first);
  }

  /** When a probe changes what it says. */
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
