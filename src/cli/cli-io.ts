/** The world around a command, handed in so that a test can look at all of it. */

/** A stream that text is written to. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Signals that stop a run. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Whether the user wants the command to stop; written by the signal handlers of the process. */
export interface Interruption {
  signal: StopSignal | undefined;
}

/** Everything that a command sees of its process. */
export interface CliIo {
  /** Data and summaries. */
  readonly stdout: TextSink;
  /** Everything else: progress, diagnostics, errors. */
  readonly stderr: TextSink;
  /** Absolute; relative paths of arguments are taken from here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interruption: Interruption;
}

/** Whether text for this stream may be coloured: on a terminal, unless NO_COLOR says no or FORCE_COLOR says yes. */
export function isColored(sink: TextSink, env: CliIo['env']): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '' && forced !== '0') return true;
  return sink.isTTY === true && env['TERM'] !== 'dumb';
}

/** Lets signals and other pending work in before going on. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
