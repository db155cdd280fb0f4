/** Which objects the scopes of a ResourceQuota take in (upstream pkg/quota/v1/evaluator/core/pods.go). Pure. */
import type { Pod, PodAffinityTerm, PodSpec, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from './core-v1.ts';
import type { ApiObject } from './meta-v1.ts';
import { isBestEffort } from './pod-qos.ts';
import { podRequests } from './resources.ts';

/** Whether a quota counts an object: without scopes each, with scopes the pods that lie in all of them. */
export function isInScopes(object: ApiObject, { scopes, scopeSelector }: ResourceQuotaSpec): boolean {
  if (scopes.length === 0 && scopeSelector.length === 0) return true;
  if (object.kind !== 'Pod') return false;
  const { spec } = object as Pod;
  return (
    scopes.every((scopeName) => isInScope(spec, { scopeName, operator: 'Exists', values: [] })) &&
    scopeSelector.every((requirement) => isInScope(spec, requirement))
  );
}

function isInScope(spec: PodSpec, requirement: ScopedResourceSelectorRequirement): boolean {
  switch (requirement.scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(spec, podRequests(spec));
    case 'NotBestEffort':
      return !isBestEffort(spec, podRequests(spec));
    case 'PriorityClass':
      return hasPriorityClass(spec.priorityClassName, requirement);
    case 'CrossNamespacePodAffinity':
      return affinityTerms(spec).some(
        ({ namespaces, namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined,
      );
    case 'VolumeAttributesClass':
      return false;
  }
}

/** As a label whose value is the name of the class; absent where the pod names none. */
function hasPriorityClass(name: string, { operator, values }: ScopedResourceSelectorRequirement): boolean {
  switch (operator) {
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return name === '' || !values.includes(name);
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
  }
}

function affinityTerms({ affinity }: PodSpec): readonly PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each) =>
    each === undefined ? [] : [...each.required, ...each.preferred.map(({ podAffinityTerm }) => podAffinityTerm)],
  );
}
