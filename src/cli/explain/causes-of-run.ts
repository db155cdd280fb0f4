/** The table `causes` of a run: from a fact back to the first one. */
import { csvRecords, microsecondsOf } from './csv-records.ts';
import type { FinishedRun } from './read-run.ts';
import { tableText } from './read-run.ts';

/** A fact that had effects, or the end of a pod. */
export interface CauseOfRun {
  readonly id: number;
  /** Microseconds. */
  readonly at: number;
  readonly event: string;
  readonly who: string;
  readonly kind: string;
  /** Of a pod; empty for everything else. */
  readonly uid: string;
  /** `shop/web-x`; of a node or a fault only its name. */
  readonly subject: string;
  readonly what: string;
  readonly rule: string;
  /** Why a pod ended, in a word or two; else empty. */
  readonly reason: string;
  /** -1 = it is a first cause. */
  readonly cause: number;
}

/**
 * All facts of a run by their number.
 *
 * @throws CliError where the run has no such table.
 */
export function causesOfRun(run: FinishedRun): readonly CauseOfRun[] {
  return csvRecords(tableText(run, 'causes')).map((row) => ({
    id: Number(row['id']),
    at: microsecondsOf(row['t_s']) ?? 0,
    ...{ event: row['event']!, who: row['who']!, kind: row['kind']!, uid: row['uid']! },
    subject: row['namespace'] === '' ? row['name']! : `${row['namespace']}/${row['name']}`,
    ...{ what: row['what']!, rule: row['rule']!, reason: row['reason']! },
    cause: row['cause_id'] === '' ? -1 : Number(row['cause_id']),
  }));
}

/** A fact and what it goes back to: the first cause comes first. */
export function chainTo(causes: readonly CauseOfRun[], id: number): readonly CauseOfRun[] {
  const chain: CauseOfRun[] = [];
  for (let at = causes[id]; at !== undefined; at = causes[at.cause]) chain.push(at);
  return chain.reverse();
}
