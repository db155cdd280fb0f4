/**
 * What a fault is: parameters, a schedule drawn from the seed before anything reacts to it, and what begins and ends.
 * One file per fault, one line in the registry.
 */
import type { LabelSelector } from '../api/meta-v1.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { RandomStream } from '../engine/random.ts';

/** The types that a fault's parameter can have in a scenario file; the scenario layer reads and checks them. */
export interface ParameterTypes {
  /** Microseconds. */
  duration: number;
  distribution: Distribution;
  string: string;
  integer: number;
  /** Any finite number. */
  number: number;
  boolean: boolean;
  selector: LabelSelector;
}

/** One parameter of a fault. */
export interface Parameter<T extends keyof ParameterTypes = keyof ParameterTypes> {
  readonly type: T;
  /** One sentence for `orrery list faults` and for the schema. */
  readonly description: string;
  readonly required?: boolean;
}

/** The parameters of a fault by name. */
export type Parameters = { readonly [name: string]: Parameter };

/** The typed arguments of a fault: absent ones are undefined unless required. */
export type ArgumentsOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K]['required'] extends true
    ? ParameterTypes[P[K]['type']]
    : ParameterTypes[P[K]['type']] | undefined;
};

/** A node as faults see it: fixed facts, so that the schedule cannot depend on what the run does. */
export interface FaultNode {
  readonly name: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a schedule may be drawn from. */
export interface FaultWorld {
  /** Nodes that exist when time starts, in name order. */
  readonly nodes: readonly FaultNode[];
  /** Microseconds. */
  readonly horizon: number;
  /** A random stream of this fault; the same name gives the same draws whatever else is in the scenario. */
  random(name: string): RandomStream;
}

/** One span of a fault. */
export interface Occurrence {
  readonly target: string;
  /** Nodes that it takes down or cuts off; empty for faults of something else. */
  readonly nodes: readonly string[];
  /** Microseconds. */
  readonly startsAt: number;
  /** Microseconds; undefined = it has no end within the run. */
  readonly endsAt: number | undefined;
}

/** What faults can do to the world; given by the composition root. Nested calls count: the last end restores. */
export interface FaultTargets {
  crashNode(name: string): void;
  restoreNode(name: string): void;
  partitionNode(name: string): void;
  healNode(name: string): void;
  stopKubelet(name: string): void;
  startKubelet(name: string): void;
  /** Ends the first running main container of matching pods; returns how many were hit. */
  crashContainers(selector: LabelSelector, namespace: string | undefined, count: number, exitCode: number): number;
  setRegistryAvailable(isAvailable: boolean): void;
  /** Pulls take `factor` times as long; of several slowdowns the greatest holds. */
  beginRegistrySlowdown(factor: number): void;
  endRegistrySlowdown(factor: number): void;
  setApiServerAvailable(isAvailable: boolean): void;
  setEtcdWritable(isWritable: boolean): void;
  /** Microseconds more on the way of every request and watch event; negative ones end it. */
  addApiServerLatency(requestUs: number, watchUs: number): void;
}

/** A fault as the registry knows it. */
export interface FaultDefinition<P extends Parameters = Parameters> {
  /** Key in a scenario's `faults`, camelCase. */
  readonly name: string;
  readonly description: string;
  readonly parameters: P;
  /** A contradiction in the arguments, or undefined. `zones` and `nodes` hold what exists. */
  problem?(
    args: ArgumentsOf<P>,
    world: { readonly zones: ReadonlySet<string>; readonly nodes: ReadonlySet<string> },
  ): string | undefined;
  /** Independent sequences of occurrences, each in time order and pulled one ahead. */
  plan(args: ArgumentsOf<P>, world: FaultWorld): readonly Iterable<Occurrence>[];
  begin(occurrence: Occurrence, args: ArgumentsOf<P>, targets: FaultTargets): void;
  end(occurrence: Occurrence, args: ArgumentsOf<P>, targets: FaultTargets): void;
}

/** Keeps the types of a definition's arguments inside it while the registry sees them all alike. */
export function defineFault<P extends Parameters>(definition: FaultDefinition<P>): FaultDefinition {
  return definition as unknown as FaultDefinition;
}
