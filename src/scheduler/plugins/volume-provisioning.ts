/** Whether volumes can be made for claims on a node (`volumebinding/binder.go` checkVolumeProvisions, hasEnoughCapacity). */
import type { Node } from '../../api/core-v1.ts';
import { compileSelector } from '../../api/labels.ts';
import type { LabelSelector, Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { classOfClaim, noProvisioner } from '../../api/persistent-volumes.ts';
import type { CSIStorageCapacity, StorageClass, TopologySelectorTerm } from '../../api/storage-v1.ts';
import type { ClusterLister } from '../framework/handle.ts';
import { requestedBytes } from './volume-matching.ts';

/** A volume that is to be made. */
export interface DynamicProvision {
  readonly claim: PersistentVolumeClaim;
  /** What says that there is room for it; undefined = nobody keeps count. */
  readonly capacity: CSIStorageCapacity | undefined;
}

/** What came of a list of claims on one node. */
export type ProvisionOutcome =
  | { readonly type: 'provisioned'; readonly provisions: readonly DynamicProvision[] }
  /** No volume of the class can be made, or not for this node. */
  | { readonly type: 'refused' }
  | { readonly type: 'no-room' }
  | { readonly type: 'error'; readonly message: string };

const refused: ProvisionOutcome = { type: 'refused' };
const noRoom: ProvisionOutcome = { type: 'no-room' };

/** Bytes of the largest volume that an object promises room for; undefined = not known (upstream `volumeLimit`). */
export function volumeLimit({ maximumVolumeSize, capacity }: CSIStorageCapacity): number | undefined {
  return maximumVolumeSize ?? capacity;
}

/** Asks the classes, the drivers and their accounts of free storage. */
export class VolumeProvisioning {
  private readonly cluster: ClusterLister;
  private readonly selectors = new WeakMap<LabelSelector, (labels: Labels) => boolean>();

  constructor(cluster: ClusterLister) {
    this.cluster = cluster;
  }

  /** The first claim that cannot be served ends it. */
  check(claims: readonly PersistentVolumeClaim[], node: Node): ProvisionOutcome {
    const provisions: DynamicProvision[] = [];
    for (const claim of claims) {
      const className = classOfClaim(claim);
      if (className === '') return error(`no class for claim "${claim.metadata.namespace}/${claim.metadata.name}"`);
      const storageClass = this.cluster.get('StorageClass', '', className);
      if (storageClass === undefined) return error(`failed to find storage class ${JSON.stringify(className)}`);
      if (!isServed(storageClass, node)) return refused;
      if (!this.isCounted(storageClass, claim)) provisions.push({ claim, capacity: undefined });
      else {
        const capacity = this.roomFor(claim, storageClass, node);
        if (capacity === undefined) return noRoom;
        provisions.push({ claim, capacity });
      }
    }
    return { type: 'provisioned', provisions };
  }

  /** Only drivers that say so keep count. */
  private isCounted({ provisioner }: StorageClass, { spec }: PersistentVolumeClaim): boolean {
    if (!spec.requests.has('storage')) return false;
    return this.cluster.get('CSIDriver', '', provisioner)?.spec.storageCapacity === true;
  }

  private roomFor(
    claim: PersistentVolumeClaim,
    { metadata }: StorageClass,
    node: Node,
  ): CSIStorageCapacity | undefined {
    const bytes = requestedBytes(claim);
    return this.cluster.list('CSIStorageCapacity').find((capacity) => {
      const limit = volumeLimit(capacity);
      const isEnough = limit !== undefined && limit >= bytes;
      return capacity.storageClassName === metadata.name && isEnough && this.isReached(capacity, node);
    });
  }

  private isReached({ nodeTopology }: CSIStorageCapacity, { metadata }: Node): boolean {
    if (nodeTopology === undefined) return false;
    let selects = this.selectors.get(nodeTopology);
    if (selects === undefined) this.selectors.set(nodeTopology, (selects = compileSelector(nodeTopology)));
    return selects(metadata.labels);
  }
}

function error(message: string): ProvisionOutcome {
  return { type: 'error', message };
}

function isServed({ provisioner, allowedTopologies }: StorageClass, { metadata }: Node): boolean {
  if (provisioner === '' || provisioner === noProvisioner) return false;
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => matchesTopology(term, metadata.labels));
}

/** All expressions must hold; a term without any matches nothing (upstream `MatchTopologySelectorTerms`). */
function matchesTopology({ matchLabelExpressions }: TopologySelectorTerm, labels: Labels): boolean {
  if (matchLabelExpressions.length === 0) return false;
  return matchLabelExpressions.every(({ key, values }) => {
    const value = labelValue(labels, key);
    return value !== undefined && values.includes(value);
  });
}
