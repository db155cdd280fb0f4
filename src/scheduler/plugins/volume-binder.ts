/** What a pod's claims mean for a node, and what a decision takes (`pl/volumebinding/binder.go`). */
import type { Node, NodeSelectorTerm, Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue, metadataWith } from '../../api/meta-v1.ts';
import { classOfClaim, isFullyBound, selectedNodeAnnotation, withAnnotation } from '../../api/persistent-volumes.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import type { CSINode } from '../../api/storage-v1.ts';
import { byStorageClass } from '../../apiserver/cluster-state.ts';
import type { ClusterLister } from '../framework/handle.ts';
import { AssumeCache } from './assume-cache.ts';
import { migratedPluginOf, translatedAffinity } from './csi-translation.ts';
import { claimNameOf, ownershipProblem } from './pod-claims.ts';
import { VolumeAffinity, boundVolume, candidatesFor, findMatchingVolume, requestedBytes } from './volume-matching.ts';
import type { ClaimCandidates } from './volume-matching.ts';
import { VolumeProvisioning } from './volume-provisioning.ts';
import type { DynamicProvision, ProvisionPlan } from './volume-provisioning.ts';

/** A pod's claims by what is still to be done for them. */
export interface PodVolumeClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Wait for the pod: their volumes are chosen together with the node. The smallest request first. */
  readonly delayed: readonly DelayedClaim[];
  /** Wait for their volume to be made for a node that was chosen before. */
  readonly selected: readonly ProvisionPlan[];
  /** Should be bound by now. */
  readonly hasUnboundImmediate: boolean;
}

/** A claim that takes a volume that is there or, if none will do, has one made. */
export interface DelayedClaim {
  readonly candidates: ClaimCandidates;
  readonly plan: ProvisionPlan;
}

/** A volume that is there, for a claim. */
export interface StaticBinding {
  readonly volume: PersistentVolume;
  readonly claim: PersistentVolumeClaim;
}

/** What a pod's claims would take on one node. */
export interface PodVolumes {
  readonly bindings: readonly StaticBinding[];
  readonly provisions: readonly DynamicProvision[];
}

/** Bits of why a node is out of the question, in the order of upstream's reasons. */
export const volumeConflict = { node: 1, binding: 2, space: 4, missingVolume: 8 } as const;

/** What a node can do for the claims: volumes, bits of `volumeConflict`, or the text of an error. */
export type NodeVolumes = PodVolumes | number | string;

const migratedPluginsAnnotation = 'storage.alpha.kubernetes.io/migrated-plugins';

/** Finds volumes for claims. */
export class VolumeBinder {
  readonly claims: AssumeCache<'PersistentVolumeClaim'>;
  readonly volumes: AssumeCache<'PersistentVolume'>;
  private readonly cluster: ClusterLister;
  private readonly affinity = new VolumeAffinity();
  private readonly provisioning: VolumeProvisioning;
  private readonly translated = new WeakMap<PersistentVolume, readonly NodeSelectorTerm[]>();

  constructor(cluster: ClusterLister) {
    this.cluster = cluster;
    this.claims = new AssumeCache('PersistentVolumeClaim', cluster);
    this.volumes = new AssumeCache('PersistentVolume', cluster);
    this.provisioning = new VolumeProvisioning(cluster);
  }

  /** Sorts the claims of a pod; a text is the error of one that cannot be used (upstream `GetPodVolumeClaims`). */
  claimsOf(pod: Pod): PodVolumeClaims | string {
    const bound: PersistentVolumeClaim[] = [];
    const delayed: PersistentVolumeClaim[] = [];
    const selected: PersistentVolumeClaim[] = [];
    let hasUnboundImmediate = false;
    for (const volume of pod.spec.volumes) {
      const name = claimNameOf(pod, volume);
      if (name === undefined) continue;
      const { namespace } = pod.metadata;
      const claim = this.claims.get(namespace, name);
      const key = `"${namespace}/${name}"`;
      if (claim === undefined) return `error getting PVC ${key}: persistentvolumeclaims ${key} not found`;
      const problem = volume.source === 'ephemeral' ? ownershipProblem(pod, claim) : undefined;
      if (problem !== undefined) return problem;
      if (isFullyBound(claim)) bound.push(claim);
      else if (!this.isDelayed(claim)) hasUnboundImmediate = true;
      else (selectedNodeOf(claim) === undefined ? delayed : selected).push(claim);
    }
    delayed.sort((a, b) => requestedBytes(a) - requestedBytes(b));
    return {
      bound,
      delayed: delayed.map((claim) => ({
        candidates: this.candidatesFor(claim),
        plan: this.provisioning.planFor(claim),
      })),
      selected: selected.map((claim) => this.provisioning.planFor(claim)),
      hasUnboundImmediate,
    };
  }

  /** Without a class, or with one that is not there, a claim is bound at once; one that names its volume is too. */
  private isDelayed(claim: PersistentVolumeClaim): boolean {
    if (claim.spec.volumeName !== '') return false;
    const storageClass = this.cluster.get('StorageClass', '', classOfClaim(claim));
    return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  private candidatesFor(claim: PersistentVolumeClaim): ClaimCandidates {
    const stored = this.cluster.by('PersistentVolume', byStorageClass, classOfClaim(claim));
    const volumes = stored.map((volume) => this.volumes.latest(volume));
    return candidatesFor(claim, volumes);
  }

  /** Upstream `FindPodVolumes`. */
  find(claims: PodVolumeClaims, node: Node): NodeVolumes {
    const conflicts = this.checkBound(claims.bound, node);
    const found = this.findDelayed(claims, node);
    if (typeof found === 'string') return found;
    if (typeof found === 'number') return conflicts | found;
    return conflicts === 0 ? found : conflicts;
  }

  /** The first bound claim whose volume is missing or out of reach ends it. */
  private checkBound(claims: readonly PersistentVolumeClaim[], node: Node): number {
    if (claims.length === 0) return 0;
    const csiNode = this.cluster.get('CSINode', '', node.metadata.name);
    for (const { spec } of claims) {
      const volume = this.volumes.get('', spec.volumeName);
      if (volume === undefined) return volumeConflict.missingVolume;
      if (!this.isReached(volume, node.metadata.labels, csiNode)) return volumeConflict.node;
    }
    return 0;
  }

  /** Whether nodes with these labels reach the volume, as the node's CSI drivers see it. */
  isReached(volume: PersistentVolume, labels: Labels, csiNode: CSINode | undefined): boolean {
    const { nodeAffinity } = volume.spec;
    const plugin = migratedPluginOf(volume);
    if (plugin === undefined || !isHandedOver(plugin, csiNode)) return this.affinity.matches(nodeAffinity, labels);
    let terms = this.translated.get(volume);
    if (terms === undefined) {
      terms = translatedAffinity(volume);
      if (terms !== undefined) this.translated.set(volume, terms);
    }
    return this.affinity.matches(terms, labels);
  }

  private findDelayed({ delayed, selected }: PodVolumeClaims, node: Node): NodeVolumes {
    const { name, labels } = node.metadata;
    if (selected.some(({ claim }) => selectedNodeOf(claim) !== name)) return volumeConflict.binding;
    const bindings: StaticBinding[] = [];
    const taken: PersistentVolume[] = [];
    const plans = [...selected];
    for (const { candidates, plan } of delayed) {
      const volume = findMatchingVolume(candidates, labels, taken, this.affinity);
      if (volume === undefined) plans.push(plan);
      else {
        taken.push(volume);
        bindings.push({ volume, claim: candidates.claim });
      }
    }
    return this.withProvisions(bindings, plans, node);
  }

  private withProvisions(bindings: readonly StaticBinding[], plans: readonly ProvisionPlan[], node: Node): NodeVolumes {
    if (plans.length === 0) return { bindings, provisions: [] };
    const outcome = this.provisioning.check(plans, node);
    switch (outcome.type) {
      case 'error':
        return outcome.message;
      case 'refused':
        return volumeConflict.binding;
      case 'no-room':
        return volumeConflict.space;
      case 'provisioned':
        return { bindings, provisions: outcome.provisions };
    }
  }

  /** Whether every claim of the pod is bound, so that nothing is to be done (upstream `arePodVolumesBound`). */
  areBound(pod: Pod): boolean {
    return pod.spec.volumes.every((volume) => {
      const name = claimNameOf(pod, volume);
      if (name === undefined) return true;
      const claim = this.claims.get(pod.metadata.namespace, name);
      return claim !== undefined && isFullyBound(claim);
    });
  }

  /**
   * From now on the volumes belong to the pod's claims, and the claims to the node.
   *
   * @returns the objects as they are to be written, or why not: then everything is as before.
   */
  assume({ bindings, provisions }: PodVolumes, nodeName: string): PodVolumes | string {
    const taken: StaticBinding[] = [];
    const provisioned: DynamicProvision[] = [];
    const giveUp = (problem: string): string => {
      this.revert({ bindings: taken, provisions: provisioned });
      return problem;
    };
    for (const { volume, claim } of bindings) {
      const next = boundVolume(volume, claim);
      const problem = next === volume ? undefined : this.volumes.assume(next);
      if (problem !== undefined) return giveUp(problem);
      taken.push({ volume: next, claim });
    }
    for (const { claim, capacity } of provisions) {
      const next = withSelectedNode(claim, nodeName);
      const problem = this.claims.assume(next);
      if (problem !== undefined) return giveUp(problem);
      provisioned.push({ claim: next, capacity });
    }
    return { bindings: taken, provisions: provisioned };
  }

  /** Undoes `assume` as far as nothing newer has come. */
  revert({ bindings, provisions }: PodVolumes): void {
    for (const { volume } of bindings) this.volumes.restore(volume);
    for (const { claim } of provisions) this.claims.restore(claim);
  }
}

/** The node that a claim is provisioned for; undefined = none yet. */
export function selectedNodeOf({ metadata }: PersistentVolumeClaim): string | undefined {
  return labelValue(metadata.annotations, selectedNodeAnnotation);
}

function withSelectedNode(claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim {
  const annotations = withAnnotation(claim.metadata.annotations, selectedNodeAnnotation, nodeName);
  return { ...claim, metadata: metadataWith(claim.metadata, { annotations }) };
}

function isHandedOver(plugin: string, csiNode: CSINode | undefined): boolean {
  const names = csiNode && labelValue(csiNode.metadata.annotations, migratedPluginsAnnotation);
  return names?.split(',').includes(plugin) === true;
}
