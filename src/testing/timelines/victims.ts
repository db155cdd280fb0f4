/** Which pods a controller chose to delete: what is said of each batch of victims. */
import { ownerInName } from './moments.ts';
import type { ExpectedVictims, Row } from './timeline-case.ts';

interface PodNow {
  readonly owner: string;
  readonly createdAt: number;
  node: string;
  phase: string;
  readySince: number;
  isDeleted: boolean;
  cost: number;
  index: number | undefined;
}

interface Batch {
  readonly owner: string;
  readonly by: string;
  readonly of: number;
  readonly victims: Readonly<Record<string, unknown>>[];
  last: number;
}

/** One judged statement. */
export interface VictimItem {
  readonly what: string;
  readonly isSame: boolean;
  readonly text: string;
}

/** Compares the batches of each owner, in their order. */
export function compareVictims(rows: readonly Row[], expected: readonly ExpectedVictims[]): readonly VictimItem[] {
  if (expected.length === 0) return [];
  const batches = batchesOf(rows);
  const taken = new Map<string, number>();
  return expected.map((entry) => {
    const key = `${entry.owner} by ${entry.by}`;
    const own = batches.filter(({ owner, by }) => `${owner} by ${by}` === key);
    const at = taken.get(key) ?? 0;
    taken.set(key, at + 1);
    const batch = own[at];
    const isSize = batch?.of === entry.of && batch.victims.length === entry.deleted;
    const isLike =
      batch !== undefined && Object.entries(entry.same).every(([name, value]) => isValue(batch, name, value));
    const text = `${batch?.of ?? 0}-${batch?.victims.length ?? 0} ${JSON.stringify(batch?.victims)} instead of ${entry.of}-${entry.deleted} ${JSON.stringify(entry.same)}`;
    return { what: `victims of ${key} #${at}`, isSame: isSize && isLike, text };
  });
}

/** One value for all victims, or the sorted list of theirs. */
function isValue({ victims }: Batch, name: string, value: unknown): boolean {
  if (!Array.isArray(value)) return victims.every((victim) => victim[name] === value);
  // A class is left out where all ages were the same.
  if (value.includes(null)) return true;
  const own = victims.map((victim) => JSON.stringify(victim[name])).sort((a, b) => (a < b ? -1 : 1));
  return own.join() === value.map((part) => JSON.stringify(part)).join();
}

/** Deletions by one controller of pods of one owner, at most half a second apart, and no other between them. */
function batchesOf(rows: readonly Row[]): readonly Batch[] {
  const pods = new Map<string, PodNow>();
  const batches: Batch[] = [];
  for (const row of rows) {
    if (row.kind !== 'Pod') continue;
    if (row.event === 'deletionTimestamp') note(row, pods, batches);
    follow(row, pods);
  }
  return batches;
}

function note(row: Row, pods: Map<string, PodNow>, batches: Batch[]): void {
  const owner = ownerInName(row.name);
  const by = row.by!;
  const pod = pods.get(row.name);
  if (pod === undefined) return;
  let batch = batches.at(-1);
  if (batch?.owner !== owner || batch.by !== by || row.t - batch.last > 0.5) {
    const of = [...pods.values()].filter((other) => other.owner === owner && isActive(other)).length;
    batch = { owner, by, of, victims: [], last: row.t };
    batches.push(batch);
  }
  batch.last = row.t;
  batch.victims.push(described(pod, [...pods.values()].filter(isActive), row.t));
}

function isActive({ isDeleted, phase }: PodNow): boolean {
  return !isDeleted && phase !== 'Failed' && phase !== 'Succeeded';
}

/** Pods of all ReplicaSets of one Deployment count on a node. */
function related(a: string, b: string): boolean {
  const stem = (name: string): string => name.replace(/-rs\d+$/, '');
  return stem(a) === stem(b);
}

function described(pod: PodNow, pods: readonly PodNow[], now: number): Readonly<Record<string, unknown>> {
  const counts = new Map<string, number>();
  for (const { node, owner } of pods)
    if (node !== '' && related(owner, pod.owner)) counts.set(node, (counts.get(node) ?? 0) + 1);
  const peers = pods.filter(({ owner }) => owner === pod.owner);
  const ages = peers.map(({ createdAt }) => ageClass(now - createdAt));
  const readyAges = peers
    .filter(({ readySince }) => readySince >= 0)
    .map(({ readySince }) => ageClass(now - readySince));
  return {
    assigned: pod.node !== '',
    phase: pod.phase,
    ready: pod.readySince >= 0,
    podsOnItsNode: counts.get(pod.node) ?? 0,
    mostOnANode: Math.max(0, ...counts.values()),
    ageClass: rankOf(ageClass(now - pod.createdAt), ages),
    readyAgeClass: pod.readySince < 0 ? undefined : rankOf(ageClass(now - pod.readySince), readyAges),
    cost: pod.cost,
    index: pod.index,
  };
}

/** Ages are compared by powers of two of nanoseconds. */
function ageClass(seconds: number): number {
  return Math.floor(Math.log2(Math.max(1, seconds * 1e9)));
}

/** 1 = the youngest. */
function rankOf(own: number, all: readonly number[]): number {
  return [...new Set(all)].filter((other) => other < own).length + 1;
}

function follow(row: Row, pods: Map<string, PodNow>): void {
  if (row.event === 'created') {
    const fresh = {
      owner: ownerInName(row.name),
      createdAt: row.t,
      node: row.node ?? '',
      phase: 'Pending',
      readySince: -1,
      isDeleted: false,
      cost: 0,
      index: row.index,
    };
    pods.set(row.name, fresh);
    return;
  }
  const pod = pods.get(row.name);
  if (pod === undefined) return;
  if (row.event === 'removed') return void pods.delete(row.name);
  if (row.event === 'deletionTimestamp') pod.isDeleted = true;
  if (row.event === 'annotation') pod.cost = Number(row['podDeletionCost']);
  if (row.node !== undefined) pod.node = row.node;
  if (row.phase !== undefined) pod.phase = row.phase;
  const ready = row.conditions?.find(({ type }) => type === 'Ready');
  if (ready !== undefined) pod.readySince = ready.status === 'True' ? row.t : -1;
}
