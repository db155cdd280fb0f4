/**
 * The resource metrics API (metrics-server): what pods use, as it was seen when their kubelets were asked last. No scrape is an
 * event: which one is the newest and what it saw follow from the time and from the usage that the scenario states.
 */
import type { ApiServer } from '../apiserver/apiserver.ts';
import { byController, byControllerUntilDone } from '../apiserver/cluster-state.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { conditionSince, isConditionTrue } from '../api/pod-status.ts';
import { podRequests } from '../api/resources.ts';
import { SECOND } from '../engine/time.ts';
import type { Behavior, ContainerUsage, PodUsage, ResourceUsage } from './behavior.ts';
import { Behaviors } from './behaviors.ts';
import type { UsageCurve } from './usage-curve.ts';
import { meanShare, meanUsage } from './usage-curve.ts';

/** metrics-server --metric-resolution of its released manifests. */
const resolutionUs = 15 * SECOND;
/** A sample is the mean of two resolutions. */
const windowUs = 2 * resolutionUs;
/** Containers that are younger are not measured (metrics-server `freshContainerMinMetricsResolution`). */
const leastWindowUs = 10 * SECOND;

/** A sample: mean over the window that ends at `time`, in the unit of the resource (cpu: milli); times in microseconds. */
export interface UsageSample {
  readonly value: number;
  readonly time: number;
  readonly windowUs: number;
}

/** What the metrics API is made of. */
export interface ResourceMetricsOptions {
  readonly server: ApiServer;
  readonly behaviors: readonly Behavior[];
  /** Whether the kubelet of a node answers. */
  readonly isReachable: (nodeName: string) => boolean;
}

/** Samples of pods whose behaviour states what they use; without any such behaviour there is no metrics API. */
export class ResourceMetrics {
  private readonly server: ApiServer;
  private readonly behaviors: Behaviors;
  private readonly isReachable: (nodeName: string) => boolean;
  private readonly stated: readonly Behavior[];
  /** When the ready pods of a workload became ready, as of the newest scrape. */
  private readonly sharers = new Map<Uid, { readonly scrape: number; readonly readySince: readonly number[] }>();

  constructor({ server, behaviors, isReachable }: ResourceMetricsOptions) {
    this.server = server;
    this.behaviors = new Behaviors(server, behaviors);
    this.isReachable = isReachable;
    this.stated = behaviors.filter(({ usage }) => usage !== undefined);
  }

  isAvailable(): boolean {
    return this.stated.length > 0;
  }

  /**
   * The newest sample of a pod or of one of its containers; undefined where its kubelet is silent, a container does not run, or
   * nobody says what it uses.
   */
  sample(pod: Pod, resource: string, now: number, container?: string): UsageSample | undefined {
    const { usage } = this.behaviors.of(pod);
    if (usage === undefined || (resource !== 'cpu' && resource !== 'memory')) return undefined;
    const parts = container === undefined ? wholeOf(pod, usage, resource) : partOf(pod, usage, resource, container);
    let sum: UsageSample | undefined;
    for (const { stated, request } of parts) {
      const sample = stated && this.measure(pod, stated, request, now);
      if (sample === undefined) return undefined;
      sum = { ...sample, value: sample.value + (sum?.value ?? 0) };
    }
    return sum;
  }

  /** Whether any behaviour states a metric of this name. */
  servesPods(name: string): boolean {
    return this.stated.some(({ usage }) => usage?.metrics.has(name) === true);
  }

  /** The newest sample of a pod's metric of its own, in thousandths. */
  ofPod(pod: Pod, name: string, now: number): UsageSample | undefined {
    const stated = this.behaviors.of(pod).usage?.metrics.get(name);
    return stated && this.measure(pod, stated, 0, now);
  }

  private measure(pod: Pod, stated: ResourceUsage, request: number, now: number): UsageSample | undefined {
    const startedAt = runningSince(pod);
    if (startedAt === undefined || !this.isReachable(pod.spec.nodeName)) return undefined;
    const time = Math.floor(now / resolutionUs) * resolutionUs;
    const from = Math.max(time - windowUs, startedAt);
    if (time - from < leastWindowUs) return undefined;
    const used = stated.isShared
      ? this.share(pod, stated.curve, from, time)
      : meanUsage(stated.curve, request, from, time);
    return { value: Math.round(used), time, windowUs: time - from };
  }

  private share(pod: Pod, curve: UsageCurve, from: number, to: number): number {
    if (!takesLoad(pod)) return 0;
    return meanShare(curve, readySinceOf(pod), this.readySince(pod, to), from, to);
  }

  private readySince(pod: Pod, scrape: number): readonly number[] {
    const root = this.rootOf(pod);
    const known = this.sharers.get(root);
    if (known?.scrape === scrape) return known.readySince;
    const ready = this.podsOf(root, pod).filter(takesLoad);
    const readySince = ready.map(readySinceOf).sort((a, b) => a - b);
    this.sharers.set(root, { scrape, readySince });
    return readySince;
  }

  /** The uid of the workload: of the controller's controller, of the controller, or of the pod itself. */
  private rootOf(pod: Pod): Uid {
    const owner = controllerOf(pod);
    if (owner === undefined) return pod.metadata.uid;
    const set =
      owner.kind === 'ReplicaSet' ? this.server.state.get('ReplicaSet', pod.metadata.namespace, owner.name) : undefined;
    return (set && controllerOf(set)?.uid) ?? owner.uid;
  }

  private podsOf(root: Uid, pod: Pod): readonly Pod[] {
    if (root === pod.metadata.uid) return [pod];
    const { state } = this.server;
    const own = [...state.by('Pod', byControllerUntilDone, root)];
    const sets = [...state.by('ReplicaSet', byController, root)];
    return [...own, ...sets.flatMap(({ metadata }) => [...state.by('Pod', byControllerUntilDone, metadata.uid)])];
  }
}

interface StatedPart {
  readonly stated: ResourceUsage | undefined;
  readonly request: number;
}

/** What a pod uses: as a whole where that is stated, else the sum of its containers. */
function wholeOf({ spec }: Pod, usage: PodUsage, resource: keyof ContainerUsage): readonly StatedPart[] {
  if (usage[resource] !== undefined)
    return [{ stated: usage[resource], request: podRequests(spec).get(resource) ?? 0 }];
  return spec.containers.map(({ name, resources }) => ({
    stated: usage.containers.get(name)?.[resource],
    request: resources.requests.get(resource) ?? 0,
  }));
}

/** What a container uses; the only one of a pod uses what the pod does. */
function partOf({ spec }: Pod, usage: PodUsage, resource: keyof ContainerUsage, name: string): readonly StatedPart[] {
  const container = spec.containers.find((each) => each.name === name);
  if (container === undefined) return [];
  const own = usage.containers.get(name)?.[resource];
  const stated = own ?? (spec.containers.length === 1 ? usage[resource] : undefined);
  return [{ stated, request: container.resources.requests.get(resource) ?? 0 }];
}

/** Load goes to pods that are ready and not on their way out. */
function takesLoad({ metadata, status }: Pod): boolean {
  return isConditionTrue(status.ready) && metadata.deletionTimestamp === undefined;
}

function readySinceOf({ status }: Pod): number {
  return conditionSince(status.ready) * SECOND;
}

/** Since when all main containers run, microseconds; undefined when one does not: the pod then has no sample at all. */
function runningSince({ spec, status }: Pod): number | undefined {
  if (status.phase !== 'Running' || status.containerStatuses.length < spec.containers.length) return undefined;
  let since = 0;
  for (const { state } of status.containerStatuses) {
    if (state.phase !== 'running') return undefined;
    since = Math.max(since, state.startedAt * SECOND);
  }
  return since;
}
