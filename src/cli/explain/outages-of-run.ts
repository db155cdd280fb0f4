/** Finds a workload and its outages in the tables of a run. */
import { editDistance } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';
import { csvRecords, microsecondsOf } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import type { FinishedRun } from './read-run.ts';
import { tableText } from './read-run.ts';

/** A workload as the table `workloads` has it. */
export interface WorkloadOfRun {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly desired: number;
  /** 0 to 1; undefined for what never wished a pod. */
  readonly availability: number | undefined;
  /** Microseconds. */
  readonly unavailableUs: number;
  readonly noneReadyUs: number;
  /** undefined: no budget selects its pods. */
  readonly belowBudgetUs: number | undefined;
  readonly restarts: number;
  readonly podsCreated: number;
}

/** A span below the wish. Times in microseconds. */
export interface OutageOfRun {
  readonly from: number;
  /** undefined = it lasts until the end of the run. */
  readonly to: number | undefined;
  readonly desired: number;
  readonly leastReady: number;
  readonly isStart: boolean;
  /** Number in the table of causes; -1 = none. */
  readonly cause: number;
  readonly lostPods: number;
  /** Names of the first of them. */
  readonly firstLost: readonly string[];
  /** The pod whose readiness ended it; empty = none. */
  readonly restoredBy: string;
}

/** A pod of a workload, as far as its life matters here. Times in microseconds; undefined = never. */
export interface WorkloadPod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly createdAt: number;
  readonly boundAt: number | undefined;
  readonly readyAt: number | undefined;
}

/**
 * The workload `NS/NAME`, or `NAME` in `namespace`.
 *
 * @throws CliError where the run had none, or several kinds of that name; it names them.
 */
export function findWorkload(
  run: FinishedRun,
  named: string,
  namespace: string,
  kind: string | undefined,
): WorkloadOfRun {
  const parts = named.split('/');
  if (parts.length > 2 || parts.includes(''))
    throw new CliError(`orrery: "${named}" is no workload: write NAMESPACE/NAME`);
  const [wantedNamespace, wantedName] = parts.length === 1 ? [namespace, parts[0]!] : [parts[0]!, parts[1]!];
  const rows = csvRecords(tableText(run, 'workloads'));
  const isKind = (row: CsvRecord): boolean => kind === undefined || row['kind']!.toLowerCase() === kind.toLowerCase();
  const found = rows.filter(
    (row) => row['namespace'] === wantedNamespace && row['workload'] === wantedName && isKind(row),
  );
  // One that was deleted and made anew has two rows: the last one is meant.
  const last = found.at(-1);
  if (last === undefined) throw unknownWorkload(run, `${wantedNamespace}/${wantedName}`, rows);
  const kinds = [...new Set(found.map((row) => row['kind']!))];
  if (kinds.length === 1) return workloadOf(last);
  throw new CliError(
    `orrery: there are several ${wantedNamespace}/${wantedName}: ${kinds.join(' and ')}; choose one with --kind`,
  );
}

function workloadOf(row: CsvRecord): WorkloadOfRun {
  const ratio = row['availability_ratio']!;
  return {
    ...{ namespace: row['namespace']!, kind: row['kind']!, name: row['workload']!, desired: Number(row['desired']) },
    availability: ratio === '' ? undefined : Number(ratio),
    unavailableUs: microsecondsOf(row['unavailable_s']) ?? 0,
    noneReadyUs: microsecondsOf(row['none_ready_s']) ?? 0,
    belowBudgetUs: microsecondsOf(row['below_budget_s']),
    restarts: Number(row['restarts']),
    podsCreated: Number(row['pods_created']),
  };
}

const NAMES_SHOWN = 3;

function unknownWorkload({ name }: FinishedRun, wanted: string, rows: readonly CsvRecord[]): CliError {
  const names = [...new Set(rows.map((row) => `${row['namespace']}/${row['workload']}`))];
  const near = names
    .map((known) => ({ known, edits: editDistance(known, wanted) }))
    .sort((a, b) => a.edits - b.edits || (a.known < b.known ? -1 : 1))
    .slice(0, NAMES_SHOWN)
    .map(({ known }) => known);
  const hint = near.length === 0 ? ': it had none' : `; the nearest of its ${names.length}: ${near.join(', ')}`;
  return new CliError(`orrery: the run ${name} had no workload "${wanted}"${hint}`);
}

/** The spans of a workload, in order of time. */
export function outagesOf(run: FinishedRun, { namespace, kind, name }: WorkloadOfRun): readonly OutageOfRun[] {
  const isIts = ([ns, of, workload]: readonly string[]): boolean =>
    ns === namespace && of === kind && workload === name;
  return csvRecords(tableText(run, 'outages'), isIts).map((row) => ({
    from: microsecondsOf(row['from_t_s']) ?? 0,
    to: microsecondsOf(row['to_t_s']),
    ...{ desired: Number(row['desired']), leastReady: Number(row['least_ready']), isStart: row['is_start'] === 'true' },
    cause: row['cause_id'] === '' ? -1 : Number(row['cause_id']),
    lostPods: Number(row['lost_pods']),
    firstLost: row['first_lost'] === '' ? [] : row['first_lost']!.split(' '),
    restoredBy: row['restored_by']!,
  }));
}

/** All pods that a workload has had, in the order of creation. */
export function podsOf(run: FinishedRun, { namespace, kind, name }: WorkloadOfRun): readonly WorkloadPod[] {
  const isIts = ([ns, , , of, workload]: readonly string[]): boolean =>
    ns === namespace && of === kind && workload === name;
  return csvRecords(tableText(run, 'pods'), isIts).map((row) => ({
    ...{ name: row['pod']!, uid: row['uid']!, node: row['node']! },
    createdAt: microsecondsOf(row['created_t_s']) ?? 0,
    boundAt: microsecondsOf(row['bound_t_s']),
    readyAt: microsecondsOf(row['ready_t_s']),
  }));
}
