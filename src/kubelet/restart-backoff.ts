/**
 * CrashLoopBackOff and ImagePullBackOff as arithmetic (upstream `kuberuntime_manager.go` doBackOff and client-go
 * `util/flowcontrol/backoff.go`): an entry doubles with every restart and counts from the failure before it.
 */

/** Times in microseconds. */
export interface BackoffRule {
  readonly initialUs: number;
  readonly maxUs: number;
  /** An entry is forgotten when the failure comes more than this after its last update. */
  readonly resetUs: number;
}

/** The back-off of one container, or of one pod and image. */
export interface BackoffEntry {
  readonly delayUs: number;
  /** When the delay was set: at the restart of the container. */
  readonly updatedAt: number;
}

/**
 * When a container that finished at `finishedAt` may start again: at once without an entry or after a long run, else when
 * the delay since the finish is over.
 */
export function restartAt(entry: BackoffEntry | undefined, finishedAt: number, rule: BackoffRule): number {
  return entry === undefined || isForgotten(entry, finishedAt, rule) ? finishedAt : finishedAt + entry.delayUs;
}

/** The entry after the restart at `now` of a container that had finished at `finishedAt`. */
export function afterRestart(
  entry: BackoffEntry | undefined,
  finishedAt: number,
  now: number,
  rule: BackoffRule,
): BackoffEntry {
  const isFirst = entry === undefined || isForgotten(entry, finishedAt, rule);
  const delayUs = isFirst ? Math.min(rule.initialUs, rule.maxUs) : Math.min(2 * entry.delayUs, rule.maxUs);
  return { delayUs, updatedAt: now };
}

function isForgotten(entry: BackoffEntry, finishedAt: number, rule: BackoffRule): boolean {
  return finishedAt - entry.updatedAt > rule.resetUs;
}
