/** Figures of a comparison as people read them. */
import type { SummaryMetric, SummaryUnit } from '../../metrics/summary-metrics.ts';
import { formatDuration, formatNumber, formatPercent } from '../../report/format.ts';
import type { Interval } from '../statistics/mean-interval.ts';
import type { PairedComparison } from '../statistics/paired-comparison.ts';

const MINUS = '−';

/** A mean in its unit: "41.2 s", "9,812", "0.41 %"; the table says what is counted. */
export function formatMean(value: number, unit: SummaryUnit): string {
  if (unit === 'ratio') return formatPercent(value);
  return value < 0 ? signed(value, formatAmount(value, unit)) : formatAmount(value, unit);
}

/** An amount without its sign; `digits` behind the point. */
function formatAmount(value: number, unit: SummaryUnit | 'percent', digits = digitsOf(value)): string {
  const size = Math.abs(value);
  if (unit === 'percent') return `${fixed(size, digits)} %`;
  if (unit === 'seconds') return formatDuration(Math.round(size));
  if (unit === 'ratio') return `${fixed(100 * size, digits)} pp`;
  return fixed(size, digits);
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

/** How a difference is best told: as a share of the baseline where that is known, in its unit elsewhere. */
export interface ToldDifference {
  /** "+2.8 %", "−3.1 s". */
  readonly text: string;
  /** "[+0.9, +4.7]", in the same unit. */
  readonly interval: string;
  /** "2.8 %" and "0.9 to 4.7" for a sentence that says less or more by itself. */
  readonly size: string;
  readonly range: string;
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
  const scale = unit === 'ratio' ? 100 : 1;
  const digits = digitsOf(scale * Math.max(Math.abs(value), Math.abs(low), Math.abs(high)));
  const amount = (number: number): string =>
    formatAmount(number, unit, unit === 'percent' ? Math.min(1, digits) : digits);
  const bare = (number: number): string => amount(number).replace(/ (%|pp)$/, '');
  const [near, far] = value < 0 ? [-high, -low] : [low, high];
  const plain = (number: number): string => (number < 0 ? signed(number, bare(number)) : bare(number));
  return {
    text: signed(value, amount(value)),
    interval: `[${signed(low, bare(low))}, ${signed(high, bare(high))}]`,
    size: amount(value),
    range: `${plain(near)} to ${plain(far)}`,
  };
}
