/** What a pod as a whole asks for where it says so in part only (upstream pkg/api/pod/util.go DefaultPodLevelResources). Pure. */
import type { PodSpec, ResourceList, ResourceRequirements } from './core-v1.ts';
import { isPodLevelResource, podLimits, podRequests } from './resources.ts';

const noAmounts: ResourceList = new Map();

/** What the containers of a pod come to, without overhead and pod-level values. */
export function containerSums(spec: PodSpec): ResourceRequirements {
  const containers = { ...spec, overhead: noAmounts, resources: undefined };
  return { requests: podRequests(containers), limits: podLimits(containers) };
}

/** The spec with the pod-level amounts that follow from its containers; the same one when it states none. */
export function withPodLevelDefaults(spec: PodSpec): PodSpec {
  return spec.resources === undefined ? spec : { ...spec, resources: completed(spec, spec.resources) };
}

/** In upstream's order: limits of huge pages, requests, then the other limits. */
function completed(spec: PodSpec, stated: ResourceRequirements): ResourceRequirements {
  const sums = containerSums(spec);
  const limits = new Map(stated.limits);
  for (const [name, sum] of sums.limits)
    if (name.startsWith('hugepages-') && !stated.requests.has(name) && !limits.has(name)) limits.set(name, sum);
  const requests = new Map(stated.requests);
  for (const name of ['cpu', 'memory']) {
    const sum = sums.requests.get(name);
    if (sum !== undefined && !requests.has(name)) requests.set(name, sum);
  }
  for (const [name, amount] of limits) if (isPodLevelResource(name) && !requests.has(name)) requests.set(name, amount);
  for (const [name, amount] of requests) {
    if (!isPodLevelResource(name) || limits.has(name) || !isLimitedEverywhere(spec, name)) continue;
    limits.set(name, Math.max(amount, sums.limits.get(name)!));
  }
  return { requests, limits };
}

function isLimitedEverywhere({ containers, initContainers }: PodSpec, name: string): boolean {
  return [...containers, ...initContainers].every((container) => container.resources.limits.has(name));
}
