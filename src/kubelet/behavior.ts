/** What kubelets are told of the world: how pods behave, how large images are, and the settings of every kubelet. */
import type { LabelSelector } from '../api/meta-v1.ts';
import type { Distribution } from '../engine/distributions.ts';

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
