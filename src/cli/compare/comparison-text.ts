/** A comparison on the terminal. */
import type { Axis } from '../../experiment/cell.ts';
import { formatMean, tellAbsolute, tellDifference } from '../../experiment/comparison/amounts.ts';
import { answerOf } from '../../experiment/comparison/answer.ts';
import type { ComparedMetric, Comparison, Contrast } from '../../experiment/comparison/comparison.ts';
import type { Samples } from '../../experiment/comparison/samples.ts';
import { findingSentences, levelText, listed, verdictWord } from '../../experiment/comparison/verdicts.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import { count } from '../../scenario/diagnostics.ts';
import { wrapText } from '../wrap-text.ts';

/** What is told beside the comparison itself. */
export interface ToldComparison {
  readonly comparison: Comparison;
  readonly samples: Samples;
  /** "20 worlds, the same arrivals, run times and failures for all". */
  readonly about: readonly string[];
  readonly notes: readonly string[];
  readonly ties: string;
  readonly stopping: string | undefined;
}

/** How it is printed. */
export interface ComparisonStyle {
  readonly width: number;
  readonly isWide: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const NBSP = '\u00a0';

type Line = readonly string[];

/** Table, sentences, notes. */
export function comparisonText(told: ToldComparison, style: ComparisonStyle): string {
  const { comparison, samples, notes, ties, stopping, about } = told;
  const { width } = style;
  const wrapped = (text: string, indent = ''): string[] => wrapText(glued(text), width, indent);
  const sentences = findingSentences(comparison, samples);
  const lines = [
    ...wrapped(about.join(' · ')),
    '',
    ...tableLines(comparison, style),
    '',
    ...wrapped(style.bold(`${answerOf(comparison)} ${ties}`)),
    ...sentences.flatMap((sentence) => wrapped(NBSP + NBSP + sentence, '    ')),
    ...(stopping === undefined ? [] : wrapped(stopping)),
    ...notes.flatMap((note) => wrapped(`note: ${note}`, '      ')).map(style.dim),
  ];
  return `${lines.join('\n')}\n`;
}

/** Numbers stay with their units, and letters with their numbers. */
function glued(text: string): string {
  return text.replaceAll(/(?<=\d) (?=(?:%|pp|µs|ms|s|CI)(?!\w))|(?<=%) (?=CI)|(?<= [nd]) (?==)|(?<= [nd] =) /g, NBSP);
}

/** Two policies side by side where that fits, else a line for each policy. */
function tableLines(comparison: Comparison, style: ComparisonStyle): string[] {
  if (style.isWide) return wideLines(comparison);
  if (comparison.policies.length === 2) {
    const lines = sideBySide(comparison);
    if (Math.max(...lines.map((line) => line.length)) <= style.width) return lines;
  }
  return policyByPolicy(comparison);
}

function sideBySide({ policies, metrics }: Comparison): string[] {
  const head: Line = ['metric', ...policies, 'difference (paired)', 'verdict'];
  const rows = metrics.map((compared): Line => {
    const [contrast] = compared.contrasts as readonly [Contrast];
    return [nounOf(compared), ...meansOf(compared), differenceOf(compared, contrast), verdictWord(compared, contrast)];
  });
  return aligned([head, ...rows], [1, 2]);
}

/** The name of a metric stands above its lines: the terminal is 80 columns wide. */
function policyByPolicy({ policies, metrics }: Comparison): string[] {
  const rows = metrics.flatMap((compared) => {
    const means = meansOf(compared);
    const letters = compared.letters.map((text) => (policies.length > 2 ? text : ''));
    return policies.map((policy, index): Line => {
      const contrast = compared.contrasts[index - 1];
      const start = [`  ${policy}`, means[index]!, letters[index]!];
      if (contrast === undefined) return [...start, 'baseline', ''];
      return [...start, differenceOf(compared, contrast), verdictWord(compared, contrast)];
    });
  });
  const lines = aligned(rows, [1]);
  const blocks = metrics.flatMap((compared, index) => [
    nounOf(compared),
    ...lines.slice(index * policies.length, (index + 1) * policies.length),
  ]);
  if (policies.length === 2) return blocks;
  return [...blocks, '', 'letters: policies with one in common cannot be told apart in that metric'];
}

function wideLines({ metrics, policies }: Comparison): string[] {
  const head: Line = [
    ...['METRIC', 'POLICY', 'N', 'BASELINE', 'MEAN', 'DIFFERENCE', 'INTERVAL', 'CHANGE', 'INTERVAL', 'P(HOLM)'],
    ...['D', 'CORRELATION', 'VARIANCE RATIO', 'N NEEDED', 'LETTERS', 'VERDICT'],
  ];
  const rows = metrics.flatMap((compared) =>
    compared.contrasts.map((contrast, index): Line => {
      const { pairs, pAdjusted, policy } = contrast;
      const [absolute, relative] = [tellAbsolute(pairs, compared.metric), tellDifference(pairs, compared.metric)];
      const means = meansOf(compared);
      const number = (value: number | undefined): string => (value === undefined ? '-' : formatNumber(value, 2));
      return [
        ...[compared.metric.name, policy, String(compared.count), means[0]!, means[index + 1]!],
        ...[absolute.text, absolute.interval, relative.text, relative.interval, probability(pAdjusted)],
        ...[
          number(pairs.effect?.cohenD),
          number(pairs.correlation),
          number(pairs.varianceRatio),
          number(contrast.needed),
        ],
        ...[`${compared.letters[0]}/${compared.letters[index + 1]}`, verdictWord(compared, contrast)],
      ];
    }),
  );
  return [...aligned([head, ...rows], [2, 3, 4]), `baseline: ${policies[0]}`];
}

/** "0.031", "<0.001". */
function probability(p: number): string {
  return p < 0.001 ? '<0.001' : formatNumber(p, 3);
}

const nounOf = ({ metric }: ComparedMetric): string => metric.judgement.noun;

const meansOf = ({ means, metric }: ComparedMetric): string[] => means.map(({ mean }) => formatMean(mean, metric.unit));

function differenceOf({ metric }: ComparedMetric, { pairs, finding }: Contrast): string {
  if (finding === 'same') return '0';
  const { text, interval } = tellDifference(pairs, metric);
  return `${text} ${interval}`;
}

/** Cells in columns; those in `right` are set flush right. */
function aligned(lines: readonly Line[], right: readonly number[]): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => (right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Which cells a comparison of one axis is about: those that were selected, or means over all levels of the other axes. */
export function scopeText(axes: readonly Axis[], axis: string, selector?: string): readonly string[] {
  if (selector !== undefined) return [`only ${selector}`];
  const others = axes.filter(({ name, levels }) => name !== axis && levels.length > 1).map(({ name }) => name);
  return others.length === 0 ? [] : [`means over all of ${others.join(', ')}`];
}

/** What the pairs are: "20 paired runs", or slices of time. */
export function pairsText({ worlds, isSerial, warmUp }: Samples): string {
  const pairs = isSerial ? 'one run each, batch by batch' : `${worlds.length} paired runs`;
  return warmUp === undefined || warmUp.from === 0
    ? pairs
    : `${pairs}, without the first ${formatDuration(warmUp.from)}`;
}

/** "ties broken uniform"; where cells differ in it, all ways. */
export function tiesText(tieBreaks: readonly string[]): string {
  return `ties broken ${listed(tieBreaks)}`;
}

/** "95 %, Holm over 6 tests". */
export function testsText({ level, testCounts: { metrics, workloads } }: Comparison): string {
  const families = [
    ...(metrics === 0 ? [] : [count(metrics, 'test')]),
    ...(workloads === 0 ? [] : [`${count(workloads, 'test')} of single workloads`]),
  ];
  return `level ${levelText(level)}, Holm over ${families.join(' and apart over ')}`;
}
