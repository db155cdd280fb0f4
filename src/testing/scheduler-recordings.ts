/**
 * Decisions of the real kube-scheduler (v1.37.2), recorded in many small clusters: one case a line, see
 * `conformance/scheduler/README.md`.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Families of cases in `conformance/scheduler/`. */
export const recordedFamilies = [
  'resources',
  'node-selection',
  'taints',
  'ports',
  'images',
  'spread',
  'spread-default',
  'volumes',
  'inter-pod-affinity',
  'misc',
  'profiles',
  'mixed',
  'preemption',
] as const;

/** Code, plugin and reasons, as the recording has them. */
export interface RecordedStatus {
  readonly code: string;
  /** Absent: of no plugin. */
  readonly plugin?: string;
  /** Absent = none. */
  readonly reasons?: readonly string[];
}

/** Nodes with one and the same refusal; the reasons are sorted. */
export interface RecordedRejection extends RecordedStatus {
  readonly nodes: readonly string[];
}

/** Of one plugin, in the order of `feasible`. */
export interface RecordedScores {
  readonly weight: number;
  readonly raw: readonly number[];
  readonly norm: readonly number[];
}

/** What preemption would do. */
export interface RecordedPreemption {
  readonly notEligible?: string;
  /** The victims are in upstream's order. */
  readonly candidates?: readonly {
    readonly node: string;
    readonly victims: readonly string[];
    readonly numPDBViolations?: number;
  }[];
  readonly rejected?: readonly RecordedRejection[];
  /** More than one: chance decides. */
  readonly chosen?: readonly string[];
}

/** What came of one pod. Absent fields are empty, false, or belong to a stage that was not reached. */
export interface RecordedDecision {
  readonly pod: string;
  readonly profile?: string;
  readonly preEnqueue?: RecordedStatus;
  readonly error?: string;
  readonly skippedFilters?: readonly string[];
  readonly preFilter?: RecordedStatus;
  readonly preFilterNodes?: readonly string[];
  readonly nominatedNodeFeasible?: boolean;
  readonly rejected?: readonly RecordedRejection[];
  readonly feasible: readonly string[];
  readonly singleFeasible?: boolean;
  readonly skippedScores?: readonly string[];
  readonly scores?: Readonly<Record<string, RecordedScores>>;
  readonly total?: readonly number[];
  readonly best?: readonly string[];
  readonly scoreError?: string;
  readonly bound?: string;
  readonly unschedulablePlugins?: readonly string[];
  readonly preemption?: RecordedPreemption;
  readonly postFilter?: RecordedStatus;
  readonly message?: string;
  /** Instead of `message` where preemption finds victims: one for each node that it may choose. */
  readonly messages?: Readonly<Record<string, string>>;
}

/** A manifest as it was given to the scheduler. */
export interface RecordedManifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly startTime?: string };
}

export interface RecordedCase {
  readonly id: string;
  /** A KubeSchedulerConfiguration; absent = the default one. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly objects: readonly RecordedManifest[] | null;
  /** Decided in this order. */
  readonly pods: readonly RecordedManifest[];
  readonly expect: readonly RecordedDecision[];
}

const folder = new URL('../../conformance/scheduler/', import.meta.url);

/** The cases of one family. */
export function readRecordings(family: (typeof recordedFamilies)[number]): readonly RecordedCase[] {
  return readLines(family) as readonly RecordedCase[];
}

/** Where the pods of a queue are, by name; times are the ends of back-offs in milliseconds. */
export interface RecordedQueueState {
  readonly active: readonly string[];
  readonly backoff: Readonly<Record<string, number>>;
  readonly errorBackoff: Readonly<Record<string, number>>;
  readonly unschedulable: readonly string[];
  readonly gated: readonly string[];
  readonly inFlight: readonly string[];
}

/** One thing that happens to the scheduling queue; `at` and `to` in milliseconds. */
export interface RecordedQueueStep {
  readonly at: number;
  readonly op: 'add' | 'pop' | 'fail' | 'error' | 'bind' | 'event' | 'update' | 'delete' | 'activate' | 'advance';
  readonly pod?: string;
  readonly pods?: readonly string[];
  readonly manifest?: RecordedManifest;
  readonly popped?: string;
  readonly attempts?: number;
  readonly plugins?: readonly string[];
  readonly node?: string;
  readonly event?: string;
  readonly labels?: readonly string[];
  readonly old?: RecordedManifest;
  readonly new?: RecordedManifest;
  readonly to?: number;
  readonly moves?: readonly { readonly at: number; readonly pod: string; readonly from: string; readonly to: string }[];
  /** Only where it changed. */
  readonly state?: RecordedQueueState;
}

export interface RecordedQueueCase {
  readonly id: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly steps: readonly RecordedQueueStep[];
}

/** The cases of the family `queue`. */
export function readQueueRecordings(): readonly RecordedQueueCase[] {
  return readLines('queue') as readonly RecordedQueueCase[];
}

function readLines(family: string): readonly unknown[] {
  const text = gunzipSync(readFileSync(new URL(`${family}.jsonl.gz`, folder))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
