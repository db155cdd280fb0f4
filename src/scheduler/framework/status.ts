/** What a plugin answers. Statuses are immutable and meant to be shared: build them once, never one per node. */

/** Codes in upstream's numeric order (`ks/framework/interface.go`). */
export const Code = {
  success: 0,
  /** Something is broken; the attempt fails and is retried with back-off. */
  error: 1,
  /** Not now; removing pods of lower priority on that node may help. */
  unschedulable: 2,
  /** Not now; preemption on that node cannot help. */
  unschedulableAndUnresolvable: 3,
  /** Permit only: the pod waits for an approval. */
  wait: 4,
  /** Nothing to do here: see the extension points that allow it. */
  skip: 5,
  /** Not now; the pod waits for something that is on its way and skips its back-off when that arrives. */
  pending: 6,
} as const;

/** One of the codes. */
export type Code = (typeof Code)[keyof typeof Code];

/** Names as upstream prints them. */
export const codeNames = [
  'Success',
  'Error',
  'Unschedulable',
  'UnschedulableAndUnresolvable',
  'Wait',
  'Skip',
  'Pending',
] as const;

/** Result of a plugin at an extension point; `undefined` stands for Success everywhere. */
export class Status {
  readonly code: Code;
  readonly reasons: readonly string[];
  /** The plugin that said so; empty until the framework fills it in. */
  readonly plugin: string;

  constructor(code: Code, reasons: readonly string[], plugin: string) {
    this.code = code;
    this.reasons = reasons;
    this.plugin = plugin;
  }

  /** Reasons joined by ", " as upstream's `Status.Message`. */
  get message(): string {
    return this.reasons.join(', ');
  }

  /** Unschedulable, UnschedulableAndUnresolvable or Pending: a refusal, not a failure. */
  get isRejected(): boolean {
    return isRejectedCode(this.code);
  }
}

/** The code of an answer; `undefined` is Success. */
export function codeOf(status: Status | undefined): Code {
  return status === undefined ? Code.success : status.code;
}

/** Whether the answer is Success; `undefined` is. */
export function isSuccess(status: Status | undefined): boolean {
  return status === undefined || status.code === Code.success;
}

/** Whether the answer is Skip. */
export function isSkip(status: Status | undefined): boolean {
  return status !== undefined && status.code === Code.skip;
}

/** Whether the answer is a refusal: Unschedulable, UnschedulableAndUnresolvable or Pending. */
export function isRejected(status: Status | undefined): boolean {
  return status !== undefined && isRejectedCode(status.code);
}

function isRejectedCode(code: Code): boolean {
  return code === Code.unschedulable || code === Code.unschedulableAndUnresolvable || code === Code.pending;
}

/** Rejected, and preemption on that node may help. Keep the value: one status serves all nodes and pods. */
export function unschedulable(...reasons: string[]): Status {
  return new Status(Code.unschedulable, reasons, '');
}

/** Rejected, and preemption on that node cannot help. */
export function unresolvable(...reasons: string[]): Status {
  return new Status(Code.unschedulableAndUnresolvable, reasons, '');
}

/** Failed; `message` is the error's text. */
export function errorStatus(message: string): Status {
  return new Status(Code.error, [message], '');
}

/** Rejected until something that is on its way has arrived. */
export function pendingStatus(...reasons: string[]): Status {
  return new Status(Code.pending, reasons, '');
}

/** The one Skip. */
export const skip: Status = Object.freeze(new Status(Code.skip, [], ''));

/**
 * Gives statuses the name of their plugin, once per distinct status: filters return a shared status for every node, and the
 * signed copy is shared as well.
 */
export class StatusSigner {
  private readonly plugin: string;
  private readonly signed = new WeakMap<Status, Status>();

  constructor(plugin: string) {
    this.plugin = plugin;
  }

  /** The status with the plugin's name, unless it names one already. */
  sign(status: Status): Status {
    if (status.plugin !== '') return status;
    let copy = this.signed.get(status);
    if (copy === undefined) {
      copy = new Status(status.code, status.reasons, this.plugin);
      this.signed.set(status, copy);
    }
    return copy;
  }
}
