/** A sync that takes time: what it is doing, and what came of it so far. */

/** What a sync waits for. */
export const SyncStep = {
  /** Nothing: the next thing is to be chosen. */
  none: 0,
  volumes: 1,
  sandbox: 2,
  /** Containers that are stopped before anything starts. */
  kill: 3,
  /** Containers that end with the pod's sandbox, or are removed. */
  killAll: 4,
  pull: 5,
  start: 6,
  postStart: 7,
  create: 9,
  /** The container whose hook failed is being stopped. */
  killStarted: 8,
} as const;

/** A value of `SyncStep`. */
export type SyncStep = (typeof SyncStep)[keyof typeof SyncStep];

/** One sync of a pod (upstream SyncPod), while it is under way. Times in microseconds. */
export class SyncRun {
  step: SyncStep = SyncStep.none;
  /** When the step is over; Infinity where another event ends it. */
  dueAt = Infinity;
  /** When the step began. */
  since = 0;
  /** Row of the container in hand. */
  row = -1;
  /** The sandbox is to be made. */
  needsSandbox = false;
  /** All containers are to be stopped and removed: a rule of one of them says so. */
  restartsAll = false;
  /** Nothing is left to run: sidecars and sandbox are stopped. */
  killsPod = false;
  hasError = false;
  /** Earliest end of a crash-loop back-off that held something up; Infinity = none. */
  backoffUntil = Infinity;
  /** Something was asked of the runtime. */
  hasActed = false;
  /** The status shows that the container in hand has ended. */
  tellsEnd = false;
  /** The container in hand has been created and is to be started. */
  isCreated = false;
  /** Row of the last container that was stopped before anything starts; -1 = none was. */
  stoppedRow = -1;
  /** Nothing more can be started in this sync. */
  isBroken = false;
  /** When a sandbox is ready whose making is one event with the first start; -1 = none. */
  mergedSandboxAt = -1;
  /** When the making of the sandbox began. */
  sandboxBegan = 0;
  /** The containers have been told to stop, where all of them are. */
  isKilling = false;
  /** When the pod was evicted while the sync lasted. */
  evictedAt = 0;
  /** Ends of containers after this moment were not known when the sync began. */
  seenUntil = 0;
  /** One more sync was wanted after this one when it began. */
  wantsAnother = false;
  /** What probes first find of what it shows is known only when the one after it has begun. */
  isBeforeNews = false;
  /** What several probes first find of what it shows is known before it is over, as one piece of news. */
  hearsNews = false;
  /** Changes that a list of containers will show, and when the first and the last of them were made. */
  changes = 0;
  firstChangeAt = Infinity;
  lastChangeAt = -1;

  /** Sandbox or containers are not any more what they were. */
  noteChange(at: number): void {
    this.changes++;
    this.firstChangeAt = Math.min(this.firstChangeAt, at);
    this.lastChangeAt = at;
  }

  /** The node has become slower or faster at `now`: what is left of its own work takes `factor / before` times as long. */
  rescale(now: number, factor: number, before: number): void {
    if (this.step !== SyncStep.sandbox && this.step !== SyncStep.create && this.step !== SyncStep.start) return;
    const moved = (at: number): number => (at > now ? now + Math.round(((at - now) * factor) / before) : at);
    this.dueAt = moved(this.dueAt);
    // Of a sandbox that is one event with the start after it.
    this.since = moved(this.since);
    this.mergedSandboxAt = moved(this.mergedSandboxAt);
  }
}
