/** Facts that have effects, numbered in order of time, each with the fact that caused it. */
import { float64Column, int32Column } from './columns.ts';
import { Interner } from './interner.ts';

/** Kinds of facts that cause others, or are ends that somebody may ask about. */
export const causeEvents = [
  'fault',
  'machine',
  'node_condition',
  'node_taint',
  'node_cordoned',
  'change',
  'removal',
  'preemption',
  'leader',
  'not_ready',
  'pod_end',
] as const;

/** See `causeEvents`. */
export type CauseEvent = (typeof causeEvents)[number];

/** No cause: the fact is a first one, or nobody knows. */
export const noCause = -1;

/** What a fact is about. */
export interface CauseSubject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One fact to be noted. */
export interface NewCause {
  readonly event: CauseEvent;
  /** Fault, user, component or controller. */
  readonly who: string;
  /** What it is about, where that is not a pod. */
  readonly subject?: CauseSubject;
  /** Row of the pod in the directory, where it is about one. */
  readonly pod?: number;
  readonly what: string;
  /** The rule or setting that it follows; empty = none. */
  readonly rule?: string;
  /** In one or two words why a pod ended; empty for everything else. */
  readonly reason?: string;
  /** Number of the fact that caused it. */
  readonly cause: number;
}

/** One fact as noted. `time` in microseconds. */
export interface NotedCause extends Required<Omit<NewCause, 'subject'>> {
  readonly time: number;
  readonly subject: CauseSubject | undefined;
  /** The first cause: itself where nothing caused it. */
  readonly first: number;
}

/** A log with at most so many entries, in typed columns and interned texts; what comes later is counted only. */
export class CauseLog {
  /** Facts that found no room. */
  dropped = 0;
  private readonly limit: number;
  private readonly texts = new Interner();
  private readonly subjects: CauseSubject[] = [];
  private readonly subjectIndexes = new Map<string, number>();
  private readonly times = float64Column();
  private readonly events = int32Column();
  private readonly whos = int32Column();
  private readonly subjectOf = int32Column(noCause);
  private readonly pods = int32Column(noCause);
  private readonly whats = int32Column();
  private readonly rules = int32Column();
  private readonly reasons = int32Column();
  private readonly causes = int32Column(noCause);
  private readonly firsts = int32Column(noCause);
  private count = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.count;
  }

  /** Notes a fact at `time` (microseconds) and gives its number; -1 where there is no room. */
  add(time: number, { event, who, subject, pod = noCause, what, rule = '', reason = '', cause }: NewCause): number {
    if (this.count >= this.limit) {
      this.dropped++;
      return noCause;
    }
    const id = this.count++;
    this.times.set(id, time);
    this.events.set(id, causeEvents.indexOf(event));
    this.whos.set(id, this.texts.indexOf(who));
    if (subject !== undefined) this.subjectOf.set(id, this.subjectIndex(subject));
    this.pods.set(id, pod);
    this.whats.set(id, this.texts.indexOf(what));
    this.rules.set(id, this.texts.indexOf(rule));
    this.reasons.set(id, this.texts.indexOf(reason));
    this.causes.set(id, cause);
    this.firsts.set(id, cause === noCause ? id : this.firsts.at(cause));
    return id;
  }

  /** The fact with this number. */
  at(id: number): NotedCause {
    const subject = this.subjectOf.at(id);
    return {
      time: this.times.at(id),
      event: causeEvents[this.events.at(id)]!,
      who: this.texts.textAt(this.whos.at(id)),
      subject: subject < 0 ? undefined : this.subjects[subject],
      pod: this.pods.at(id),
      what: this.texts.textAt(this.whats.at(id)),
      rule: this.texts.textAt(this.rules.at(id)),
      reason: this.texts.textAt(this.reasons.at(id)),
      cause: this.causes.at(id),
      first: this.firsts.at(id),
    };
  }

  private subjectIndex(subject: CauseSubject): number {
    const key = `${subject.kind}\0${subject.namespace}\0${subject.name}`;
    let index = this.subjectIndexes.get(key);
    if (index === undefined) this.subjectIndexes.set(key, (index = this.subjects.push(subject) - 1));
    return index;
  }
}
