/** Requests and limits of a pod as a whole (`validatePodResources`). */
import type { PodSpec, ResourceRequirements } from '../core-v1.ts';
import { containerSums, withPodLevelDefaults } from '../pod-level-resources.ts';
import type { FieldPosition } from './field-position.ts';
import type { FieldReader } from './field-reader.ts';
import { resourcesFields } from './known-fields.ts';
import { checkClaimNames } from './resource-claims.ts';
import { decodeResourceList } from './resource-list.ts';
import { checkPodHolds, checkPodResourceName, checkRequirements } from './resource-requirements.ts';

/**
 * The pod's own resources as they are written; undefined when it states none. Of a pod they are checked with the defaults that they
 * will get from its containers, of a template as they stand.
 */
export function decodePodLevelResources(
  reader: FieldReader,
  spec: PodSpec,
  isTemplate: boolean,
): ResourceRequirements | undefined {
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
  const written = { ...spec, resources: stated };
  checkPodLevelResources(resources.at, isTemplate ? written : withPodLevelDefaults(written));
  return stated;
}

/** Reports amounts that do not go together, with each other or with those of the containers (upstream `validatePodResources`). */
export function checkPodLevelResources(at: FieldPosition, spec: PodSpec): void {
  if (spec.resources === undefined) return;
  checkRequirements(at, spec.resources, checkPodResourceName);
  const limits = spec.containers.map((container) => container.resources.limits);
  checkPodHolds(at, spec.resources, containerSums(spec), limits);
}

/** As they stand in the manifest; undefined when nothing does. */
export function statedResources(resources: FieldReader): ResourceRequirements | undefined {
  const requests = decodeResourceList(resources, 'requests');
  const limits = decodeResourceList(resources, 'limits');
  return requests.size + limits.size === 0 ? undefined : { requests, limits };
}
