/** Pods that wait on Permit (upstream `ps/framework/runtime/waiting_pods_map.go`). */
import type { Pod } from '../../api/core-v1.ts';
import type { Uid } from '../../api/meta-v1.ts';
import type { WaitingPod } from './handle.ts';
import type { Completion } from './interface.ts';
import { Code, Status, errorStatus } from './status.ts';

/** Runs `expire` after a delay in virtual time; the returned function calls it off. */
export type StartTimer = (delayUs: number, expire: () => void) => () => void;

class WaitingPodEntry implements WaitingPod {
  readonly pod: Pod;
  private readonly timers = new Map<string, () => void>();
  private done: Completion | undefined;
  private outcome: { readonly status: Status | undefined } | undefined;

  constructor(pod: Pod) {
    this.pod = pod;
  }

  get pendingPlugins(): readonly string[] {
    return [...this.timers.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  park(plugin: string, cancelTimer: () => void): void {
    this.timers.set(plugin, cancelTimer);
  }

  /** The binding cycle begins to wait; an outcome that is already known is told at once. */
  onEnd(done: Completion): void {
    this.done = done;
    if (this.outcome !== undefined) done(this.outcome.status);
  }

  allow(plugin: string): void {
    this.timers.get(plugin)?.();
    this.timers.delete(plugin);
    if (this.timers.size === 0) this.end(undefined);
  }

  reject(plugin: string, message: string): void {
    this.end(new Status(Code.unschedulable, [message], plugin));
  }

  abort(message: string): void {
    this.end(errorStatus(message));
  }

  private end(status: Status | undefined): void {
    if (this.outcome !== undefined) return;
    for (const cancelTimer of this.timers.values()) cancelTimer();
    this.timers.clear();
    this.outcome = { status };
    this.done?.(status);
  }
}

/** All pods that wait on Permit, by uid; and those in PreBind, which may be told to give up as well. */
export class WaitingPods {
  private readonly entries = new Map<Uid, WaitingPodEntry>();
  /** How to end the PreBind of a pod. */
  private readonly cancellations = new Map<Uid, (message: string) => void>();
  private readonly startTimer: StartTimer;

  constructor(startTimer: StartTimer) {
    this.startTimer = startTimer;
  }

  /** Parks a pod for these plugins, each with its own timeout in microseconds. */
  park(pod: Pod, timeouts: ReadonlyMap<string, number>): void {
    const entry = new WaitingPodEntry(pod);
    for (const [plugin, timeoutUs] of timeouts) {
      const expire = (): void =>
        entry.reject(plugin, `rejected due to timeout after waiting ${formatSeconds(timeoutUs)} at plugin ${plugin}`);
      entry.park(plugin, this.startTimer(timeoutUs, expire));
    }
    this.entries.set(pod.metadata.uid, entry);
  }

  /** Calls `done` when nobody waits for the pod any more; at once if nobody does. */
  wait(pod: Pod, done: Completion): void {
    const entry = this.entries.get(pod.metadata.uid);
    if (entry === undefined) return done(undefined);
    entry.onEnd((status) => {
      this.entries.delete(pod.metadata.uid);
      done(status);
    });
  }

  has(uid: Uid): boolean {
    return this.entries.has(uid);
  }

  get(uid: Uid): WaitingPod | undefined {
    return this.entries.get(uid);
  }

  /** In the order in which they began to wait. */
  list(): readonly WaitingPod[] {
    return [...this.entries.values()];
  }

  abort(uid: Uid, message: string): void {
    this.entries.get(uid)?.abort(message);
  }

  /**
   * The completion of a PreBind that begins. Only the first outcome is told to `done`: that of the plugins, or the failure that
   * `failure` makes of the message of a cancellation (upstream `ps/framework/runtime/framework.go`, pods in PreBind).
   */
  startPreBind({ metadata: { uid } }: Pod, done: Completion, failure: (message: string) => Status): Completion {
    const end: Completion = (status) => {
      if (this.cancellations.get(uid) !== cancel) return;
      this.cancellations.delete(uid);
      done(status);
    };
    const cancel = (message: string): void => end(failure(message));
    this.cancellations.set(uid, cancel);
    return end;
  }

  /** Ends the PreBind of a pod as a failure; false = the pod is in none. */
  cancelPreBind(uid: Uid, message: string): boolean {
    const cancel = this.cancellations.get(uid);
    cancel?.(message);
    return cancel !== undefined;
  }
}

/** As Go prints a duration: `15m0s`, `1.5s`. */
function formatSeconds(us: number): string {
  const seconds = us / 1_000_000;
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const rest = `${seconds - minutes * 60}s`;
  return minutes < 60 ? `${minutes}m${rest}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`;
}
