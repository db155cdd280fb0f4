/** Requests and limits of a pod as a whole (`pkg/api/pod/util.go` DefaultPodLevelResources, `validatePodResources`). */
import type { PodSpec, ResourceList, ResourceRequirements } from '../core-v1.ts';
import { isPodLevelResource, podLimits, podRequests } from '../resources.ts';
import type { FieldReader } from './field-reader.ts';
import { resourcesFields } from './known-fields.ts';
import { checkClaimNames } from './resource-claims.ts';
import { decodeResourceList } from './resource-list.ts';
import { checkPodHolds, checkPodResourceName, checkRequirements } from './resource-requirements.ts';

/** The pod's own resources, completed by what its containers say; undefined when it states none. */
export function decodePodLevelResources(reader: FieldReader, spec: PodSpec): ResourceRequirements | undefined {
  const resources = reader.object('resources');
  if (resources === undefined) return undefined;
  if (spec.osName === 'windows') {
    resources.at.forbidden('may not be set for a windows pod');
    return undefined;
  }
  resources.warnUnknown(resourcesFields);
  if (resources.has('claims'))
    resources.at.field('claims').forbidden('claims may not be set for Resources at pod-level');
  checkClaimNames(resources, spec.resourceClaims);
  const stated = statedResources(resources);
  if (stated === undefined) return undefined;
  const containers = { ...spec, overhead: noAmounts };
  const sums = { requests: podRequests(containers), limits: podLimits(containers) };
  const complete = completed(spec, stated, sums);
  checkRequirements(resources.at, complete, checkPodResourceName);
  checkPodHolds(
    resources.at,
    complete,
    sums,
    spec.containers.map((container) => container.resources.limits),
  );
  return complete;
}

/** As they stand in the manifest; undefined when nothing does. */
export function statedResources(resources: FieldReader): ResourceRequirements | undefined {
  const requests = decodeResourceList(resources, 'requests');
  const limits = decodeResourceList(resources, 'limits');
  return requests.size + limits.size === 0 ? undefined : { requests, limits };
}

const noAmounts: ResourceList = new Map();

/** In upstream's order: limits of huge pages, requests, then the other limits. */
function completed(spec: PodSpec, stated: ResourceRequirements, sums: ResourceRequirements): ResourceRequirements {
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
