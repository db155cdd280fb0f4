/** Recordings of the real kubelet (v1.37.2) with scripted containers: see `conformance/kubelet/README.md`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { KubeletOptions } from '../../kubelet/behavior.ts';

/** Families of cases, a file each. */
export const kubeletFamilies = ['crash', 'start', 'init', 'pull', 'term', 'probe', 'admit', 'evict'] as const;

/** A run of a container, seconds. */
export interface RecordedRun {
  readonly exit?: number;
  readonly code?: number;
  readonly reason?: string;
  readonly startError?: string;
  readonly term?: number;
  readonly termCode?: number;
  readonly ignoreTerm?: boolean;
}

/** What a command answers from an age of the container on, seconds. */
export interface RecordedAnswer {
  readonly from: number;
  readonly code: number;
  readonly took?: number;
  readonly run?: number;
}

/** What the scripted runtime did. */
export interface RecordedScript {
  readonly containers?: Readonly<
    Record<
      string,
      {
        readonly create?: number;
        readonly start?: number;
        readonly runs?: readonly RecordedRun[];
        readonly exec?: Readonly<Record<string, readonly RecordedAnswer[]>>;
        readonly memory?: number;
      }
    >
  >;
  readonly images?: Readonly<
    Record<string, { readonly latency?: number; readonly fails?: readonly string[]; readonly always?: string }>
  >;
  readonly sandbox?: { readonly latency?: number; readonly fail?: number };
}

/** One pod of a case; `at` in seconds after the start. */
export interface RecordedPod {
  readonly name?: string;
  readonly at?: number;
  readonly spec: string;
  readonly script: RecordedScript;
}

/** What a user or the node did. */
export interface RecordedAction {
  readonly at: number;
  readonly do: 'delete' | 'patch' | 'patch-status' | 'memory' | 'shutdown';
  readonly pod?: string;
  readonly grace?: number;
  readonly patch?: string;
  readonly used?: number;
}

/** `...what, [tMin, tMax], [dMin, dMax]`, seconds. */
export type RecordedItem = readonly unknown[];

/** One sequence that plays showed. */
export interface RecordedVariant {
  readonly plays: number;
  readonly items: readonly RecordedItem[];
}

/** One case: what was set up, and what was seen. */
export interface KubeletCase {
  readonly id: string;
  readonly title: string;
  readonly node: string;
  /** Of the kubelet's configuration what differs from that of the node class. */
  readonly kubelet?: Partial<KubeletOptions>;
  readonly seconds: number;
  readonly plays: number;
  readonly pods: readonly RecordedPod[];
  readonly actions?: readonly RecordedAction[] | null;
  readonly eventsUntil?: number;
  readonly loose?: readonly string[];
  readonly tracks: Readonly<Record<string, readonly RecordedVariant[]>>;
}

/** The cases of a family in a folder of recordings. */
export function readKubeletCases(folder: string, family: string): readonly KubeletCase[] {
  const text = gunzipSync(readFileSync(join(folder, `${family}.json.gz`))).toString('utf8');
  return JSON.parse(text) as KubeletCase[];
}
