/** A chain of causes as a table for people, from the first cause on. */
import { formatDuration } from '../../report/format.ts';
import { wrapText } from '../wrap-text.ts';
import type { CauseOfRun } from './causes-of-run.ts';
import { clockText } from './timeline-text.ts';

const WIDTH = 80;

/** One line of the table. */
export interface ChainLine {
  /** Microseconds. */
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

/** A fact as a line: what happened to whom, and the rule. */
export function chainLine({ at, who, kind, subject, event, what, rule }: CauseOfRun): ChainLine {
  const about = event === 'fault' || event === 'machine' ? '' : `${kind === 'Pod' ? 'pod' : kind} ${subject}: `;
  return { at, who, what: `${about}${what}${ruleText(rule)}` };
}

/** The rule behind an arrow, never torn apart; empty where there is none. */
export function ruleText(rule: string): string {
  return rule === '' ? '' : ` ←\u00a0${rule.replaceAll(' ', '\u00a0')}`;
}

/** The lines with a head, indented by two blanks. */
export function chainLines(lines: readonly ChainLine[]): string[] {
  const clock = Math.max(1, ...lines.map(({ at }) => clockText(at).length));
  const rows = lines.flatMap(({ at, who, what }, index) => {
    const before = lines[index - 1];
    const delta = before === undefined ? '' : formatDuration(at - before.at);
    const head = `  ${clockText(at).padEnd(clock)}  ${delta.padStart(8)}  `;
    const text = wrapText(`${who}: ${what}`, WIDTH - head.length, '  ');
    return text.map((line, row) => (row === 0 ? head : ' '.repeat(head.length)) + line);
  });
  return [`  ${'t'.padEnd(clock)}  ${'+delta'.padStart(8)}  who: what ← rule`, ...rows];
}
