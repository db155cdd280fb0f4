/**
 * A scenario, checked and fully resolved: every file read, every default filled in, every duration in integer microseconds.
 * The composition root builds a run from this value alone.
 */
import type { LabelSelector } from '../api/meta-v1.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { FaultRule } from '../faults/injector.ts';
import type { GeneratorSpec } from '../workload/generator-spec.ts';
import type { ManifestObject } from '../workload/manifest-object.ts';
import type { NodePool } from '../workload/node-pool.ts';
import type { TimedUserAction } from '../workload/user-action.ts';
import type { AssertEntry } from './asserts.ts';

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

/** How pods that match behave where their manifest cannot say. The first behaviour that matches and states a field wins. */
export interface Behavior {
  readonly selector: LabelSelector;
  /** undefined = any namespace. */
  readonly namespace: string | undefined;
  /** Kind of the controlling owner (`Job`, `ReplicaSet`), or `Pod` for pods without one; undefined = any. */
  readonly kind: string | undefined;
  /** Name of the pod or of its workload; `*` and `?` as in a shell. undefined = any. */
  readonly name: string | undefined;
  /** How long main containers run before they exit by themselves; undefined = for ever. */
  readonly runDuration: Distribution | undefined;
  /** Exit code after `runDuration`; 0 to 255. */
  readonly exitCode: number | undefined;
  /** From the start of the containers until they could answer a readiness probe. */
  readonly readyAfter: Distribution | undefined;
  /** How long creating and starting a container takes. */
  readonly startDuration: Distribution | undefined;
  /** Containers crash after such times, again and again. */
  readonly crash: { readonly interval: Distribution; readonly exitCode: number } | undefined;
  /** From SIGTERM to the exit of the containers; the grace period cuts it off. */
  readonly stopAfter: Distribution | undefined;
  /** Opt-in departure from Kubernetes: after so many restarts the pod fails and its controller replaces it. */
  readonly failAfterRestarts: number | undefined;
}

/** An image whose name matches has this size. */
export interface ImageSize {
  /** `*` and `?` as in a shell. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** The image registry and the way to it. */
export interface RegistryOptions {
  /** Bytes per second of one pull; undefined = the default of the kubelet model. */
  readonly bandwidth: number | undefined;
  /** Time until the first byte of a pull. */
  readonly latency: Distribution | undefined;
}

/** Settings of every kubelet, named as in KubeletConfiguration; undefined = upstream's default. Times in microseconds. */
export interface KubeletOptions {
  readonly nodeStatusUpdateFrequency: number | undefined;
  readonly nodeLeaseDuration: number | undefined;
  readonly serializeImagePulls: boolean | undefined;
  readonly maxParallelImagePulls: number | undefined;
  readonly registryPullQPS: number | undefined;
  readonly registryBurst: number | undefined;
  /** crashLoopBackOff.maxContainerRestartPeriod. */
  readonly maxContainerRestartPeriod: number | undefined;
  readonly maxPods: number | undefined;
  /** Time to make a pod's sandbox and its network. */
  readonly sandboxDuration: Distribution | undefined;
}

/** A file of the scenario whose contents another room reads. */
export interface ScenarioFile {
  /** As shown in messages. */
  readonly file: string;
  /** As the file system knows it. */
  readonly realPath: string;
  /** The parsed YAML or JSON; undefined for modules. */
  readonly raw: unknown;
}

/** How ties between nodes with the same best score are broken. */
export const tieBreaks = ['uniform', 'lowest-name', 'first'] as const;

/** One of `tieBreaks`. */
export type TieBreak = (typeof tieBreaks)[number];

export interface SchedulerOptions {
  /** A KubeSchedulerConfiguration; undefined = the default profile. */
  readonly config: ScenarioFile | undefined;
  /** Modules with plugins. Nothing is loaded here: that is for the command line, which asks for the user's consent. */
  readonly plugins: readonly ScenarioFile[];
  readonly tieBreak: TieBreak;
  /** Virtual cost of one scheduling cycle, microseconds; undefined = the model's own. */
  readonly cycleCost: { readonly constant: number; readonly perNode: number } | undefined;
}

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
  readonly behaviors: readonly Behavior[];
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
