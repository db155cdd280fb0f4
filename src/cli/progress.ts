/** A bar of virtual time on the terminal; anything but a terminal sees nothing of it. */
import { formatDuration } from '../engine/time.ts';
import type { CliIo } from './cli-io.ts';

/** What a running simulation tells about itself. */
export interface Progress {
  /** Both in microseconds of virtual time. */
  update(now: number, eventCount: number): void;
  stop(): void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** How every bar looks: it goes with its last line, and a narrow terminal cuts it off. */
export const barLook = {
  barCompleteChar: '█',
  barIncompleteChar: '░',
  barsize: 24,
  hideCursor: true,
  clearOnComplete: true,
  linewrap: false,
  fps: 8,
} as const;

/** A bar from 0 to `horizonUs` on stderr, if that is a terminal and the user has not asked for quiet. */
export async function startProgress(io: CliIo, name: string, horizonUs: number, isQuiet: boolean): Promise<Progress> {
  if (isQuiet || io.stderr.isTTY !== true) return silent;
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    stream: io.stderr as NodeJS.WritableStream,
    format: `${name} {bar} {now} of ${formatDuration(horizonUs)}, {events} events`,
    ...barLook,
  });
  bar.start(horizonUs, 0, { now: formatDuration(0), events: 0 });
  return {
    update: (now, eventCount) => bar.update(now, { now: formatDuration(now), events: eventCount }),
    stop: () => bar.stop(),
  };
}
