/** The summary that ends every run: to be read in ten seconds, at most 80 columns wide. */
import { formatDuration as formatSpan } from '../engine/time.ts';
import { formatClock, formatNumber } from '../report/format.ts';
import type { ReportFigure, StoryItem } from '../report/report-input.ts';
import { wrapText } from './wrap-text.ts';

/** What a summary says. */
export interface SummaryInput {
  readonly scenario: string;
  readonly seed: string;
  readonly replication: number;
  readonly kubernetesVersion: string;
  readonly nodeCount: number;
  readonly zoneCount: number;
  readonly podCount: number;
  /** End of the run, microseconds of virtual time. */
  readonly endsAt: number;
  /** How long the computer took, milliseconds; undefined = not told. */
  readonly realMs: number | undefined;
  readonly eventCount: number;
  readonly answer: string;
  readonly story: readonly StoryItem[];
  readonly figures: readonly ReportFigure[];
  readonly unplacedReason: string;
  readonly notModelled: readonly { readonly kind: string; readonly count: number }[];
  /** Folder of the results as the user would type it; undefined = nothing was written. */
  readonly folder: string | undefined;
  readonly hasReport: boolean;
  readonly hasCharts: boolean;
  readonly command: string;
  /** SHA-256 of the trace, of the decisions where there is none. */
  readonly fingerprint: string;
  /** How ties among the best nodes were broken. */
  readonly tieBreak: string;
  /** A trace was replayed in order, without a clock. */
  readonly isReplay: boolean;
}

/** How it is printed. */
export interface SummaryStyle {
  readonly width: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Items of the story on the terminal; the others are counted. */
const STORY_LINES_MAX = 8;
const KINDS_MAX = 3;
const NBSP = '\u00a0';

/** The whole summary, with a line end. */
export function summaryText(input: SummaryInput, style: SummaryStyle): string {
  const lines = [
    ...headLines(input, style),
    '',
    ...wrapText(input.answer, style.width, ''),
    ...section('What happened', storyLines(input.story, style.width), style),
    ...section('What it cost', costLines(input, style), style),
    ...section('Where it is', placeLines(input, style), style),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[], { bold }: SummaryStyle): string[] {
  return lines.length === 0 ? [] : ['', bold(title), ...lines];
}

function headLines(input: SummaryInput, { width, bold }: SummaryStyle): string[] {
  const zones = input.zoneCount > 1 ? ` in ${input.zoneCount} zones` : '';
  const about = [
    `seed ${input.seed}${input.replication > 0 ? ` replication ${input.replication}` : ''}`,
    `Kubernetes ${input.kubernetesVersion} semantics`,
    `${count(input.nodeCount, 'node')}${zones}`,
    input.isReplay ? count(input.eventCount, 'offer') : count(input.podCount, 'pod'),
    `ties broken ${input.tieBreak}`,
  ];
  const speed = input.isReplay
    ? ['without a clock', ...realSeconds(input)]
    : [`${formatSpan(input.endsAt)} virtual`, ...realTime(input), count(input.eventCount, 'event')];
  const [first, ...more] = wrapParts([input.scenario, ...about], width, '  ');
  const titled = first!.startsWith(input.scenario)
    ? bold(input.scenario) + first!.slice(input.scenario.length)
    : first!;
  return [titled, ...more, ...wrapParts(speed, width, '  ')];
}

function realSeconds({ realMs }: Pick<SummaryInput, 'realMs'>): string[] {
  return realMs === undefined ? [] : [`${(realMs / 1000).toFixed(1)} s real`];
}

function realTime({ realMs, endsAt }: SummaryInput): string[] {
  if (realMs === undefined) return [];
  const factor = endsAt / 1000 / Math.max(1, realMs);
  return [...realSeconds({ realMs }), `${formatNumber(factor, factor < 10 ? 1 : 0)}x`];
}

/** Parts joined by dots; lines break between parts only. */
function wrapParts(parts: readonly string[], width: number, indent: string): string[] {
  const words = parts.map((part, index) => part.replaceAll(' ', NBSP) + (index < parts.length - 1 ? `${NBSP}·` : ''));
  return wrapText(words.join(' '), width, indent);
}

/** The first items of the story; the others are counted. */
function storyLines(story: readonly StoryItem[], width: number): string[] {
  const shown = story.slice(0, STORY_LINES_MAX);
  const lines = shown.flatMap((item) => itemLines(item, width));
  const hidden = story.length - shown.length;
  if (hidden > 0) lines.push(`  ... and ${hidden} more, in the report and in faults.csv`);
  return lines;
}

function itemLines({ t, what, detail }: StoryItem, width: number): string[] {
  const head = `  ${formatClock(t)}  `;
  const indent = ' '.repeat(head.length);
  const lines = wrapText(head.replaceAll(' ', NBSP) + what, width, indent);
  if (detail === '') return lines;
  return [
    ...lines,
    ...wrapParts([indent + (detail.split(' · ')[0] ?? ''), ...detail.split(' · ').slice(1)], width, indent).flatMap(
      (line) => wrapLong(line, width, indent),
    ),
  ];
}

/** A part that is wider than the line by itself breaks at its blanks. */
function wrapLong(line: string, width: number, indent: string): string[] {
  if (line.length <= width) return [line];
  return wrapText(line.trimStart(), width - indent.length, '').map((piece) => indent + piece);
}

function costLines({ figures, unplacedReason, notModelled }: SummaryInput, { width }: SummaryStyle): string[] {
  const labelWidth = Math.max(0, ...figures.map(({ label }) => label.length)) + 2;
  const valueWidth = Math.max(0, ...figures.map(({ value }) => value.length)) + 2;
  const indent = ' '.repeat(2 + labelWidth + valueWidth);
  const lines = figures.flatMap(({ label, value, detail }) => {
    const head = `  ${label.padEnd(labelWidth)}${value.padEnd(valueWidth)}`;
    return wrapText(head.replaceAll(' ', NBSP) + detail, width, indent);
  });
  if (unplacedReason !== '') lines.push(...wrapText(`${NBSP}${NBSP}not placed: ${unplacedReason}`, width, '    '));
  if (notModelled.length > 0) lines.push(...wrapText(`${NBSP}${NBSP}${inertText(notModelled)}`, width, '    '));
  return lines;
}

function inertText(kinds: SummaryInput['notModelled']): string {
  const objects = kinds.reduce((sum, kind) => sum + kind.count, 0);
  const named = kinds.slice(0, KINDS_MAX).map(({ kind, count: amount }) => `${amount} ${kind}`);
  const rest = kinds.length > KINDS_MAX ? `, ... (${kinds.length} kinds)` : '';
  return `not modelled: ${count(objects, 'object')}, stored and inert: ${named.join(', ')}${rest}`;
}

function placeLines(input: SummaryInput, { width, dim }: SummaryStyle): string[] {
  const { folder } = input;
  const again = wrapText(`${NBSP}${NBSP}same bytes again: ${input.command}`, width, '    ').map(dim);
  const fingerprint = dim(`  fingerprint ${input.fingerprint.slice(0, 16)}`);
  if (folder === undefined) return [...again, fingerprint];
  return [
    ...(input.hasReport ? [`  report   ${folder}/report.html`] : []),
    `  tables   ${folder}/*.csv`,
    ...(input.hasCharts ? [`  charts   ${folder}/charts/`] : []),
    ...again,
    fingerprint,
  ];
}

function count(amount: number, noun: string): string {
  return `${formatNumber(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}
