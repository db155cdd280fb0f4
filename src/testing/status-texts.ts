/** Statuses as texts that can be compared: the order of reasons does not count. */
import type { Status } from '../scheduler/framework/status.ts';
import { codeNames } from '../scheduler/framework/status.ts';
import type { RecordedStatus } from './scheduler-recordings.ts';
import { compareText } from '../util/compare-text.ts';

/** A recorded status; absent = `ok`. */
export function recordedText(status: RecordedStatus | undefined): string {
  return status === undefined ? 'ok' : `${status.code} by ${status.plugin ?? ''}: ${listText(status.reasons ?? [])}`;
}

/** A status; absent = `ok`. */
export function statusText(status: Status | undefined): string {
  return status === undefined ? 'ok' : `${codeNames[status.code]} by ${status.plugin}: ${listText(status.reasons)}`;
}

/** Names in order, `a; b`. */
export function listText(names: Iterable<string>): string {
  return [...names].sort(compareText).join('; ');
}
