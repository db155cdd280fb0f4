/** The claims that a pod's volumes need, and what upstream says when one is not as it should be. */
import type { Pod, Volume } from '../../api/core-v1.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';

/** Name of the claim behind a volume; undefined = the volume needs none. A generic ephemeral volume has a claim of its own. */
export function claimNameOf(pod: Pod, { source, claimName, name }: Volume): string | undefined {
  return source === 'ephemeral' ? `${pod.metadata.name}-${name}` : claimName;
}

/** Whether a volume of the pod needs just this claim. `withEphemeral`: also one that the pod owns. */
export function needsClaim(pod: Pod, { metadata }: PersistentVolumeClaim, withEphemeral: boolean): boolean {
  if (metadata.namespace !== pod.metadata.namespace) return false;
  for (const volume of pod.spec.volumes) {
    const name = withEphemeral ? claimNameOf(pod, volume) : volume.claimName;
    if (name === metadata.name) return true;
  }
  return false;
}

/** Why the claim of an ephemeral volume is not the pod's; undefined = it is (upstream `VolumeIsForPod`). */
export function ownershipProblem({ metadata }: Pod, claim: PersistentVolumeClaim): string | undefined {
  if (controllerOf(claim)?.uid === metadata.uid) return undefined;
  const { namespace, name } = claim.metadata;
  return `PVC ${namespace}/${name} was not created for pod ${metadata.namespace}/${metadata.name} (pod is not owner)`;
}

/** The lister's text for a missing claim. */
export function claimNotFound(name: string): string {
  return `persistentvolumeclaim ${JSON.stringify(name)} not found`;
}

/** The lister's text for a missing volume. */
export function volumeNotFound(name: string): string {
  return `persistentvolume ${JSON.stringify(name)} not found`;
}

/** The lister's text for a missing class. */
export function classNotFound(name: string): string {
  return `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`;
}
