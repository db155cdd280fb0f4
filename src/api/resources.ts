/**
 * What a pod asks for as a whole (upstream `component-helpers/resource/helpers.go`). Upstream sums exact quantities; here
 * each container's are already integers, which differs only for requests below one byte: the API server rounds every
 * quantity up to a thousandth on the way in.
 */
import type { Container, PodSpec, ResourceList } from './core-v1.ts';

/** Used for scoring where a container does not request the resource: 100 milliCPU and 200 MiB (`ps/util/pod_resources.go`). */
export const nonZeroDefaults: ResourceList = new Map([
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024],
]);

const none: ResourceList = new Map();

/** How the requests of a pod are summed. */
export interface PodResourcesOptions {
  /** Requests assumed for a container that does not name the resource; an explicit 0 stays 0. */
  readonly missing?: ResourceList;
  /** Leaves out spec.resources (the incoming pod in the score of NodeResourcesFit). */
  readonly skipPodLevel?: boolean;
  /** What a container requests; absent = what its spec says. */
  readonly requestsOf?: (container: Container) => ResourceList;
}

/** The pod's requests: containers and sidecars, or the init phase where that needs more; pod-level values; overhead. */
export function podRequests(spec: PodSpec, options: PodResourcesOptions = {}): ResourceList {
  const missing = options.missing ?? none;
  const requestsOf = options.requestsOf ?? ((container: Container) => container.resources.requests);
  const total = aggregate(spec, (container) => withMissing(requestsOf(container), missing));
  if (options.skipPodLevel !== true) applyPodLevel(total, spec.resources?.requests);
  addInto(total, spec.overhead);
  return total;
}

/**
 * The requests that scores count: each container without a request for cpu or memory counts as 100 milliCPU or 200 MiB.
 * Where pod-level requests are set, the default is for resources that neither level names (`CalculateResource` in
 * `ps/framework/types.go`).
 */
export function podRequestsNonZero(spec: PodSpec): ResourceList {
  if (!hasPodLevel(spec.resources?.requests)) return podRequests(spec, { missing: nonZeroDefaults });
  const total = podRequests(spec);
  const missing = new Map<string, number>();
  for (const [name, amount] of nonZeroDefaults) if (!total.has(name)) missing.set(name, amount);
  return podRequests(spec, { missing });
}

/** The pod's limits; overhead is added only to resources that have a limit. */
export function podLimits(spec: PodSpec): ResourceList {
  const total = aggregate(spec, (container) => container.resources.limits);
  applyPodLevel(total, spec.resources?.limits);
  for (const [name, amount] of spec.overhead) {
    const limit = total.get(name);
    if (limit !== undefined && limit !== 0) total.set(name, limit + amount);
  }
  return total;
}

/** Containers summed; init containers one after another on top of the sidecars started before them; the larger of both. */
function aggregate(spec: PodSpec, resourcesOf: (container: Container) => ResourceList): Map<string, number> {
  const total = new Map<string, number>();
  for (const container of spec.containers) addInto(total, resourcesOf(container));
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of spec.initContainers) {
    const own = resourcesOf(container);
    if (container.restartPolicy === 'Always') {
      addInto(total, own);
      addInto(sidecars, own);
      raiseTo(peak, sidecars);
    } else {
      raiseTo(peak, addResources(own, sidecars));
    }
  }
  raiseTo(total, peak);
  return total;
}

function withMissing(requests: ResourceList, missing: ResourceList): ResourceList {
  let complete: Map<string, number> | undefined;
  for (const [name, amount] of missing) {
    if (requests.has(name)) continue;
    complete ??= new Map(requests);
    complete.set(name, amount);
  }
  return complete ?? requests;
}

/** Pod-level resources replace the containers' sum, also where they are smaller. */
function applyPodLevel(total: Map<string, number>, podLevel: ResourceList | undefined): void {
  for (const [name, amount] of podLevel ?? none) if (isPodLevelResource(name)) total.set(name, amount);
}

function hasPodLevel(resources: ResourceList | undefined): boolean {
  for (const name of (resources ?? none).keys()) if (isPodLevelResource(name)) return true;
  return false;
}

/** Resources that may be stated for a pod as a whole: cpu, memory and huge pages. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** The sum of two lists. */
export function addResources(a: ResourceList, b: ResourceList): ResourceList {
  const sum = new Map(a);
  addInto(sum, b);
  return sum;
}

function addInto(total: Map<string, number>, more: ResourceList): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount);
}

function raiseTo(total: Map<string, number>, floor: ResourceList): void {
  for (const [name, amount] of floor) if ((total.get(name) ?? -1) < amount) total.set(name, amount);
}

/** What one pod spec comes to. */
export interface PodResources {
  readonly requests: ResourceList;
  readonly requestsNonZero: ResourceList;
  readonly limits: ResourceList;
}

interface CacheEntry extends PodResources {
  readonly initContainers: PodSpec['initContainers'];
  readonly overhead: PodSpec['overhead'];
  readonly podLevel: PodSpec['resources'];
}

/**
 * Remembers the sums per list of containers, which all pods of a template share whether they are bound or not. The other
 * parts that matter are compared by identity, so a spec rebuilt with another overhead is never mistaken.
 */
export class PodResourcesCache {
  private readonly entries = new WeakMap<PodSpec['containers'], CacheEntry>();

  of(spec: PodSpec): PodResources {
    const known = this.entries.get(spec.containers);
    if (known !== undefined && isSame(known, spec)) return known;
    const entry: CacheEntry = {
      requests: podRequests(spec),
      requestsNonZero: podRequestsNonZero(spec),
      limits: podLimits(spec),
      initContainers: spec.initContainers,
      overhead: spec.overhead,
      podLevel: spec.resources,
    };
    this.entries.set(spec.containers, entry);
    return entry;
  }
}

function isSame(entry: CacheEntry, spec: PodSpec): boolean {
  return (
    entry.initContainers === spec.initContainers &&
    entry.overhead === spec.overhead &&
    entry.podLevel === spec.resources
  );
}
