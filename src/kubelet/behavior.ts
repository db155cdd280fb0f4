/** What kubelets are told of the world: how pods behave, how large images are, and the settings of every kubelet. */
import type { Labels, LabelSelector } from '../api/meta-v1.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { UsageCurve } from './usage-curve.ts';

/** One run of a container: how it starts, ends by itself, and answers SIGTERM. */
export interface ContainerRun {
  /** From the start to the end by itself; undefined = for ever. */
  readonly exitAfter: Distribution | undefined;
  readonly exitCode: number;
  /** Reason of the end by itself; empty = Completed for 0, else Error. */
  readonly reason: string;
  /** The runtime cannot start it, with this error; empty = it can. */
  readonly startError: string;
  /** From SIGTERM to the end; undefined = at once. */
  readonly stopAfter: Distribution | undefined;
  readonly stopExitCode: number;
  /** Only SIGKILL ends it. */
  readonly ignoresSigterm: boolean;
}

/** What a command answers that a probe or a hook runs in the container: the last answer that fits holds. */
export interface ExecAnswer {
  readonly command: string;
  /** Microseconds since the start of the container from which the answer holds. */
  readonly from: number;
  /** 0 = success. */
  readonly code: number;
  /** Microseconds until the answer. */
  readonly took: number;
  /** Only in this run, counted from 0; undefined = in each. */
  readonly run: number | undefined;
}

/** What the processes of one container do. */
export interface ContainerScript {
  /** Name of the container; `*` and `?` as in a shell. */
  readonly name: string;
  readonly createDuration: Distribution | undefined;
  readonly startDuration: Distribution | undefined;
  /** By run; the last one holds for all later ones. */
  readonly runs: readonly ContainerRun[];
  readonly answers: readonly ExecAnswer[];
  /** Working set while it runs, bytes. */
  readonly memoryBytes: number;
  /** Writable layer and logs from its first start on, bytes. */
  readonly diskBytes?: number;
}

/** The sandbox of a pod: how long it takes, and how often it fails before it works. */
export interface SandboxScript {
  readonly duration: Distribution | undefined;
  readonly failures: number;
}

/** What a pod uses of one resource. */
export interface ResourceUsage {
  readonly curve: UsageCurve;
  /** The curve is the load of the whole workload, which its ready pods share equally. */
  readonly isShared: boolean;
}

/** What a pod or a container uses; undefined = nobody says. */
export interface ContainerUsage {
  readonly cpu: ResourceUsage | undefined;
  readonly memory: ResourceUsage | undefined;
}

/** What a pod uses, as a whole and by container, and what is measured of it besides. */
export interface PodUsage extends ContainerUsage {
  readonly containers: ReadonlyMap<string, ContainerUsage>;
  /** By name of the metric, in thousandths. */
  readonly metrics: ReadonlyMap<string, ResourceUsage>;
}

/** A series of the custom or the external metrics API; values in thousandths. */
export interface MetricSeries {
  readonly name: string;
  /** undefined = every namespace. */
  readonly namespace: string | undefined;
  /** What it is measured of; undefined = nothing in the cluster: an external metric. */
  readonly object: { readonly kind: string; readonly name: string } | undefined;
  readonly labels: Labels;
  readonly curve: UsageCurve;
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
  /** What the pod uses, as the metrics API tells it; absent = it cannot be measured. */
  readonly usage?: PodUsage;
  /** By container, before the fields above; absent = nothing special. */
  readonly containers?: readonly ContainerScript[];
  readonly sandbox?: SandboxScript;
  /** ConfigMaps and Secrets that pods refer to and that do not exist. */
  readonly missingObjects?: readonly string[];
}

/** Matches every pod and states nothing: what a behaviour is made of that states a few fields. */
export const anyBehavior: Behavior = {
  selector: { matchLabels: {}, matchExpressions: [] },
  namespace: undefined,
  kind: undefined,
  name: undefined,
  runDuration: undefined,
  exitCode: undefined,
  readyAfter: undefined,
  startDuration: undefined,
  crash: undefined,
  stopAfter: undefined,
  failAfterRestarts: undefined,
};

/** An image whose name matches has this size. */
export interface ImageSize {
  /** `*` and `?` as in a shell. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Time of a whole pull; absent = by size, bandwidth and latency. */
  readonly pullDuration?: Distribution;
  /** Time of a pull of an image that the node has; absent = the latency. */
  readonly checkDuration?: Distribution;
  /** Error of the first, second, ... pull on a node; empty = it works. */
  readonly failures?: readonly string[];
  /** Error of all later pulls; absent = they work. */
  readonly failsWith?: string;
}

/** The image registry and the way to it. */
export interface RegistryOptions {
  /** Bytes per second of one pull; undefined = the default of the kubelet model. */
  readonly bandwidth: number | undefined;
  /** Time until the first byte of a pull. */
  readonly latency: Distribution | undefined;
}

/** What the kubelet watches. */
export const evictionSignals = ['memory.available', 'nodefs.available', 'imagefs.available', 'pid.available'] as const;

/** One of them. */
export type EvictionSignal = (typeof evictionSignals)[number];

/** Less than this calls for evictions. */
export interface EvictionThreshold {
  readonly signal: EvictionSignal;
  /** Bytes, or processes. */
  readonly amount: number;
  /** Of the capacity, in place of the amount. */
  readonly percent: number | undefined;
  /** Microseconds; 0 = a hard threshold. */
  readonly graceUs: number;
}

/** Pods of this priority and more, up to the next group's, and the seconds that a shutdown leaves to them. */
export interface ShutdownGroup {
  readonly priority: number;
  readonly seconds: number;
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
  /** Feature gate: crash-loop back-off starts at one second. */
  readonly reduceDefaultCrashLoopBackOffDecay?: boolean;
  /** Thresholds; where one is stated at all, upstream's defaults do not hold. */
  readonly evictionHard?: readonly EvictionThreshold[];
  readonly evictionSoft?: readonly EvictionThreshold[];
  /** Microseconds; absent = the kubelet does not hold up a shutdown of its system. */
  readonly shutdownGracePeriod?: number;
  /** Microseconds; the last part of it, for critical pods. */
  readonly shutdownGracePeriodCriticalPods?: number;
  /** In place of both: by priority, so many seconds each; a pod belongs to the highest priority that is not above its own. */
  readonly shutdownGracePeriodByPodPriority?: readonly ShutdownGroup[];
  /** Seconds; the grace of a pod that is evicted softly. */
  readonly evictionMaxPodGracePeriod?: number;
  /** Microseconds. */
  readonly evictionPressureTransitionPeriod?: number;
}
