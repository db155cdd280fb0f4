/**
 * Schedules of CronJobs as `robfig/cron` v3 reads them: minute, hour, day of month, month, day of week, and the macros. Times are
 * whole seconds since the Unix epoch: a run begins at 1970-01-01T00:00:00Z.
 */

import { civilOf, secondsPerDay, weekdayOf } from './calendar.ts';
import type { TimeZone } from './time-zones.ts';

/** When a schedule fires. */
export interface CronSchedule {
  /** The first time after `after`; undefined where there is none within five years. */
  next(after: number): number | undefined;
}

const macros: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const rules: readonly FieldRule[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: months },
  { name: 'day of week', min: 0, max: 6, words: days },
];

interface CronField {
  readonly values: ReadonlySet<number>;
  readonly isAny: boolean;
}

const yearsMax = 5;

/** What is wrong with a schedule; undefined when it can be read. */
export function cronProblem(text: string): string | undefined {
  const schedule = parseCron(text);
  return typeof schedule === 'string' ? schedule : undefined;
}

const utc: TimeZone = { offsetAt: () => 0 };

/** Reads a schedule that a clock of the zone follows, UTC unless told; a text says what is wrong with it. */
export function parseCron(text: string, zone: TimeZone = utc): CronSchedule | string {
  const trimmed = text.trim();
  if (trimmed === '') return 'empty spec string';
  if (trimmed.includes('TZ')) return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  if (trimmed.startsWith('@every ')) return everySchedule(trimmed.slice('@every '.length));
  if (trimmed.startsWith('@') && !macros.has(trimmed)) return `unrecognized descriptor: ${trimmed}`;
  const parts = (macros.get(trimmed) ?? trimmed).split(/\s+/);
  if (parts.length !== rules.length) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  const fields: CronField[] = [];
  for (const [at, rule] of rules.entries()) {
    const field = parseField(parts[at]!, rule);
    if (typeof field === 'string') return field;
    fields.push(field);
  }
  return fieldSchedule(fields, zone);
}

function everySchedule(text: string): CronSchedule | string {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  const [hours, minutes, seconds] = [1, 2, 3].map((at) => Number(match?.[at] ?? 0)) as [number, number, number];
  const period = hours * 3600 + minutes * 60 + seconds;
  if (match === null || period === 0) return `failed to parse duration @every ${text}`;
  return { next: (after) => after + period };
}

function parseField(text: string, rule: FieldRule): CronField | string {
  const values = new Set<number>();
  let isAny = false;
  for (const part of text.split(',')) {
    const range = parseRange(part, rule);
    if (typeof range === 'string') return range;
    isAny ||= range.isAny;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  return { values, isAny };
}

interface CronRange {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly isAny: boolean;
}

/** One part between commas, with the words of `robfig/cron` v3 for what is wrong with it. */
function parseRange(text: string, rule: FieldRule): CronRange | string {
  const [span, stepText, ...moreSlashes] = text.split('/');
  const [low, high, ...moreHyphens] = span!.split('-');
  const isStar = low === '*' || low === '?';
  const from = isStar ? rule.min : numberOf(low!, rule);
  if (typeof from === 'string') return from;
  const written = isStar ? rule.max : high === undefined ? from : numberOf(high, rule);
  if (typeof written === 'string') return written;
  if (!isStar && moreHyphens.length > 0) return `too many hyphens: ${text}`;
  const step = stepText === undefined ? 1 : integerOf(stepText);
  if (typeof step === 'string') return step;
  if (moreSlashes.length > 0) return `too many slashes: ${text}`;
  const to = stepText !== undefined && high === undefined ? rule.max : written;
  const problem = rangeProblem(from, to, step, rule);
  if (problem !== undefined) return `${problem}: ${text}`;
  return { from, to, step, isAny: isStar && step === 1 };
}

function rangeProblem(from: number, to: number, step: number, { min, max }: FieldRule): string | undefined {
  if (from < min) return `beginning of range (${from}) below minimum (${min})`;
  if (to > max) return `end of range (${to}) above maximum (${max})`;
  if (from > to) return `beginning of range (${from}) beyond end of range (${to})`;
  return step === 0 ? 'step of range should be a positive number' : undefined;
}

function numberOf(text: string, { words, min }: FieldRule): number | string {
  const word = words.indexOf(text.toLowerCase());
  return word >= 0 ? word + min : integerOf(text);
}

function integerOf(text: string): number | string {
  const digits = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  if (!/^\d{1,9}$/.test(digits)) {
    const shown = JSON.stringify(text.slice(0, 64));
    return `failed to parse int from ${text.slice(0, 64)}: strconv.Atoi: parsing ${shown}: invalid syntax`;
  }
  const number = Number(text);
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number;
}

function fieldSchedule(
  [minutes, hours, dates, monthField, weekdays]: readonly CronField[],
  zone: TimeZone,
): CronSchedule {
  const fits = (day: number): boolean => {
    const { month, date } = civilOf(day);
    if (!monthField!.values.has(month)) return false;
    const isDate = dates!.values.has(date);
    const isWeekday = weekdays!.values.has(weekdayOf(day));
    return dates!.isAny || weekdays!.isAny ? isDate && isWeekday : isDate || isWeekday;
  };
  /** How long nothing of the schedule comes, seconds by the clock of the zone; 0 = it is due. */
  const idle = (clock: number): number => {
    const day = Math.floor(clock / secondsPerDay);
    const second = clock - day * secondsPerDay;
    if (!fits(day)) return secondsPerDay - second;
    if (!hours!.values.has(Math.floor(second / 3600))) return 3600 - (second % 3600);
    return minutes!.values.has(Math.floor(second / 60) % 60) ? 0 : 60;
  };
  const next = (after: number): number | undefined => {
    let time = (Math.floor(after / 60) + 1) * 60;
    for (const end = after + yearsMax * 366 * secondsPerDay; time <= end;) {
      const offset = zone.offsetAt(time);
      const wait = idle(time + offset);
      if (wait === 0) return time;
      // Where the clock is put forward or back meanwhile, it is read again at each minute.
      time += zone.offsetAt(time + wait) === offset ? wait : 60;
    }
    return undefined;
  };
  return { next };
}
