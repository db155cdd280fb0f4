/** Recorded timelines of the real control plane (v1.37.2): one case a file, see `conformance/timelines/README.md`. */
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** From the least to the greatest over the runs. */
export type Span = readonly [number, number];

/** A manifest as it was sent. */
export interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Which object an operation means where its name was generated. */
export interface Target {
  readonly kind: string;
  readonly name?: string;
  readonly owner?: string;
  /** Index among the pods of its owner, in order of creation. */
  readonly created?: number;
  readonly node?: string;
  readonly alone?: boolean;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly index?: number;
}

/** One thing done from outside. */
export interface Operation {
  readonly op: number;
  /** Seconds, in the first run. */
  readonly t: number;
  readonly do: string;
  readonly path?: string;
  readonly patchType?: 'strategic' | 'merge';
  readonly body?: Manifest;
  readonly code?: number;
  readonly target?: Target;
  readonly node?: string;
  readonly ready?: boolean;
  readonly add?: readonly RecordedTaint[];
  readonly remove?: readonly RecordedTaint[];
}

/** A taint as a manifest has it. */
export interface RecordedTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A condition as a row has it. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What was seen: one change of one object, an Event, or a refused request. */
export interface Row {
  /** Seconds since the case began. */
  readonly t: number;
  readonly kind: string;
  readonly name: string;
  readonly event: string;
  readonly by?: string;
  readonly graceSeconds?: number;
  readonly conditions?: readonly RowCondition[];
  readonly status?: Readonly<Record<string, unknown>>;
  readonly taints?: readonly string[];
  readonly taintsAdded?: readonly string[];
  readonly taintsRemoved?: readonly string[];
  readonly phase?: string;
  readonly exitCode?: number;
  readonly restarts?: number;
  readonly node?: string;
  readonly index?: number;
  readonly owner?: string;
  readonly nominatedNodeName?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly source?: string;
  readonly count?: number;
  readonly countIsFree?: boolean;
  readonly code?: number;
  readonly verb?: string;
  readonly queue?: string;
  readonly cause?: string;
  readonly [field: string]: unknown;
}

/** A state of an object: its fields, or the value of one aspect. */
export type State = unknown;

/** A state and when it began. */
export interface ExpectedStep {
  readonly t: Span | 'before';
  readonly op?: number;
  readonly dt?: Span;
  readonly state: State;
  readonly delayed?: boolean;
}

/** What one object went through. */
export interface ExpectedSequence {
  readonly kind: string;
  readonly name: string;
  readonly settle: number;
  readonly aspect?: string;
  readonly runs?: readonly number[];
  readonly steps?: readonly ExpectedStep[];
  readonly variants?: readonly { readonly states: readonly State[] }[];
  readonly final?: State;
  readonly delayed?: boolean;
}

/** An earlier moment from which a delay is nearly constant. */
export interface Since {
  readonly kind: string;
  readonly of: string;
  readonly what: string;
  readonly index: number;
  readonly dt: Span;
}

/** Something that happened to one or several objects at nearly one time. */
export interface ExpectedBatch {
  readonly size?: number;
  readonly k?: number;
  readonly t: Span;
  readonly op?: number;
  readonly dt?: Span;
  readonly since?: Since;
  readonly delayed?: boolean;
  readonly runs?: readonly number[];
}

/** All happenings of one sort. */
export interface ExpectedMoment {
  readonly kind: string;
  readonly of: string;
  readonly what: string;
  readonly n: number | Span;
  readonly batches?: readonly ExpectedBatch[];
  readonly kth?: readonly ExpectedBatch[];
  readonly runs?: readonly number[];
}

/** All Events of one reason about one object. */
export interface ExpectedEvent {
  readonly kind: string;
  readonly of: string;
  readonly reason: string;
  readonly type: string;
  readonly source: string;
  readonly count: number | Span;
  readonly messages: readonly string[];
  readonly messagesOfSomeRuns?: readonly string[];
}

/** Pods that a controller chose to delete together. */
export interface ExpectedVictims {
  readonly owner: string;
  readonly by: string;
  readonly of: number;
  readonly deleted: number;
  readonly same: Readonly<Record<string, unknown>>;
}

/** Sorted numbers of pods per node. */
export type ExpectedSpreading = readonly number[] | { readonly anyOf: readonly (readonly number[])[] };

/** One recording of a case. */
export interface RecordedRun {
  readonly run: number;
  /** UTC, `hh:mm:ss.mmm`. */
  readonly clockAtZero: string;
  /** Seconds. */
  readonly end: number;
  readonly opTimes: readonly number[];
  readonly lastLease?: Readonly<Record<string, number>>;
  readonly throttled?: readonly unknown[];
  readonly observed?: readonly Row[];
}

/** Load of an autoscaled workload: millicores from a time on, seconds; of all Running pods together or of each. */
export interface LoadCurve {
  readonly mode: 'shared' | 'perPod';
  readonly millicores: readonly (readonly [number, number])[];
}

/** One file. */
export interface TimelineCase {
  readonly id: string;
  readonly kind: string;
  readonly nodes: readonly (Manifest & { readonly leasePhaseSeconds: number; readonly t?: number })[];
  readonly ops: readonly Operation[];
  readonly load?: LoadCurve;
  /** The story in words. */
  readonly actions: readonly { readonly t: number; readonly what: string }[];
  readonly spoilt?: boolean;
  readonly runs: readonly RecordedRun[];
  readonly expect: {
    readonly sequences: readonly ExpectedSequence[];
    readonly moments: readonly ExpectedMoment[];
    readonly counts: Readonly<Record<string, number | Span>>;
    readonly events: readonly ExpectedEvent[];
    readonly spreading?: Readonly<Record<string, ExpectedSpreading>>;
    readonly victims?: { readonly batches?: readonly ExpectedVictims[] };
  };
}

const shipped = new URL('../../../conformance/timelines/', import.meta.url);

/** The cases of a folder, in the order of their names. */
export function readTimelines(folder: URL = shipped): readonly TimelineCase[] {
  return timelineNames(folder).map((name) => readTimeline(name, folder));
}

/** Ids of the cases of a folder. */
export function timelineNames(folder: URL = shipped): readonly string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json.gz'));
  return files.map((name) => name.slice(0, -'.json.gz'.length)).sort((a, b) => (a < b ? -1 : 1));
}

/** One case by its id. */
export function readTimeline(id: string, folder: URL = shipped): TimelineCase {
  return JSON.parse(gunzipSync(readFileSync(new URL(`${id}.json.gz`, folder))).toString('utf8')) as TimelineCase;
}
