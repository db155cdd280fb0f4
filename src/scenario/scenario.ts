/**
 * A scenario, checked and fully resolved: every file read, every default filled in, every duration in integer microseconds.
 * The composition root builds a run from this value alone.
 */
import type { LatencyProfile } from '../apiserver/latency.ts';
import type { FaultRule } from '../faults/injector.ts';
import type { Behavior, ImageSize, KubeletOptions, MetricSeries, RegistryOptions } from '../kubelet/behavior.ts';
import type { TieBreak } from '../scheduler/select-host.ts';
import type { GeneratorSpec } from '../workload/generator-spec.ts';
import type { ManifestObject } from '../workload/manifest-object.ts';
import type { NodePool } from '../workload/node-pool.ts';
import type { TraceReplay } from '../workload/traces/trace-replay.ts';
import type { TimedUserAction } from '../workload/user-action.ts';
import type { AssertEntry } from './asserts.ts';
import type { Place } from './diagnostics.ts';
import type { FieldPath } from './field-path.ts';
import type { EntryPart } from './yaml-source.ts';

/** The Kubernetes versions whose semantics are known, newest first. */
export const kubernetesVersions = ['1.37'] as const;

/** A version named in `spec.kubernetesVersion`. */
export type KubernetesVersion = (typeof kubernetesVersions)[number];

/** What is there before time starts. */
export interface ScenarioCluster {
  readonly nodePools: readonly NodePool[];
  /** Objects of `cluster.manifests`: nodes, bound pods, and whatever else a dump holds, in the order of the files. */
  readonly objects: readonly ManifestObject[];
}

/** A file of the scenario whose contents another room reads. */
export interface ScenarioFile {
  /** As shown in messages. */
  readonly file: string;
  /** As the file system knows it. */
  readonly realPath: string;
  /** Where the scenario names it. */
  readonly namedAt: Place;
  /** The parsed YAML or JSON; undefined for modules. */
  readonly raw: unknown;
  /** Where a value stands in the file. */
  locate(path: FieldPath, part?: EntryPart): Place;
}

/** A profile by its name, and where the scenario names it. */
export interface NamedProfile {
  readonly name: string;
  readonly namedAt: Place;
}

/** What a scenario says about kube-scheduler. */
export interface SchedulerOptions {
  /** A KubeSchedulerConfiguration; undefined = the default profile. */
  readonly config: ScenarioFile | undefined;
  /** Name of a profile that is there without a file, instead of `config`. */
  readonly profile: NamedProfile | undefined;
  /** Modules with plugins. Nothing is loaded here: that is for the command line, which looks whether they may run. */
  readonly plugins: readonly ScenarioFile[];
  readonly tieBreak: TieBreak;
  /** Which draws break ties, where `tieBreak` is uniform: another salt, other draws of ties, and nothing else differs. */
  readonly tieSalt: number;
  /** Virtual cost of one scheduling cycle, microseconds; undefined = the model's own. */
  readonly cycleCost: { readonly constant: number; readonly perNode: number } | undefined;
}

/** What a scenario says about the controllers. */
export interface ControllerOptions {
  /** Names as `kube-controller-manager --controllers=-name` knows them. */
  readonly disable: readonly string[];
}

/** What stops a run that went wrong; undefined = the engine's own limit. */
export interface Limits {
  readonly events: number | undefined;
  readonly eventsPerInstant: number | undefined;
  readonly pods: number | undefined;
}

/** What a scenario says about its results. */
export interface OutputOptions {
  /** Step of the time series, microseconds; undefined = chosen from the horizon. */
  readonly step: number | undefined;
}

/** An input file, for the manifest of the results. */
export interface InputFile {
  /** Relative to the scenario's folder where it lies below it. */
  readonly path: string;
  readonly text: string;
}

/** A scenario, ready to be run. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly kubernetesVersion: KubernetesVersion;
  readonly seed: string;
  /** Number of the run under this seed, from 0: another run, other draws. */
  readonly replication: number;
  /** Microseconds. */
  readonly horizon: number;
  readonly latency: LatencyProfile;
  readonly cluster: ScenarioCluster;
  /** What users do: manifests of `workload` first, then `actions`, in order of time and position. */
  readonly actions: readonly TimedUserAction[];
  readonly generators: readonly GeneratorSpec[];
  /** A trace: one in order is offered without a clock, in place of a simulation; undefined = there is none. */
  readonly trace: TraceReplay | undefined;
  readonly behaviors: readonly Behavior[];
  /** What autoscalers read beside the use of pods. */
  readonly metrics: readonly MetricSeries[];
  readonly images: readonly ImageSize[];
  readonly registry: RegistryOptions;
  readonly kubelet: KubeletOptions;
  readonly scheduler: SchedulerOptions;
  readonly controllers: ControllerOptions;
  readonly faults: readonly FaultRule[];
  readonly limits: Limits;
  readonly outputs: OutputOptions;
  readonly asserts: readonly AssertEntry[];
  /** The scenario as written, after includes and overrides: what the manifest of the results records. */
  readonly effective: unknown;
  /** Every file that was read, in the order of reading. */
  readonly inputs: readonly InputFile[];
}
