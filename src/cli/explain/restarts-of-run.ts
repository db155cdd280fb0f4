/** Containers that kubelets killed by a probe, and those that they started again, from the Events of a run. */
import { csvRecords, microsecondsOf } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import type { WorkloadOfRun, WorkloadPod } from './outages-of-run.ts';
import type { FinishedRun } from './read-run.ts';
import { tableText } from './read-run.ts';

/** One container that was killed, or started again. */
export interface RestartOfRun {
  /** Microseconds. */
  readonly at: number;
  /** The words of the kubelet; empty where the container was started. */
  readonly killedFor: string;
}

/** Of a workload, in no order. Events of a pod that say the same are one row: its first and its last time are known. */
export function restartsOf(
  run: FinishedRun,
  { namespace }: WorkloadOfRun,
  pods: readonly WorkloadPod[],
): readonly RestartOfRun[] {
  const readyAt = new Map(pods.map((pod) => [pod.name, pod.readyAt]));
  const isIts = ([, , , , reason, of, kind, name]: readonly string[]): boolean =>
    (reason === 'Killing' || reason === 'Started') && of === namespace && kind === 'Pod' && readyAt.has(name!);
  return csvRecords(tableText(run, 'events'), isIts).flatMap((row) => restartsIn(row, readyAt.get(row['name']!)));
}

/** What is killed for good, as in a deletion, is no restart; nor is a start before the pod was ready once. */
function restartsIn(row: CsvRecord, podReadyAt: number | undefined): RestartOfRun[] {
  const isStart = row['reason'] === 'Started';
  const message = row['message']!;
  if (!isStart && !message.endsWith('will be restarted')) return [];
  const times = new Set([microsecondsOf(row['first_t_s']) ?? 0, microsecondsOf(row['last_t_s']) ?? 0]);
  return [...times]
    .filter((at) => !isStart || (podReadyAt !== undefined && at > podReadyAt))
    .map((at) => ({ at, killedFor: isStart ? '' : message }));
}
