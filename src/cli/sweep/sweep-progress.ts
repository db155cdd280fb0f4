import type { CliIo } from '../cli-io.ts';
import { formatDuration } from '../../report/format.ts';
import { barLook } from '../progress.ts';
import type { CellsProgress } from './run-cells.ts';

/** How far a sweep is: a bar on a terminal, a line now and then elsewhere. */
export interface CellsBar {
  update(progress: CellsProgress): void;
  stop(): void;
}

const silent: CellsBar = { update: () => undefined, stop: () => undefined };

/** Between two lines where there is no terminal: often enough to see that it lives, seldom enough for a log. */
const lineEveryMs = 30_000;

/**
 * Progress on stderr, unless the user has asked for quiet.
 *
 * @param noun what is counted, in the plural.
 */
export async function startCellsProgress(
  { stderr }: Pick<CliIo, 'stderr'>,
  name: string,
  isQuiet: boolean,
  noun = 'cells',
): Promise<CellsBar> {
  if (isQuiet) return silent;
  const pace = new Pace();
  if (stderr.isTTY !== true) return plainLines(stderr, name, noun, pace);
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    stream: stderr as NodeJS.WritableStream,
    format: `${name} {bar} {value} of {total} ${noun}{failed}, {left}`,
    ...barLook,
  });
  let isStarted = false;
  return {
    update: (progress) => {
      const { total, done } = progress;
      if (!isStarted) bar.start(total, done, { failed: '', left: 'starting' });
      isStarted = true;
      bar.update(done, { failed: failedText(progress), left: pace.left(progress) });
    },
    stop: () => bar.stop(),
  };
}

/** Nothing of a sweep that is over soon. */
function plainLines(stderr: CliIo['stderr'], name: string, noun: string, pace: Pace): CellsBar {
  let last = performance.now();
  return {
    update: (progress) => {
      const { total, done } = progress;
      const left = pace.left(progress);
      if (done === total || performance.now() - last < lineEveryMs) return;
      last = performance.now();
      stderr.write(`${name}: ${done} of ${total} ${noun}${failedText(progress)}, ${left}\n`);
    },
    stop: () => undefined,
  };
}

function failedText({ failed }: CellsProgress): string {
  return failed === 0 ? '' : `, ${failed} failed`;
}

/** How long the rest takes if it goes on as since the first report, which counts what was there before. */
class Pace {
  private readonly startedAt = performance.now();
  private first: number | undefined = undefined;

  left({ total, done }: CellsProgress): string {
    this.first ??= done;
    return timeLeft(performance.now() - this.startedAt, done - this.first, total - done);
  }
}

/** How long the rest takes if it goes on as so far: `2m10s left`. */
export function timeLeft(elapsedMs: number, finished: number, open: number): string {
  if (finished === 0) return 'time left unknown';
  const seconds = Math.round((elapsedMs * open) / finished / 1000);
  return `${formatDuration(seconds * 1_000_000)} left`;
}
