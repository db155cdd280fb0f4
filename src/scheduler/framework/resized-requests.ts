/**
 * Requests of a pod that was resized in place (upstream `component-helpers/resource/helpers.go`, option
 * UseStatusResources): what the spec asks for, what the kubelet granted, and what is in force may differ for a while; the
 * pod counts with the greatest of the three, resource by resource.
 */
import type { Container, Pod, ResourceList } from '../../api/core-v1.ts';
import type { ContainerStatus } from '../../api/pod-status.ts';
import { nonZeroDefaults, podRequests } from '../../api/resources.ts';

/** Whether the status of the pod says anything about its resources. */
export function isResized({ status }: Pod): boolean {
  return status.containerStatuses.some(saysResources) || status.initContainerStatuses.some(saysResources);
}

function saysResources({ allocatedResources, actualRequests }: ContainerStatus): boolean {
  return allocatedResources !== undefined || actualRequests !== undefined;
}

/** The pod's requests, status considered. */
export function resizedRequests(pod: Pod): ResourceList {
  return greatestRequests(pod, none);
}

/** The same with 100 milliCPU and 200 MiB for each container that names none, as scores count. */
export function resizedRequestsNonZero(pod: Pod): ResourceList {
  const plain = greatestRequests(pod, none);
  const hasPodLevel = (pod.spec.resources?.requests.size ?? 0) > 0;
  if (!hasPodLevel) return greatestRequests(pod, nonZeroDefaults);
  return greatestRequests(pod, new Map([...nonZeroDefaults].filter(([name]) => !plain.has(name))));
}

const none: ResourceList = new Map();

/**
 * Three sums over the pod. Where its resize is infeasible the spec is left out: it will not happen. Pod-level requests and
 * overhead are the same in all three.
 */
function greatestRequests(pod: Pod, missing: ResourceList): ResourceList {
  const statuses = statusesByContainer(pod);
  const isInfeasible = resizeReason(pod) === 'Infeasible';
  const fromSpec = (container: Container): ResourceList => container.resources.requests;
  const unsaid = isInfeasible ? () => none : fromSpec;
  const allocated = (container: Container): ResourceList =>
    statuses.get(container)?.allocatedResources ?? unsaid(container);
  const actual = (container: Container): ResourceList =>
    statuses.get(container)?.actualRequests ?? allocated(container);
  const views = isInfeasible ? [allocated, actual] : [fromSpec, allocated, actual];
  const greatest = new Map<string, number>();
  for (const requestsOf of views) {
    for (const [name, amount] of podRequests(pod.spec, { missing, requestsOf })) {
      greatest.set(name, Math.max(greatest.get(name) ?? 0, amount));
    }
  }
  return greatest;
}

function statusesByContainer({ spec, status }: Pod): ReadonlyMap<Container, ContainerStatus> {
  const statuses = new Map<Container, ContainerStatus>();
  for (const entry of status.containerStatuses) statuses.set(spec.containers[entry.index]!, entry);
  for (const entry of status.initContainerStatuses) statuses.set(spec.initContainers[entry.index]!, entry);
  return statuses;
}

/** Reason of the first condition PodResizePending; empty when there is none. */
function resizeReason({ status }: Pod): string {
  return status.otherConditions.find(({ type }) => type === 'PodResizePending')?.reason ?? '';
}
