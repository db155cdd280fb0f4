/** Figures of a comparison as people read them. */
import type { SummaryMetric, SummaryUnit } from '../../metrics/summary-metrics.ts';
import { formatDuration, formatNumber, formatPercent } from '../../report/format.ts';
import type { Interval } from '../statistics/mean-interval.ts';
import type { PairedComparison } from '../statistics/paired-comparison.ts';

const MINUS = '−';

/** A mean in its unit: "41.2 s", "9,812", "0.41 %"; the table says what is counted. */
export function formatMean(value: number, unit: SummaryUnit): string {
  if (unit === 'ratio') return formatPercent(value);
  const size = Math.abs(value);
  const text = unit === 'seconds' ? formatDuration(Math.round(size)) : fixed(size, digitsOf(size));
  return value < 0 ? signed(value, text) : text;
}

/** With zeros at the end, so that a bound is as exact as what it bounds. */
function fixed(size: number, digits: number): string {
  const [whole, fraction] = size.toFixed(digits).split('.');
  return fraction === undefined ? formatNumber(Number(whole)) : `${formatNumber(Number(whole))}.${fraction}`;
}

/** Digits behind the point that leave three in all. */
function digitsOf(value: number): number {
  const size = Math.abs(value);
  if (size >= 99.95 || size === 0) return 0;
  return size >= 9.995 ? 1 : size >= 0.9995 ? 2 : Math.min(6, 2 + Math.ceil(-Math.log10(size)));
}

/** The number with its sign; nothing is signed that is written as 0. */
function signed(value: number, text: string): string {
  if (!/[1-9]/.test(text)) return text;
  return `${value < 0 ? MINUS : '+'}${text}`;
}

/** The size of a difference in the unit of the metric: "3.1 s", "0.02 pp". */
export function tellAmount(value: number, { unit }: SummaryMetric): string {
  return told(value, { low: value, high: value }, unit).size;
}

/** Beyond it, worlds differ so little that the number says no more than that. */
const EFFECT_MAX = 10;

/** An effect size with its sign: "d = −2.0"; "|d| > 10" of the largest. */
export function tellEffect(value: number): string {
  if (Math.abs(value) > EFFECT_MAX) return `|d| > ${EFFECT_MAX}`;
  return `d = ${signed(value, fixed(Math.abs(value), 1)).replace('+', '')}`;
}

/** How a difference is best told: as a share of the baseline where that is known, in its unit elsewhere. */
export interface ToldDifference {
  /** "+2.8 %", "−3.1 s". */
  readonly text: string;
  /** "[+0.9, +4.7]", in the same unit. */
  readonly interval: string;
  /** "2.8 %" and "0.9 to 4.7" for a sentence that says less or more by itself. */
  readonly size: string;
  readonly range: string;
  /** Of the baseline. */
  readonly isShare: boolean;
}

/** A difference as a share of the baseline, or in the metric's unit: shares of shares would mislead. */
export function tellDifference({ difference, change }: PairedComparison, { unit }: SummaryMetric): ToldDifference {
  if (change === undefined || unit === 'ratio') return told(difference.mean, difference, unit);
  const scale = (value: number): number => 100 * value;
  return told(scale(change.ratio), { low: scale(change.low), high: scale(change.high) }, 'percent');
}

/** The difference in the unit of the metric. */
export function tellAbsolute({ difference }: PairedComparison, { unit }: SummaryMetric): ToldDifference {
  return told(difference.mean, difference, unit);
}

function told(value: number, { low, high }: Interval, unit: SummaryUnit | 'percent'): ToldDifference {
  const largest = Math.max(Math.abs(value), Math.abs(low), Math.abs(high));
  const { scale, suffix } = scaleOf(largest, unit);
  const digits = suffix === ' %' ? Math.min(1, digitsOf(largest)) : digitsOf(scale * largest);
  // From a minute on each has its own parts: 1m05s.
  const bare = (number: number): string =>
    suffix === undefined ? formatDuration(Math.round(Math.abs(number))) : fixed(Math.abs(scale * number), digits);
  const amount = (number: number): string => bare(number) + (suffix ?? '');
  const [near, far] = value < 0 ? [-high, -low] : [low, high];
  const plain = (number: number): string => (number < 0 ? signed(number, bare(number)) : bare(number));
  return {
    text: signed(value, amount(value)),
    interval: `[${signed(low, bare(low))}, ${signed(high, bare(high))}]`,
    size: amount(value),
    range: `${plain(near)} to ${plain(far)}`,
    isShare: unit === 'percent',
  };
}

/** How numbers up to a size are written together; without a suffix where each has its own. */
function scaleOf(largest: number, unit: SummaryUnit | 'percent'): { scale: number; suffix: string | undefined } {
  if (unit === 'ratio') return { scale: 100, suffix: ' pp' };
  if (unit === 'percent') return { scale: 1, suffix: ' %' };
  if (unit !== 'seconds') return { scale: 1, suffix: '' };
  const scales = [
    { scale: 1, suffix: ' µs' },
    { scale: 1e-3, suffix: ' ms' },
    { scale: 1e-6, suffix: ' s' },
  ];
  return scales.find(({ scale }) => scale * largest < (scale === 1e-6 ? 60 : 1000)) ?? { scale: 1, suffix: undefined };
}
