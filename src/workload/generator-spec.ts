/** Synthetic workload: what arrives, and when. */
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Distribution } from '../engine/distributions.ts';

/** When the objects of a generator arrive. Every time is in microseconds. */
export type Arrivals =
  /** Exponential gaps. */
  | { readonly type: 'poisson'; readonly ratePerHour: number }
  /** Equal gaps; the first arrival is at `start`. */
  | { readonly type: 'every'; readonly periodUs: number }
  /** Drawn gaps; the first arrival is one gap after `start`. */
  | { readonly type: 'interval'; readonly interval: Distribution }
  /** Given times since the start of the run, ascending. */
  | { readonly type: 'times'; readonly times: readonly number[] }
  /** All together at `start`. */
  | { readonly type: 'count'; readonly count: number };

/** The pod or job that a generator makes copies of. */
export type GeneratorTemplate =
  { readonly kind: 'Pod'; readonly object: Pod } | { readonly kind: 'Job'; readonly object: Job };

/** One generator of a scenario. */
export interface GeneratorSpec {
  /** Unique in the scenario; objects are named `<name>-<n>`, n from 0. */
  readonly name: string;
  readonly arrivals: Arrivals;
  readonly template: GeneratorTemplate;
  /** How long a pod's main containers run; undefined = as the behaviours say. */
  readonly runDuration: Distribution | undefined;
  /** At most this many objects. */
  readonly limit: number | undefined;
  /** Microseconds. */
  readonly start: number;
  /** Microseconds; no arrival at or after it. undefined = until the end of the run. */
  readonly until: number | undefined;
}
