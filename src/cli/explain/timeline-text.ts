/** A pod's timeline for people. */
import { formatClock, formatDuration } from '../../report/format.ts';
import { wrapText } from '../wrap-text.ts';
import type { TimelineRow } from './pod-timeline.ts';
import type { PodOfRun } from './pods-of-run.ts';

const WIDTH = 80;
const WHAT_WIDTH_MIN = 30;
const ROWS_FIRST = 40;
const ROWS_LAST = 15;

/** Lines of `explain pod` without flags. */
export function timelineLines(pod: PodOfRun, rows: readonly TimelineRow[]): string[] {
  const hidden = rows.length > ROWS_FIRST + ROWS_LAST + 1 ? rows.length - ROWS_FIRST - ROWS_LAST : 0;
  const who = Math.max(3, ...rows.map((row) => row.who.length));
  const clock = Math.max(1, ...rows.map(({ at }) => clockText(at).length));
  const lineOf = (row: TimelineRow, index: number): string[] => {
    const before = rows[index - 1];
    const delta = before === undefined ? '' : formatDuration(row.at - before.lastAt);
    const head = `  ${clockText(row.at).padEnd(clock)}  ${delta.padStart(8)}  ${row.who.padEnd(who)}  `;
    const width = Math.max(WHAT_WIDTH_MIN, WIDTH - head.length);
    return wrapText(whatText(row), width, '').map((line, at) => (at === 0 ? head : ' '.repeat(head.length)) + line);
  };
  return [
    ...wrapText(podHead(pod), WIDTH, '  '),
    '',
    `  ${'t'.padEnd(clock)}  ${'+delta'.padStart(8)}  ${'who'.padEnd(who)}  what`,
    ...rows.flatMap((row, index) => {
      if (hidden === 0 || index < ROWS_FIRST || index >= ROWS_FIRST + hidden) return lineOf(row, index);
      return index === ROWS_FIRST ? [`  … ${hidden} more, all with -o json`] : [];
    }),
  ];
}

/** `pod shop/cart-x (Deployment cart) Running on general-a-3`. */
export function podHead({ namespace, name, workload, phase, reason, node, deletedAt, namesakes }: PodOfRun): string {
  const parts = [
    `pod ${namespace}/${name}`,
    ...(workload === '' ? [] : [`(${workload})`]),
    `${phase}${reason === '' ? '' : ` (${reason})`}${node === '' ? '' : ` on ${node}`}`,
    ...(deletedAt === undefined ? [] : [`removed at ${formatClock(deletedAt)}`]),
    ...(namesakes > 1 ? [`one of ${namesakes} pods that had this name; --at chooses another`] : []),
  ];
  return parts.join('  ').replace('  ', '\u00a0\u00a0');
}

function whatText({ what, count, lastAt }: TimelineRow): string {
  return count === 1 ? what : `${what} (${count} times, the last at ${clockText(lastAt)})`;
}

/** A clock with milliseconds always, so that a column of them is even; `us` in microseconds. */
export function clockText(us: number): string {
  const text = formatClock(us);
  return text.includes('.') ? text : `${text}.000`;
}
