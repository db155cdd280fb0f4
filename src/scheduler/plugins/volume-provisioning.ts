/** Whether volumes can be made for claims on a node (`volumebinding/binder.go` checkVolumeProvisions, hasEnoughCapacity). */
import type { Node } from '../../api/core-v1.ts';
import { compileSelector } from '../../api/labels.ts';
import type { LabelSelector, Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { classOfClaim, noProvisioner } from '../../api/persistent-volumes.ts';
import type { CSIStorageCapacity, StorageClass, TopologySelectorTerm } from '../../api/storage-v1.ts';
import { byStorageClass } from '../../apiserver/cluster-state.ts';
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

/** What of the making of a claim's volume is the same for all nodes. */
export interface ProvisionPlan {
  readonly claim: PersistentVolumeClaim;
  /** Text of an error that every node meets; the other fields do not count then. */
  readonly problem: string | undefined;
  /** Whether volumes of the class are made at all. */
  readonly isServed: boolean;
  readonly allowedTopologies: readonly TopologySelectorTerm[];
  /** Accounts with enough room; undefined = the driver keeps none. */
  readonly accounts: readonly CSIStorageCapacity[] | undefined;
}

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

  /** Once for a claim and cycle. */
  planFor(claim: PersistentVolumeClaim): ProvisionPlan {
    const className = classOfClaim(claim);
    const storageClass = this.cluster.get('StorageClass', '', className);
    if (storageClass === undefined) {
      const { namespace, name } = claim.metadata;
      const problem =
        className === ''
          ? `no class for claim "${namespace}/${name}"`
          : `failed to find storage class ${JSON.stringify(className)}`;
      return { claim, problem, isServed: false, allowedTopologies: [], accounts: undefined };
    }
    const { provisioner, allowedTopologies } = storageClass;
    const isServed = provisioner !== '' && provisioner !== noProvisioner;
    const accounts = isServed ? this.accountsFor(claim, storageClass) : undefined;
    return { claim, problem: undefined, isServed, allowedTopologies, accounts };
  }

  /** Only drivers that say so keep count. */
  private accountsFor(
    claim: PersistentVolumeClaim,
    { provisioner, metadata }: StorageClass,
  ): readonly CSIStorageCapacity[] | undefined {
    if (!claim.spec.requests.has('storage')) return undefined;
    if (this.cluster.get('CSIDriver', '', provisioner)?.spec.storageCapacity !== true) return undefined;
    const bytes = requestedBytes(claim);
    return this.cluster.by('CSIStorageCapacity', byStorageClass, metadata.name).filter((account) => {
      const limit = volumeLimit(account);
      return limit !== undefined && limit >= bytes;
    });
  }

  /** The first claim that cannot be served on the node ends it. */
  check(plans: readonly ProvisionPlan[], { metadata: { labels } }: Node): ProvisionOutcome {
    const provisions: DynamicProvision[] = [];
    for (const { claim, problem, isServed, allowedTopologies, accounts } of plans) {
      if (problem !== undefined) return { type: 'error', message: problem };
      const isAllowed = allowedTopologies.length === 0 || allowedTopologies.some((term) => matches(term, labels));
      if (!isServed || !isAllowed) return refused;
      const capacity = accounts?.find(({ nodeTopology }) => this.isReached(nodeTopology, labels));
      if (accounts !== undefined && capacity === undefined) return noRoom;
      provisions.push({ claim, capacity });
    }
    return { type: 'provisioned', provisions };
  }

  private isReached(nodeTopology: LabelSelector | undefined, labels: Labels): boolean {
    if (nodeTopology === undefined) return false;
    let selects = this.selectors.get(nodeTopology);
    if (selects === undefined) this.selectors.set(nodeTopology, (selects = compileSelector(nodeTopology)));
    return selects(labels);
  }
}

/** All expressions must hold; a term without any matches nothing (upstream `MatchTopologySelectorTerms`). */
function matches({ matchLabelExpressions }: TopologySelectorTerm, labels: Labels): boolean {
  if (matchLabelExpressions.length === 0) return false;
  return matchLabelExpressions.every(({ key, values }) => {
    const value = labelValue(labels, key);
    return value !== undefined && values.includes(value);
  });
}
