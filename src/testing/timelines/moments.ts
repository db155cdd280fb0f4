/** From rows to moments: what happened to whom, when, how often. */
import type { Row } from './timeline-case.ts';

/** Times of one sort of happening, seconds, ascending. */
export interface Moment {
  readonly kind: string;
  readonly of: string;
  readonly what: string;
  readonly times: number[];
}

/** Name of the owner in `owner/pod-3`, or the name itself. */
export function ownerInName(name: string): string {
  const at = name.lastIndexOf('/pod-');
  return at < 0 ? name : name.slice(0, at);
}

/** The nodes that an entry stands for: `n1-n4` for n1, n2, n3 and n4; any other name for itself. */
export function namesOf(entry: string): readonly string[] {
  const match = /^(.*?)(\d+)-(.*?)(\d+)$/.exec(entry);
  if (match === null || match[1] !== match[3]) return [entry];
  const [from, to] = [Number(match[2]), Number(match[4])];
  return Array.from({ length: to - from + 1 }, (_, at) => `${match[1]!}${from + at}`);
}

/** All moments of a run, by `kind|of|what`; those before the case began are left out. */
export function momentsOf(
  rows: readonly Row[],
  groupOf: (nodeName: string) => string = (name) => name,
): Map<string, Moment> {
  const moments = new Map<string, Moment>();
  const readyPods = new Set<string>();
  for (const row of rows) {
    const of =
      row.kind === 'Node' ? groupOf(row.name) : row.kind === 'Request' ? requestOf(row.name) : ownerInName(row.name);
    for (const what of happenings(row, readyPods)) add(moments, row, of, what);
  }
  for (const { times } of moments.values()) times.sort((a, b) => a - b);
  return moments;
}

/** Events have names of their own. */
function requestOf(name: string): string {
  return name.startsWith('events ') ? 'events' : ownerInName(name);
}

function add(moments: Map<string, Moment>, row: Row, of: string, what: string): void {
  if (row.t < 0) return;
  const key = `${row.kind}|${of}|${what}`;
  let moment = moments.get(key);
  if (moment === undefined) moments.set(key, (moment = { kind: row.kind, of, what, times: [] }));
  moment.times.push(row.t);
}

function happenings(row: Row, readyPods: Set<string>): readonly string[] {
  switch (row.event) {
    case 'created':
    case 'bound':
    case 'attempt':
    case 'unschedulable':
      return row.kind === 'Node' ? [] : createdWith(row);
    case 'moved':
      return [`moved to ${row.queue!} by ${row.cause!}`];
    case 'removed':
      return [row.kind === 'Pod' ? `removed by ${row.by ?? 'kubelet'}` : 'removed'];
    case 'deletionTimestamp':
      return [row.kind === 'Pod' ? `deletionTimestamp by ${row.by!}, grace ${row.graceSeconds!}` : 'deletionTimestamp'];
    case 'owner':
      return [`owner becomes ${row.owner!}`];
    case 'refused':
      return [`${row.verb!} refused ${row.code!}`];
    case 'event':
    case 'event-again':
    case 'endpoints':
      return [];
    default:
      return changes(row, readyPods);
  }
}

function createdWith(row: Row): readonly string[] {
  return [row.event];
}

function changes(row: Row, readyPods: Set<string>): readonly string[] {
  const found: string[] = [];
  if (row.phase !== undefined) {
    const exit = row.exitCode === undefined ? '' : ` exit ${row.exitCode}`;
    found.push(`phase ${row.phase}${exit}`);
  }
  for (const condition of row.conditions ?? []) {
    const { type, status, reason } = condition;
    if (row.kind === 'Pod' && type === 'Ready' && isSilent(row, status, reason, readyPods)) continue;
    if (row.kind === 'Node' && type !== 'Ready') continue;
    found.push(`${type}=${status}${reason === undefined ? '' : ` ${reason}`}`);
  }
  if (row.kind === 'Pod' && row.restarts !== undefined) found.push('restart');
  if (row.nominatedNodeName !== undefined) {
    found.push(row.nominatedNodeName === '' || row.nominatedNodeName === 'none' ? 'nomination cleared' : 'nominated');
  }
  for (const field of ['spec.replicas', 'spec.suspend', 'unschedulable', 'claim', 'volumeName']) {
    if (row[field] !== undefined) found.push(`${field}=${String(row[field])}`);
  }
  for (const taint of row.taintsAdded ?? []) found.push(`+taint ${taint}`);
  for (const taint of row.taintsRemoved ?? []) found.push(`-taint ${taint}`);
  return found;
}

/** Not ready yet, or not ready because it has ended. */
function isSilent(row: Row, status: string, reason: string | undefined, readyPods: Set<string>): boolean {
  if (status === 'True') {
    readyPods.add(row.name);
    return false;
  }
  const wasReady = readyPods.delete(row.name);
  return !wasReady || reason === 'PodFailed' || reason === 'PodCompleted';
}

/** Times that lie at most half a second apart, first and last of each batch, and its size. */
export function batchesOf(times: readonly number[]): readonly { size: number; first: number; last: number }[] {
  const batches: { size: number; first: number; last: number }[] = [];
  for (const t of times) {
    const open = batches.at(-1);
    if (open === undefined || t - open.last > 0.5) batches.push({ size: 1, first: t, last: t });
    else {
      open.size++;
      open.last = t;
    }
  }
  return batches;
}
