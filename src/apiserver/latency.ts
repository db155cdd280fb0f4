/**
 * How long the hops of a request and of a watch event take. Two named profiles, or single values from the scenario.
 */
import type { Distribution } from '../engine/distributions.ts';
import { constant, lognormal } from '../engine/distributions.ts';
import { MILLISECOND } from '../engine/time.ts';

/** Every duration in microseconds. */
export interface LatencyProfile {
  readonly name: string;
  /** Client to server: network, authentication, authorization, priority and fairness. */
  readonly request: Distribution;
  /** Admission and validation. */
  readonly admission: Distribution;
  /** etcd: propose, fsync, apply. Reads do not pay it. */
  readonly etcdCommit: Distribution;
  /** Server to client. */
  readonly response: Distribution;
  /** Commit to delivery at one watcher. */
  readonly watch: Distribution;
  /** Whether clients keep to their queries-per-second limits. */
  readonly clientLimits: boolean;
}

/** Every hop takes no time and nobody is limited: for parity and theory tests. */
export const instantLatency: LatencyProfile = {
  name: 'instant',
  request: constant(0),
  admission: constant(0),
  etcdCommit: constant(0),
  response: constant(0),
  watch: constant(0),
  clientLimits: false,
};

/**
 * A small healthy cluster. The recorded control plane (v1.37.2, one machine) shows 2 to 30 ms from a write to its watch
 * event and 7 to 90 ms from an event to the reaction of the next component; these values reproduce that range: a write
 * takes 6 ms and its event 5 ms on average.
 */
export const defaultLatency: LatencyProfile = {
  name: 'default',
  request: lognormal({ mean: 1 * MILLISECOND, cv: 0.5 }),
  admission: constant(0.5 * MILLISECOND),
  etcdCommit: lognormal({ mean: 4 * MILLISECOND, cv: 0.6 }),
  response: constant(0.5 * MILLISECOND),
  watch: lognormal({ mean: 5 * MILLISECOND, cv: 0.6 }),
  clientLimits: true,
};

/** Profiles by the name that a scenario gives. */
export const latencyProfiles: ReadonlyMap<string, LatencyProfile> = new Map([
  [instantLatency.name, instantLatency],
  [defaultLatency.name, defaultLatency],
]);
