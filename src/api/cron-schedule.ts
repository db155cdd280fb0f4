/**
 * Schedules of CronJobs as `robfig/cron` v3 reads them: minute, hour, day of month, month, day of week, and the macros. Times are
 * whole seconds since the Unix epoch, in UTC: a run begins at 1970-01-01T00:00:00Z.
 */

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

const secondsPerDay = 86_400;
const yearsMax = 5;

/** What is wrong with a schedule; undefined when it can be read. */
export function cronProblem(text: string): string | undefined {
  const schedule = parseCron(text);
  return typeof schedule === 'string' ? schedule : undefined;
}

/** Reads a schedule; a text says what is wrong with it. */
export function parseCron(text: string): CronSchedule | string {
  const trimmed = text.trim();
  if (trimmed.startsWith('TZ=') || trimmed.startsWith('CRON_TZ='))
    return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
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
  return fieldSchedule(fields);
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

function parseRange(text: string, rule: FieldRule): CronRange | string {
  const [span, stepText, ...rest] = text.split('/');
  const step = stepText === undefined ? 1 : Number(stepText);
  if (rest.length > 0 || !Number.isInteger(step) || step < 1) return `failed to parse step of ${rule.name}: ${text}`;
  if (span === '*' || span === '?') return { from: rule.min, to: rule.max, step, isAny: stepText === undefined };
  const [low, high, ...more] = span!.split('-');
  const from = numberOf(low!, rule);
  const to = high === undefined ? (stepText === undefined ? from : rule.max) : numberOf(high, rule);
  const isSound = more.length === 0 && from >= rule.min && to <= rule.max && from <= to;
  return isSound ? { from, to, step, isAny: false } : `${rule.name} ${text} is outside of ${rule.min}..${rule.max}`;
}

/** NaN for what is no number. */
function numberOf(text: string, { words, min }: FieldRule): number {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return word + min;
  return /^\d{1,4}$/.test(text) ? Number(text) : NaN;
}

function fieldSchedule([minutes, hours, dates, monthField, weekdays]: readonly CronField[]): CronSchedule {
  const fits = (day: number): boolean => {
    const { month, date } = dateOf(day);
    if (!monthField!.values.has(month)) return false;
    const isDate = dates!.values.has(date);
    // The epoch was a Thursday.
    const isWeekday = weekdays!.values.has((day + 4) % 7);
    return dates!.isAny || weekdays!.isAny ? isDate && isWeekday : isDate || isWeekday;
  };
  const next = (after: number): number | undefined => {
    let time = (Math.floor(after / 60) + 1) * 60;
    for (const end = after + yearsMax * 366 * secondsPerDay; time <= end;) {
      const day = Math.floor(time / secondsPerDay);
      const hour = Math.floor(time / 3600) % 24;
      const minute = Math.floor(time / 60) % 60;
      if (!fits(day)) time = (day + 1) * secondsPerDay;
      else if (!hours!.values.has(hour)) time = (Math.floor(time / 3600) + 1) * 3600;
      else if (minutes!.values.has(minute)) return time;
      else time += 60;
    }
    return undefined;
  };
  return { next };
}

/** Month and day of month of a day since the epoch (proleptic Gregorian; after Howard Hinnant's `civil_from_days`). */
function dateOf(day: number): { readonly month: number; readonly date: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const date = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { month: shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9, date };
}
