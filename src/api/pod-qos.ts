/** The quality of service that a pod is due (upstream `qos.GetPodQOS`). Pure. */
import type { PodSpec, ResourceList } from './core-v1.ts';

/** Neither requests nor limits of processors or memory; `requests` are those of the pod as a whole. */
export function isBestEffort(spec: PodSpec, requests: ResourceList): boolean {
  if ((requests.get('cpu') ?? 0) > 0 || (requests.get('memory') ?? 0) > 0) return false;
  return [...spec.initContainers, ...spec.containers].every(
    ({ resources }) => (resources.limits.get('cpu') ?? 0) === 0 && (resources.limits.get('memory') ?? 0) === 0,
  );
}

/** 0 = best effort, 1 = burstable, 2 = guaranteed. */
export function qosRank(spec: PodSpec, requests: ResourceList): 0 | 1 | 2 {
  if (isBestEffort(spec, requests)) return 0;
  const isGuaranteed = [...spec.initContainers, ...spec.containers].every(({ resources }) =>
    ['cpu', 'memory'].every((name) => {
      const limit = resources.limits.get(name) ?? 0;
      return limit > 0 && (resources.requests.get(name) ?? limit) === limit;
    }),
  );
  return isGuaranteed ? 2 : 1;
}
