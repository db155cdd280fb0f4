import type { CliIo } from '../cli-io.ts';
import { formatDuration } from '../../report/format.ts';
import type { CellsProgress } from './run-cells.ts';

/** A bar of cells on the terminal; anything but a terminal sees nothing of it. */
export interface CellsBar {
  update(progress: CellsProgress): void;
  stop(): void;
}

const silent: CellsBar = { update: () => undefined, stop: () => undefined };

/** A bar on stderr, if that is a terminal and the user has not asked for quiet. */
export async function startCellsProgress(io: CliIo, name: string, isQuiet: boolean): Promise<CellsBar> {
  if (isQuiet || io.stderr.isTTY !== true) return silent;
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    stream: io.stderr as NodeJS.WritableStream,
    format: `${name} {bar} {value} of {total} cells{failed}, {left}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    fps: 8,
  });
  const startedAt = performance.now();
  let first: number | undefined;
  return {
    update: ({ total, done, failed }) => {
      if (first === undefined) bar.start(total, done, { failed: '', left: 'starting' });
      first ??= done;
      const left = timeLeft(performance.now() - startedAt, done - first, total - done);
      bar.update(done, { failed: failed === 0 ? '' : `, ${failed} failed`, left });
    },
    stop: () => bar.stop(),
  };
}

/** How long the rest takes if it goes on as so far: `2m10s left`. */
export function timeLeft(elapsedMs: number, finished: number, open: number): string {
  if (finished === 0) return 'time left unknown';
  const seconds = Math.round((elapsedMs * open) / finished / 1000);
  return `${formatDuration(seconds * 1_000_000)} left`;
}
