/**
 * Virtual time: integer microseconds since the start of the run, in a number. Exact for 285 years; MicroTime of Kubernetes
 * has the same resolution.
 */
export type SimTime = number;

export const MICROSECOND = 1;
export const MILLISECOND = 1_000;
export const SECOND = 1_000_000;
export const MINUTE = 60_000_000;
export const HOUR = 3_600_000_000;
export const DAY = 86_400_000_000;

const unitsUs: ReadonlyMap<string, number> = new Map([
  ['us', MICROSECOND],
  ['µs', MICROSECOND],
  ['ms', MILLISECOND],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
  ['d', DAY],
]);
const durationTextLengthMax = 128;
const durationPart = /(\d{1,16})(?:\.(\d{1,16}))?(us|µs|ms|s|m|h|d)/y;

/**
 * Reads "10s", "1m30s", "500ms", "1.5h", "2d", "250us" as microseconds. The unit is mandatory. Half a microsecond rounds
 * away from zero, in each part. Undefined for anything else: signs, blanks, exponents, more than 2^53 - 1.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length === 0 || text.length > durationTextLengthMax) return undefined;
  let totalUs = 0n;
  let position = 0;
  while (position < text.length) {
    durationPart.lastIndex = position;
    const match = durationPart.exec(text);
    if (match === null) return undefined;
    totalUs += partUs(match[1]!, match[2] ?? '', unitsUs.get(match[3]!)!);
    position = durationPart.lastIndex;
  }
  const us = Number(totalUs);
  return Number.isSafeInteger(us) ? us : undefined;
}

function partUs(whole: string, fraction: string, unitUs: number): bigint {
  const scale = BigInt('1' + '0'.repeat(fraction.length));
  return (2n * BigInt(whole + fraction) * BigInt(unitUs) + scale) / (2n * scale);
}

/**
 * A duration for people, rounded to what they read: "350ms", "47.3s", "12m30s", "2h00m00s", "3d00h00m". Below a minute one
 * decimal is kept, below a second milliseconds, below a millisecond microseconds; halves round away from zero.
 */
export function formatDuration(us: number): string {
  if (us < 0) return `-${formatDuration(-us)}`;
  if (us < MILLISECOND) return us === 0 ? '0s' : `${us}us`;
  const milliseconds = roundedQuotient(us, MILLISECOND);
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const tenths = roundedQuotient(us, SECOND / 10);
  if (tenths < 600) return `${Math.floor(tenths / 10)}${tenths % 10 === 0 ? '' : `.${tenths % 10}`}s`;
  const seconds = roundedQuotient(us, SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${twoDigits(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${twoDigits(minutes % 60)}m${twoDigits(seconds % 60)}s`;
  const wholeMinutes = roundedQuotient(us, MINUTE);
  const wholeHours = Math.floor(wholeMinutes / 60);
  return `${Math.floor(wholeHours / 24)}d${twoDigits(wholeHours % 24)}h${twoDigits(wholeMinutes % 60)}m`;
}

/** A point in virtual time: "00:12:00", "00:00:01.012", "00:00:00.000250", "51:00:00"; exact, decimals only as needed. */
export function formatClock(us: SimTime): string {
  const seconds = Math.floor(us / SECOND);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
  const rest = us % SECOND;
  if (rest === 0) return clock;
  const digits = String(rest).padStart(6, '0');
  return `${clock}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`;
}

/** Exact decimal seconds for tables, built from integers: 1500000 is "1.5", -250 is "-0.00025". */
export function formatSeconds(us: number): string {
  if (us < 0) return `-${formatSeconds(-us)}`;
  const fraction = String(us % SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = String(Math.floor(us / SECOND));
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** value / divisor to the nearest integer, halves up; exact for safe integers. */
function roundedQuotient(value: number, divisor: number): number {
  const remainder = value % divisor;
  return (value - remainder) / divisor + (2 * remainder >= divisor ? 1 : 0);
}
