/**
 * The part of a KubeSchedulerConfiguration that elects a leader. One scheduler runs here, so that its values change nothing;
 * they are checked as upstream does (`component-base/config/validation`).
 */
import type { FieldReader } from '../api/decode/field-reader.ts';

const fields: ReadonlySet<string> = new Set(
  'leaderElect leaseDuration renewDeadline retryPeriod resourceLock resourceName resourceNamespace'.split(' '),
);
const unitSeconds: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** Reports what kube-scheduler would refuse. */
export function checkLeaderElection(reader: FieldReader | undefined): void {
  if (reader === undefined) return;
  reader.warnUnknown(fields);
  const isOn = reader.boolean('leaderElect', true);
  const lease = durationOf(reader, 'leaseDuration', '15s');
  const renewal = durationOf(reader, 'renewDeadline', '10s');
  const retry = durationOf(reader, 'retryPeriod', '2s');
  const lock = reader.text('resourceLock', 'leases');
  for (const name of ['resourceName', 'resourceNamespace']) reader.text(name);
  if (!isOn) return;
  for (const { name, seconds, text } of [lease, renewal, retry]) {
    if (seconds <= 0) reader.at.field(name).invalid(text, 'must be greater than zero');
  }
  if (lease.seconds < renewal.seconds) {
    reader.at.field(lease.name).invalid(renewal.text, 'LeaseDuration must be greater than RenewDeadline');
  }
  if (lock !== 'leases') reader.at.field('resourceLock').invalid(lock, 'resourceLock value must be "leases"');
}

interface ReadDuration {
  readonly name: string;
  readonly text: string;
  readonly seconds: number;
}

/** An empty or unreadable duration counts as the default one. */
function durationOf(reader: FieldReader, name: string, fallback: string): ReadDuration {
  const text = reader.text(name) || fallback;
  const seconds = goSeconds(text);
  if (seconds === undefined) reader.at.field(name).invalid(text, `time: invalid duration ${JSON.stringify(text)}`);
  return { name, text, seconds: seconds ?? goSeconds(fallback)! };
}

/** Seconds of a duration as Go writes them (`1h30m`, `-1.5s`, `0`); undefined if it is none. */
function goSeconds(text: string): number | undefined {
  const [, sign, rest] = /^([+-]?)(0|(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (rest === undefined) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of rest.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    seconds += Number(amount) * unitSeconds.get(unit!)!;
  }
  return sign === '-' ? -seconds : seconds;
}
