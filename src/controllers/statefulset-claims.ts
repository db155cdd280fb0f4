/** The claims of a StatefulSet's pods: made before them, and given away as the retention policy says (upstream stateful_pod_control.go). */
import { createRequest, patchOfRequest } from '../apiserver/requests.ts';
import type { ApiRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/pod-object.ts';
import { decodeObject } from '../api/decode/decode-object.ts';
import type { StatefulSet } from '../api/apps-v1.ts';
import type { PodSpec, Volume } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { OwnerReference } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';

/** Name of the claim of a template for a pod. */
function claimName(template: string, podName: string): string {
  return `${template}-${podName}`;
}

/** The spec of a pod with the volumes of its claims; the template's own spec where there are none. */
export function specWithClaims(
  { spec: { volumeClaimTemplates } }: StatefulSet,
  spec: PodSpec,
  podName: string,
): PodSpec {
  if (volumeClaimTemplates.length === 0) return spec;
  const claims = volumeClaimTemplates.map(({ name }): Volume => {
    const claim = claimName(name, podName);
    return { name, source: 'persistentVolumeClaim', claimName: claim, raw: { claimName: claim } };
  });
  const others = spec.volumes.filter(({ name }) => !claims.some((claim) => claim.name === name));
  return { ...spec, volumes: [...others, ...claims] };
}

/** Names of the claims that a pod of the set has. */
export function claimNames({ spec: { volumeClaimTemplates } }: StatefulSet, podName: string): readonly string[] {
  return volumeClaimTemplates.map(({ name }) => claimName(name, podName));
}

/** The claims of a pod as they are made; a claim whose template cannot be read is left out. */
export function claimsFor(set: StatefulSet, podName: string): readonly PersistentVolumeClaim[] {
  const { namespace } = set.metadata;
  return set.spec.volumeClaimTemplates.flatMap(({ name, labels, annotations, spec }) => {
    const own = { name: claimName(name, podName), namespace };
    const raw = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: own, spec };
    const decoded = decodeObject(raw);
    if (!decoded.ok || decoded.kind !== 'PersistentVolumeClaim') return [];
    const claim = decoded.object;
    const all = labelsOf(new Map([...sortedLabels(labels), ...sortedLabels(set.spec.selector.matchLabels)]));
    return [withMetadata(claim, metadataWith(claim.metadata, { labels: all, annotations }))];
  });
}

/** The request that makes a claim. */
export function claimRequest(claim: PersistentVolumeClaim): ApiRequest<'PersistentVolumeClaim'> {
  return createRequest('PersistentVolumeClaim', claim);
}

/** The request that gives a claim its owners, as far as it is the version that was read. */
export function ownRequest(
  claim: PersistentVolumeClaim,
  owners: readonly OwnerReference[],
): ApiRequest<'PersistentVolumeClaim'> {
  const patch = (current: PersistentVolumeClaim): PersistentVolumeClaim =>
    withMetadata(current, metadataWith(current.metadata, { ownerReferences: owners }));
  return patchOfRequest('PersistentVolumeClaim', claim, patch);
}
