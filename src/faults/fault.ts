/**
 * What a fault is: parameters, a schedule drawn from the seed before anything reacts to it, and what begins and ends.
 * One file per fault, one line in the registry.
 */
import type { LabelSelector } from '../api/meta-v1.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { RandomStream } from '../engine/random.ts';
import type { FaultPreset } from './presets.ts';

/** The types that a fault's parameter can have in a scenario file; the scenario layer reads and checks them. */
export interface ParameterTypes {
  /** Microseconds. */
  duration: number;
  distribution: Distribution;
  string: string;
  /** One of the parameter's `choices`. */
  choice: string;
  integer: number;
  /** A Kubernetes quantity as a whole number, mostly bytes. */
  quantity: number;
  /** Any finite number. */
  number: number;
  boolean: boolean;
  selector: LabelSelector;
  /** Pods: by labels, and by the words of Chaos Mesh. */
  pods: PodSelector;
  /** Laws out of a published study, by name. */
  preset: FaultPreset;
  /** Spans out of a file, in order of their starts. */
  trace: readonly TraceSpan[];
}

/** One line of a trace of faults; times in microseconds. */
export interface TraceSpan {
  readonly startsAt: number;
  /** undefined = until the end of the run. */
  readonly endsAt: number | undefined;
  /** As the fault names what it hits; empty for faults of something that exists once. */
  readonly target: string;
}

/** Which pods are meant; an empty list says nothing. */
export interface PodSelector {
  readonly labels: LabelSelector;
  readonly namespaces: readonly string[];
  /** Names of nodes. */
  readonly nodes: readonly string[];
  /** Names of pods, by namespace; undefined says nothing. */
  readonly pods: ReadonlyMap<string, readonly string[]> | undefined;
}

/** One parameter of a fault. */
export interface Parameter<T extends keyof ParameterTypes = keyof ParameterTypes> {
  readonly type: T;
  /** One sentence for `orrery list faults` and for the schema. */
  readonly description: string;
  readonly required?: boolean;
  /** The words of a parameter of type `choice`. */
  readonly choices?: readonly [string, ...string[]];
  /** The least of an integer, or of a duration in microseconds; default 0. */
  readonly minimum?: number;
  /** The most of an integer. */
  readonly maximum?: number;
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

/** A share of what a node has, or an amount: bytes of memory or disk, or processes. */
export interface NodeAmount {
  readonly amount: number;
  /** Percent of the capacity, in place of the amount. */
  readonly percent: number | undefined;
}

/** Which containers a fault hits when it begins. */
export interface ContainerChoice {
  readonly pods: PodSelector;
  /** Name of the container; undefined = the first main one that runs. */
  readonly container: string | undefined;
  readonly mode: ModeChoice;
}

/** How many of those that match are hit, as Chaos Mesh says it. */
export interface ModeChoice {
  readonly mode: Mode;
  /** A number for `fixed`, percent for the two others that take one. */
  readonly value: number;
}

/** Chaos Mesh's words. */
export const modes = ['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent'] as const;

/** One of Chaos Mesh's words. */
export type Mode = (typeof modes)[number];

/** Processes of the control plane that elect a leader. */
export const electedComponents = ['kube-scheduler', 'kube-controller-manager'] as const;

/** One of them. */
export type ElectedComponent = (typeof electedComponents)[number];

/** How a component of the control plane is run. */
export interface ComponentReplicas {
  /** Processes in all: the leader and those that stand by. */
  readonly replicas: number;
  /** false = a process that starts works at once. */
  readonly leaderElect: boolean;
}

/** What faults can do to the world; given by the composition root. Nested calls count: the last end restores. */
export interface FaultTargets {
  crashNode(name: string): void;
  /** The system goes down: gracefully where the kubelet is told to, then without power. `restoreNode` ends it. */
  shutDownNode(name: string): void;
  restoreNode(name: string): void;
  partitionNode(name: string): void;
  healNode(name: string): void;
  stopKubelet(name: string): void;
  startKubelet(name: string): void;
  /** The provider takes the machine back after the notice, and its Node goes with it. */
  reclaimNode(name: string, noticeUs: number): void;
  /** Another machine of the same name joins the cluster. */
  replaceNode(name: string): void;
  /** What a node does by itself takes `factor` times as long; of several the greatest holds. */
  beginNodeSlowdown(name: string, factor: number): void;
  endNodeSlowdown(name: string, factor: number): void;
  /** What runs beside the pods takes so much more; negative ones give it back. */
  addOtherMemory(name: string, used: NodeAmount, sign: 1 | -1): void;
  addOtherDisk(name: string, used: NodeAmount, sign: 1 | -1): void;
  addOtherProcesses(name: string, used: NodeAmount, sign: 1 | -1): void;
  /** The clock of a node is moved by so many microseconds. */
  shiftClock(name: string, us: number): void;
  /** Ends containers of matching pods; returns how many were hit. An empty reason is that of the exit code. */
  crashContainers(choice: ContainerChoice, exitCode: number, reason: string): number;
  /** Containers of matching pods do nothing and answer nothing any more, until `releaseContainers` of the same id. */
  hangContainers(id: number, choice: ContainerChoice): number;
  releaseContainers(id: number): void;
  setRegistryAvailable(isAvailable: boolean): void;
  /** Pulls take `factor` times as long; of several slowdowns the greatest holds. */
  beginRegistrySlowdown(factor: number): void;
  endRegistrySlowdown(factor: number): void;
  setApiServerAvailable(isAvailable: boolean): void;
  setEtcdWritable(isWritable: boolean): void;
  /** Microseconds more on the way of every request and watch event; negative ones end it. */
  addApiServerLatency(requestUs: number, watchUs: number): void;
  /** The process that leads is gone. */
  stopComponent(component: ElectedComponent, how: ComponentReplicas): void;
  /** One process of the component is there again. */
  startComponent(component: ElectedComponent, how: ComponentReplicas): void;
}

/** What exists, by name, for checks of arguments. */
export interface KnownWorld {
  readonly zones: ReadonlySet<string>;
  readonly nodes: ReadonlySet<string>;
  /** Values of a label over all nodes. */
  labelValues(key: string): ReadonlySet<string>;
}

/** A fault as the registry knows it. */
export interface FaultDefinition<P extends Parameters = Parameters> {
  /** Key in a scenario's `faults`, camelCase. */
  readonly name: string;
  readonly description: string;
  readonly parameters: P;
  /** A contradiction in the arguments, or undefined. */
  problem?(args: ArgumentsOf<P>, world: KnownWorld): string | undefined;
  /** It hits something that exists once, so that it is expected to end. */
  readonly isShared?: true;
  /** Occurrences at one target add to each other; absent = while one holds another one changes nothing. */
  readonly addsUp?: true;
  /** Why the fault changes nothing in the model, or undefined. */
  withoutEffect?(args: ArgumentsOf<P>): string | undefined;
  /** Names that a trace may give as targets; absent = any. */
  traceTargets?(args: ArgumentsOf<P>, world: KnownWorld): ReadonlySet<string>;
  /** How long it lasts where the scenario does not say; absent = until the end of the run. */
  readonly usualLength?: Distribution;
  /** Independent sequences of occurrences, each in time order and pulled one ahead. */
  plan(args: ArgumentsOf<P>, world: FaultWorld): readonly Iterable<Occurrence>[];
  begin(occurrence: Occurrence, args: ArgumentsOf<P>, targets: FaultTargets, id: number): void;
  end(occurrence: Occurrence, args: ArgumentsOf<P>, targets: FaultTargets, id: number): void;
}

/** Keeps the types of a definition's arguments inside it while the registry sees them all alike. */
export function defineFault<P extends Parameters>(definition: FaultDefinition<P>): FaultDefinition {
  return definition as unknown as FaultDefinition;
}
