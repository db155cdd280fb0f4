/**
 * CrashLoopBackOff and ImagePullBackOff as arithmetic (upstream `kuberuntime_manager.go` doBackOff and client-go
 * `util/flowcontrol/backoff.go`): an entry doubles with every restart and counts from the failure before it.
 */

/** Times in microseconds. */
export interface BackoffRule {
  readonly initialUs: number;
  readonly maxUs: number;
  /** An entry is forgotten this long after its last update. */
  readonly resetUs: number;
}

/** The back-off of one container, or of one pod and image. */
export interface BackoffEntry {
  readonly delayUs: number;
  /** When the delay was set: at the restart of the container. */
  readonly updatedAt: number;
}

/**
 * When a container that finished at `finishedAt` may start again: at once without an entry, else when the delay since the finish
 * is over, or when the entry is forgotten, which housekeeping does `resetUs` after the last restart even while the container
 * waits (recorded: a run of 560 s and its wait of 40 s end the back-off).
 */
export function restartAt(entry: BackoffEntry | undefined, finishedAt: number, rule: BackoffRule): number {
  if (entry === undefined) return finishedAt;
  return Math.min(finishedAt + entry.delayUs, Math.max(finishedAt, entry.updatedAt + rule.resetUs));
}

/** The entry after the restart at `now`. */
export function afterRestart(entry: BackoffEntry | undefined, now: number, rule: BackoffRule): BackoffEntry {
  const isFirst = entry === undefined || now - entry.updatedAt >= rule.resetUs;
  const delayUs = isFirst ? Math.min(rule.initialUs, rule.maxUs) : Math.min(2 * entry.delayUs, rule.maxUs);
  return { delayUs, updatedAt: now };
}
