/** Finds a pod and its scheduling attempts in the tables of a run. */
import { formatClock, formatDuration } from '../../engine/time.ts';
import { editDistance } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';
import { csvRecords, microsecondsOf } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import type { FinishedRun } from './read-run.ts';
import { tableText } from './read-run.ts';

/** A pod as the table `pods` has it. Times in microseconds; undefined = never. */
export interface PodOfRun {
  readonly namespace: string;
  readonly name: string;
  readonly uid: number;
  /** `Deployment cart`; empty for a pod that nothing controls. */
  readonly workload: string;
  /** Empty = never bound. */
  readonly node: string;
  readonly phase: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly boundAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly deletedAt: number | undefined;
  /** Of its containers. */
  readonly restarts: number;
  /** How many pods of this name the run has had. */
  readonly namesakes: number;
}

/** One try of the scheduler, as the table `scheduling_attempts` has it. Times in microseconds. */
export interface AttemptOfRun {
  readonly attempt: number;
  /** When the outcome was known; a pod that was scheduled is bound by then. */
  readonly at: number;
  /** Virtual time that the decision took. */
  readonly durationUs: number;
  readonly result: string;
  readonly node: string;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  readonly score: string;
  readonly ties: string;
  readonly message: string;
}

/**
 * The pod `NS/NAME`, or `NAME` in `namespace`: the one that lived at `at`, else the last one of that name.
 *
 * @throws CliError where the run had none; it names the nearest.
 */
export function findPod(run: FinishedRun, named: string, namespace: string, at: number | undefined): PodOfRun {
  const [first, second, ...more] = named.split('/');
  if (more.length > 0 || first === '' || second === '')
    throw new CliError(`orrery: "${named}" is no pod: write NAMESPACE/NAME`);
  const [wantedNamespace, wantedName] = second === undefined ? [namespace, first!] : [first!, second];
  const text = tableText(run, 'pods');
  const found = csvRecords(text, ([ns, pod]) => ns === wantedNamespace && pod === wantedName).map(podOf);
  if (found.length === 0) throw unknownPod(run, `${wantedNamespace}/${wantedName}`, text);
  const then = at === undefined ? [] : found.filter(({ createdAt }) => createdAt <= at);
  return { ...(then.at(-1) ?? found.at(-1)!), namesakes: found.length };
}

function podOf(row: CsvRecord): Omit<PodOfRun, 'namesakes'> {
  const { namespace, pod, uid, owner_kind: kind, workload, node, phase, reason } = row;
  return {
    ...{ namespace: namespace!, name: pod!, uid: Number(uid), node: node!, phase: phase!, reason: reason! },
    workload: workload === '' ? '' : `${kind} ${workload}`,
    createdAt: microsecondsOf(row['created_t_s']) ?? 0,
    boundAt: microsecondsOf(row['bound_t_s']),
    finishedAt: microsecondsOf(row['finished_t_s']),
    deletedAt: microsecondsOf(row['deleted_t_s']),
    restarts: Number(row['restarts']),
  };
}

const NAMES_SHOWN = 3;

function unknownPod({ name }: FinishedRun, wanted: string, text: string): CliError {
  const names = new Set<string>();
  csvRecords(text, ([namespace, pod]) => {
    names.add(`${namespace}/${pod}`);
    return false;
  });
  const near = nearestNames(wanted, [...names]);
  const hint = near.length === 0 ? '' : `; the nearest of its ${names.size}: ${near.join(', ')}`;
  return new CliError(`orrery: the run ${name} had no pod "${wanted}"${names.size === 0 ? ': it had none' : hint}`);
}

/** By common beginning first (the suffix of a pod is random, nobody mistypes it on purpose), then by edits. */
function nearestNames(wanted: string, names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, common: commonLength(name, wanted), edits: editDistance(name, wanted) }))
    .sort((a, b) => a.edits - a.common - (b.edits - b.common) || (a.name < b.name ? -1 : 1))
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => name);
}

function commonLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** All attempts for a pod, in their order. */
export function attemptsFor(run: FinishedRun, { uid }: PodOfRun): readonly AttemptOfRun[] {
  const wanted = String(uid);
  return csvRecords(tableText(run, 'scheduling_attempts'), (cells) => cells[3] === wanted).map((row) => ({
    attempt: Number(row['attempt']),
    at: microsecondsOf(row['t_s']) ?? 0,
    durationUs: microsecondsOf(row['duration_s']) ?? 0,
    ...{ result: row['result']!, node: row['node']!, score: row['score']!, ties: row['ties']! },
    evaluatedNodes: Number(row['evaluated_nodes']),
    feasibleNodes: Number(row['feasible_nodes']),
    message: row['message']!,
  }));
}

/** Which attempt is asked for. */
export interface AttemptChoice {
  readonly attempt: number | undefined;
  /** Microseconds. */
  readonly at: number | undefined;
  /** Only attempts that found no node. */
  readonly isFailureWanted: boolean;
  /** What is known of a wait without an attempt, for the message; empty = nothing. */
  readonly absence: string;
}

/**
 * The attempt that is asked for: by number, the last one that was decided by a time, else the last.
 *
 * @throws CliError where there is none.
 */
export function chooseAttempt(
  pod: PodOfRun,
  all: readonly AttemptOfRun[],
  { attempt, at, isFailureWanted, absence }: AttemptChoice,
): AttemptOfRun {
  const named = `pod ${pod.namespace}/${pod.name}`;
  if (all.length === 0)
    throw new CliError(`orrery: ${named} was never tried by a scheduler: ${whyNeverTried(pod)}${absence}`);
  const candidates = isFailureWanted ? all.filter(({ result }) => result !== 'scheduled') : all;
  if (candidates.length === 0)
    throw new CliError(`orrery: ${named} was never refused: ${scheduledAtOnce(pod, all)}${absence}`);
  const numbers = candidates.map((entry) => entry.attempt);
  if (attempt !== undefined) {
    const found = candidates.find((entry) => entry.attempt === attempt);
    if (found !== undefined) return found;
    const which = isFailureWanted ? 'attempts without a node' : 'attempts';
    throw new CliError(`orrery: ${named} has no attempt ${attempt}; its ${which}: ${ranges(numbers)}`);
  }
  if (at === undefined) return candidates.at(-1)!;
  // A scheduled pod's outcome is known after its decision: where none is certain, the first may still have been in time.
  return candidates.filter((entry) => entry.at - entry.durationUs <= at).at(-1) ?? candidates[0]!;
}

function whyNeverTried(pod: PodOfRun): string {
  const { boundAt, createdAt, node, reason, deletedAt, finishedAt } = pod;
  if (node !== '' && boundAt === createdAt) return `it was created with the node ${node}`;
  if (reason === 'SchedulingGated') return 'it is held back by scheduling gates';
  const end = deletedAt ?? finishedAt;
  if (end !== undefined) return `it was gone at ${formatClock(end)}, before its turn came`;
  return 'it was still in the queue when the run ended, or it names a scheduler that the run did not have';
}

function scheduledAtOnce({ boundAt, createdAt, node }: PodOfRun, all: readonly AttemptOfRun[]): string {
  if (boundAt === undefined) return `attempt ${all.at(-1)!.attempt} chose ${all.at(-1)!.node}`;
  return `it was bound to ${node} at ${formatClock(boundAt)}, ${formatDuration(boundAt - createdAt)} after it was created`;
}

/** `1-7, 9`. */
function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let from = 0; from < numbers.length;) {
    let to = from;
    while (numbers[to + 1] === numbers[to]! + 1) to++;
    parts.push(to === from ? String(numbers[from]) : `${numbers[from]}-${numbers[to]}`);
    from = to + 1;
  }
  return parts.join(', ');
}
