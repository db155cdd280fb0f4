/** A replay held against its recording, by the comparison rule of `conformance/timelines/README.md`. */
import { TimeComparison, round } from './compare-times.ts';
import { batchesOf, momentsOf, namesOf, ownerInName } from './moments.ts';
import type { Moment } from './moments.ts';
import type {
  ExpectedBatch,
  ExpectedEvent,
  ExpectedMoment,
  ExpectedSequence,
  ExpectedSpreading,
  ExpectedStep,
  RecordedRun,
  Row,
  TimelineCase,
} from './timeline-case.ts';
import type { Stay } from './tracks.ts';
import { settled, stateKey, staysOf } from './tracks.ts';
import { compareVictims } from './victims.ts';

/** What a comparison came to. */
export interface TimelineResult {
  readonly id: string;
  readonly kind: string;
  /** Sequences, counts, batches, events, spreading and victims. */
  readonly exact: number;
  /** Which of them differ, one line each. */
  readonly exactMisses: readonly string[];
  readonly times: number;
  readonly timeMisses: readonly string[];
  /** The farthest that a time lies from what was recorded, seconds. */
  readonly largestDifferenceS: number;
  /** All that is judged exactly agrees, and at least nine in ten times. */
  readonly agrees: boolean;
}

/** Refusals and objects of controllers that have no part in scheduling or healing and are not modelled. */
const outside = [
  'Request|configmaps',
  'Request|endpoints',
  'Request|events',
  'create configmaps by',
  'create endpoints by',
  'create events by',
];

/** What is expected of one object. */
interface Entry {
  readonly sequence: ExpectedSequence;
  readonly name: string;
}

/** The recordings keep so many texts. */
const messagesMax = 12;

/** Compares what was seen of a replay with what is expected of the case. */
export function compareTimeline(recorded: TimelineCase, run: RecordedRun, rows: readonly Row[]): TimelineResult {
  return new Comparison(recorded, run, rows).result();
}

class Comparison {
  private readonly recorded: TimelineCase;
  private readonly run: RecordedRun;
  private readonly rows: readonly Row[];
  private readonly moments: ReadonlyMap<string, Moment>;
  private readonly rowsByName = new Map<string, Row[]>();
  private readonly stays = new Map<string, readonly Stay[]>();
  private exact = 0;
  private readonly exactMisses: string[] = [];
  private readonly times: TimeComparison;

  constructor(recorded: TimelineCase, run: RecordedRun, rows: readonly Row[]) {
    this.recorded = recorded;
    this.run = run;
    this.rows = rows;
    const groups = new Map<string, string>();
    for (const { kind, of } of recorded.expect.moments)
      if (kind === 'Node') for (const name of namesOf(of)) groups.set(name, of);
    this.moments = momentsOf(rows, (name) => groups.get(name) ?? name);
    this.times = new TimeComparison(recorded, run, this.moments);
  }

  result(): TimelineResult {
    const { expect, id, kind } = this.recorded;
    this.compareSequences();
    for (const moment of expect.moments) this.compareMoment(moment);
    this.compareCounts();
    for (const event of expect.events) this.compareEvent(event);
    for (const [owner, spreading] of Object.entries(expect.spreading ?? {})) this.compareSpreading(owner, spreading);
    for (const { what, isSame, text } of compareVictims(this.rows, expect.victims?.batches ?? []))
      this.judge(what, isSame, text);
    const { exact, exactMisses } = this;
    const { count: times, misses: timeMisses, largestDifferenceS } = this.times;
    const agrees = exactMisses.length === 0 && (times - timeMisses.length) * 10 >= times * 9;
    return { id, kind, exact, exactMisses, times, timeMisses, largestDifferenceS, agrees };
  }

  private judge(what: string, isSame: boolean, text: string): boolean {
    this.exact++;
    if (!isSame) this.exactMisses.push(`${what}: ${text}`);
    return isSame;
  }

  private compareSequences(): void {
    const groups = new Map<string, ExpectedSequence[]>();
    for (const sequence of this.recorded.expect.sequences) {
      const isFree = sequence.kind === 'Node';
      const key = isFree ? `Node ${sequence.aspect}` : `${sequence.kind} ${sequence.name} ${sequence.aspect}`;
      groups.set(key, [...(groups.get(key) ?? []), sequence]);
    }
    for (const sequences of groups.values()) this.compareGroup(sequences);
  }

  private compareGroup(sequences: readonly ExpectedSequence[]): void {
    const entries = sequences.flatMap((sequence) => sequenceNames(sequence).map((name) => ({ sequence, name })));
    const isFree = sequences[0]!.kind === 'Node';
    const nodes = isFree ? this.recorded.nodes.map(({ metadata }) => metadata!.name!) : [];
    const candidates = [...new Set([...entries.map(({ name }) => name), ...nodes])];
    const chosen = isFree ? this.assigned(entries, candidates) : new Map<Entry, string>();
    const taken = new Set(chosen.values());
    for (const entry of entries) {
      const name =
        chosen.get(entry) ?? (taken.has(entry.name) ? candidates.find((other) => !taken.has(other))! : entry.name);
      taken.add(name);
      this.compareSequence(entry.sequence, name, this.settledStays(entry.sequence, name));
    }
  }

  private settledStays({ kind, aspect, settle }: ExpectedSequence, name: string): readonly Stay[] {
    const key = `${kind} ${name} ${aspect} ${settle}`;
    let stays = this.stays.get(key);
    if (stays === undefined) {
      stays = settled(staysOf(this.rowsOf(kind, name), kind, name, aspect), settle, this.run.end);
      this.stays.set(key, stays);
    }
    return stays;
  }

  private rowsOf(kind: string, name: string): readonly Row[] {
    if (this.rowsByName.size === 0) {
      for (const row of this.rows) {
        const key = `${row.kind} ${row.name}`;
        const known = this.rowsByName.get(key);
        if (known === undefined) this.rowsByName.set(key, [row]);
        else known.push(row);
      }
    }
    return this.rowsByName.get(`${kind} ${name}`) ?? [];
  }

  /** Which of several like nodes goes a certain way is free: those change places whose states fit, the nearest in time first. */
  private assigned(entries: readonly Entry[], candidates: readonly string[]): ReadonlyMap<Entry, string> {
    const pairs = entries.flatMap((entry) =>
      candidates.flatMap((name) => {
        const stays = this.settledStays(entry.sequence, name);
        if (!isLike(entry.sequence, stays)) return [];
        const distance = (entry.sequence.steps ?? []).reduce((sum, { t }, at) => sum + distanceTo(t, stays[at]!.t), 0);
        return [{ entry, name, distance: distance + (name === entry.name ? 0 : 1e-6) }];
      }),
    );
    const chosen = new Map<Entry, string>();
    const taken = new Set<string>();
    for (const { entry, name } of pairs.sort((a, b) => a.distance - b.distance)) {
      if (chosen.has(entry) || taken.has(name)) continue;
      chosen.set(entry, name);
      taken.add(name);
    }
    return chosen;
  }

  private compareSequence(sequence: ExpectedSequence, name: string, stays: readonly Stay[]): void {
    const { kind, aspect, steps } = sequence;
    const what = `${kind} ${name}${aspect === undefined ? '' : ` ${aspect}`}`;
    const own = stays.map(({ t, state }) => `${round(t)} ${stateKey(state)}`).join(' > ');
    if (!this.judge(what, isLike(sequence, stays), own) || steps === undefined) return;
    if (this.recorded.spoilt === true || sequence.delayed === true) return;
    for (const [at, step] of steps.entries()) this.times.step(`${what} step ${at}`, kind, step, stays[at]!.t);
  }

  private compareMoment(moment: ExpectedMoment): void {
    const { kind, of, what, n } = moment;
    const key = `${kind}|${of}|${what}`;
    if (outside.some((prefix) => key.startsWith(prefix))) return;
    const times = this.moments.get(key)?.times ?? [];
    const label = `${kind} ${of} ${what}`;
    const isCount = typeof n === 'number' ? times.length === n : times.length >= n[0] && times.length <= n[1];
    if (!this.judge(`${label} n`, isCount, `${times.length} instead of ${String(n)}`)) return;
    const { batches, kth } = moment;
    if (batches !== undefined) this.compareBatches(label, moment, batches, times);
    for (const entry of kth ?? []) {
      const t = times[entry.k! - 1];
      if (t !== undefined) this.times.compare(`${label} #${entry.k!}`, kind, what, entry, t, t);
    }
  }

  private compareBatches(
    label: string,
    { kind, what }: ExpectedMoment,
    expected: readonly ExpectedBatch[],
    times: readonly number[],
  ): void {
    const own = batchesOf(times);
    const sizes = own.map(({ size }) => size).join();
    const wanted = expected.map(({ size }) => size!).join();
    if (
      !this.judge(
        `${label} batches`,
        sizes === wanted,
        `${own.map(({ size, first }) => `${size}@${round(first)}`).join()} instead of ${wanted}`,
      )
    )
      return;
    for (const [at, batch] of expected.entries()) {
      if (batch.delayed === true || this.recorded.spoilt === true) continue;
      this.times.batch(`${label} batch ${at}`, kind, what, batch, own[at]!.first, own[at]!.last);
    }
  }

  private compareCounts(): void {
    for (const [key, expected] of Object.entries(this.recorded.expect.counts)) {
      if (outside.some((part) => key.includes(part))) continue;
      const own = this.countOf(key);
      const isSame = typeof expected === 'number' ? own === expected : own >= expected[0] && own <= expected[1];
      this.judge(`count ${key}`, isSame, `${own} instead of ${String(expected)}`);
    }
  }

  private countOf(key: string): number {
    const words = key.split(' ');
    if (words[0] === 'Request') {
      const [, verb, resource, , by, , code] = words;
      return this.rows.filter(
        (row) =>
          row.event === 'refused' &&
          row.verb === verb &&
          row.by === by &&
          row.code === Number(code) &&
          row.name.split(' ')[0] === resource,
      ).length;
    }
    const what = words.at(-1)!;
    const owner = words[0] === 'Pod' ? words.slice(1, -1).join(' ') : undefined;
    return this.rows.filter(
      (row) =>
        row.kind === words[0] &&
        (owner === undefined || ownerInName(row.name) === owner) &&
        isCounted(row, what) &&
        row.t >= 0,
    ).length;
  }

  private compareEvent({ kind, of, reason, source, count, messages, messagesOfSomeRuns }: ExpectedEvent): void {
    const label = `event ${reason} of ${kind} ${of}`;
    const own = this.rows.filter(
      (row) =>
        row.event.startsWith('event') && row.kind === 'Event' && row.t >= 0 && isAbout(row, kind, of, reason, source),
    );
    const isCount = typeof count === 'number' ? own.length === count : own.length >= count[0] && own.length <= count[1];
    this.judge(`${label} count`, isCount, `${own.length} instead of ${String(count)}`);
    const groups = kind === 'Node' ? namesOf(of) : [];
    const texts = [...new Set(own.map((row) => templated(row.message!, kind, this.recorded, groups, of)))];
    const optional = new Set(messagesOfSomeRuns ?? []);
    const kept = texts.filter((text) => !optional.has(text)).slice(0, messagesMax);
    // More texts than events: each run had its own.
    const isComparable = own.length > 0 && messages.length <= (typeof count === 'number' ? count : count[1]);
    // Where runs differ, the first texts of one run need not be those of another.
    const isSame =
      optional.size > 0 ? messages.every((text) => texts.includes(text)) : kept.join('\n') === messages.join('\n');
    if (isComparable) this.judge(`${label} messages`, isSame, `${kept.join(' | ')} instead of ${messages.join(' | ')}`);
  }

  private compareSpreading(owner: string, expected: ExpectedSpreading): void {
    const counts = new Map<string, number>();
    for (const row of this.rows) {
      if (row.kind !== 'Pod' || row.event !== 'bound' || ownerInName(row.name) !== owner) continue;
      counts.set(row.node!, (counts.get(row.node!) ?? 0) + 1);
    }
    const own = [...counts.values()].sort((a, b) => b - a).join();
    if ('anyOf' in expected) return;
    this.judge(`spreading of ${owner}`, own === expected.join(), `${own} instead of ${expected.join()}`);
  }
}

function sequenceNames({ kind, name }: ExpectedSequence): readonly string[] {
  return kind === 'Node' ? name.split(',').flatMap((part) => namesOf(part)) : [name];
}

/** How far a time lies outside of what was seen, seconds. */
function distanceTo(t: ExpectedStep['t'], own: number): number {
  return t === 'before' ? 0 : Math.max(t[0] - own, own - t[1], 0);
}

function isLike({ steps, variants, final }: ExpectedSequence, stays: readonly Stay[]): boolean {
  const own = stays.map(({ state }) => stateKey(state)).join('\n');
  if (steps !== undefined) return own === steps.map(({ state }) => stateKey(state)).join('\n');
  const ends = final === undefined || stateKey(stays.at(-1)?.state ?? {}) === stateKey(final);
  if (variants === undefined) return ends;
  return variants.some(({ states }) => own === states.map(stateKey).join('\n')) && ends;
}

function isCounted(row: Row, what: string): boolean {
  switch (what) {
    case 'created':
    case 'removed':
      return row.event === what;
    case 'deleted':
      return row.event === 'deletionTimestamp';
    case 'succeeded':
      return row.phase === 'Succeeded';
    default:
      return row.phase === 'Failed';
  }
}

function isAbout(row: Row, kind: string, of: string, reason: string, source: string): boolean {
  const slash = row.name.indexOf('/');
  const name = row.name.slice(slash + 1);
  const isOf = name === of || ownerInName(name) === of || (kind === 'Node' && namesOf(of).includes(name));
  return isOf && row.reason === reason && row.source === source && row.name.slice(0, slash) === kind;
}

/** Pods and nodes without their names, without the prefix of combined events. */
function templated(
  message: string,
  kind: string,
  { nodes }: TimelineCase,
  group: readonly string[],
  groupName: string,
): string {
  let text = message
    .replace(/^\(combined from similar events\): /, '')
    .replaceAll(/\/pod-\d+|(?<=-rs\d+)-[a-z0-9]{5}\b/g, '/pod-*');
  text = text.replace(/^Preempted by pod \S+/, 'Preempted by pod <uid>');
  // A claim is made before its pod, whose name nobody knows then, unless there was one of that name before.
  text = text.replace(
    /^Create Claim (\S+)-(\S+)-\d+ Pod \2(?:-\d+|\/pod-\*) /,
    'Create Claim $1-$2/pod-* Pod $2/pod-* ',
  );
  for (const name of group) text = text.replaceAll(new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'g'), groupName);
  if (kind === 'Node') return text;
  for (const { metadata } of nodes)
    text = text.replaceAll(new RegExp(`(?<= to | on node )${metadata!.name!}(?![\\w-])`, 'g'), '<node>');
  return text;
}
