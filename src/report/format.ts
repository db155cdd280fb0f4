const MILLISECOND = 1000;
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of virtual time for people: "12 ms", "47.3 s", "6m08s", "2h00m", "3d04h". `us` is microseconds, not negative. */
export function formatDuration(us: number): string {
  if (us === 0) return '0 s';
  if (us < MILLISECOND) return `${us} µs`;
  if (us < 999.5 * MILLISECOND) return `${trimmed(us / MILLISECOND, us < 10 * MILLISECOND ? 1 : 0)} ms`;
  if (us < 59.95 * SECOND) return `${trimmed(us / SECOND, us < 10 * SECOND ? 2 : 1)} s`;
  const seconds = Math.round(us / SECOND) * SECOND;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m${two((seconds % MINUTE) / SECOND)}s`;
  const minutes = Math.round(us / MINUTE) * MINUTE;
  if (minutes < DAY) return `${Math.floor(minutes / HOUR)}h${two((minutes % HOUR) / MINUTE)}m`;
  const hours = Math.round(us / HOUR) * HOUR;
  return `${Math.floor(hours / DAY)}d${two((hours % DAY) / HOUR)}h`;
}

/** An instant of virtual time on a clock that starts at zero: "00:12:00", "00:20:00.250", "3d 04:00:00". */
export function formatClock(us: number): string {
  const fraction = Math.floor((us % SECOND) / MILLISECOND);
  const clock = `${two(Math.floor((us % DAY) / HOUR))}:${two(Math.floor((us % HOUR) / MINUTE))}:${two(Math.floor((us % MINUTE) / SECOND))}`;
  const days = Math.floor(us / DAY);
  return `${days > 0 ? `${days}d ` : ''}${clock}${fraction > 0 ? `.${String(fraction).padStart(3, '0')}` : ''}`;
}

/** A share as "97.40 %"; shares that would round to 100 keep their digits, so that no outage disappears. */
export function formatPercent(ratio: number): string {
  const percent = 100 * ratio;
  if (ratio >= 1) return `${trimmed(percent, 2)} %`;
  return `${percent > 99.995 ? '>99.99' : percent.toFixed(2)} %`;
}

/** A count or figure with at most `digits` decimals and without trailing zeros; thousands are set off by commas. */
export function formatNumber(value: number, digits = 2): string {
  const [whole, fraction] = trimmed(Math.abs(value), digits).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${value < 0 ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

function trimmed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return digits === 0 ? text : text.replace(/\.?0+$/, '');
}

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** `1 pod`, `2 pods`. */
export function counted(amount: number, noun: string): string {
  return `${formatNumber(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}
