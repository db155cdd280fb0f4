/** Which of the volumes that are there a claim takes (upstream `component-helpers/storage/volume/pv_helpers.go`). */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/core-v1.ts';
import { compileSelector } from '../../api/labels.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue, metadataWith } from '../../api/meta-v1.ts';
import { compileTopologyTerms } from '../../api/node-selector.ts';
import {
  boundByControllerAnnotation,
  classOfClaim,
  classOfVolume,
  isVolumeBoundToClaim,
  withAnnotation,
} from '../../api/persistent-volumes.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volumes.ts';

/** Bytes that a claim asks for. */
export function requestedBytes({ spec }: PersistentVolumeClaim): number {
  return spec.requests.get('storage') ?? 0;
}

/** Bytes that a volume has. */
export function capacityBytes({ spec }: PersistentVolume): number {
  return spec.capacity.get('storage') ?? 0;
}

/** Tests node affinity of volumes; compiles each list of terms once. */
export class VolumeAffinity {
  private readonly compiled = new WeakMap<readonly NodeSelectorTerm[], (labels: Labels) => boolean>();

  /** Whether nodes with these labels reach a volume with these terms; undefined = all do (upstream `CheckNodeAffinity`). */
  matches(terms: readonly NodeSelectorTerm[] | undefined, labels: Labels): boolean {
    if (terms === undefined) return true;
    let test = this.compiled.get(terms);
    if (test === undefined) this.compiled.set(terms, (test = compileTopologyTerms(terms)));
    return test(labels);
  }
}

/** The volumes that a claim may take, whatever the node. */
export interface ClaimCandidates {
  readonly claim: PersistentVolumeClaim;
  /** Promised to the claim: the first one is taken or, where the node cannot reach it, none at all. */
  readonly promised: readonly PersistentVolume[];
  readonly available: AvailableVolumes;
}

/** A volume and its place among the available ones of a claim. */
interface RankedVolume {
  readonly volume: PersistentVolume;
  readonly rank: number;
}

/**
 * Volumes from the smallest to the largest. Local volumes are there by the thousands, each for one node, so those that name
 * the values of one label are found by that label.
 */
export class AvailableVolumes {
  private readonly anywhere: RankedVolume[] = [];
  /** By the key of a label of nodes, then by its value. */
  private readonly pinned = new Map<string, Map<string, RankedVolume[]>>();

  constructor(volumes: readonly PersistentVolume[]) {
    const bySize = [...volumes].sort((a, b) => capacityBytes(a) - capacityBytes(b));
    for (const [rank, volume] of bySize.entries()) this.add({ volume, rank });
  }

  private add(entry: RankedVolume): void {
    const pin = pinOf(entry.volume);
    if (pin === undefined) return void this.anywhere.push(entry);
    let byValue = this.pinned.get(pin.key);
    if (byValue === undefined) this.pinned.set(pin.key, (byValue = new Map()));
    for (const value of pin.values) {
      const list = byValue.get(value);
      if (list === undefined) byValue.set(value, [entry]);
      else list.push(entry);
    }
  }

  /** The smallest that passes the test, of those that a node with these labels may reach. */
  first(labels: Labels, passes: (volume: PersistentVolume) => boolean): PersistentVolume | undefined {
    let best = this.anywhere.find(({ volume }) => passes(volume));
    for (const [key, byValue] of this.pinned) {
      const value = labelValue(labels, key);
      const found = value === undefined ? undefined : byValue.get(value)?.find(({ volume }) => passes(volume));
      if (found !== undefined && (best === undefined || found.rank < best.rank)) best = found;
    }
    return best?.volume;
  }
}

/** A label that every node which reaches the volume has, with the values that it may have; undefined = there is none such. */
function pinOf({ spec }: PersistentVolume): NodeSelectorRequirement | undefined {
  const terms = spec.nodeAffinity;
  return terms?.length === 1 ? terms[0]!.matchExpressions.find(({ operator }) => operator === 'In') : undefined;
}

/**
 * What of `findMatchingVolume` does not depend on the node.
 *
 * @param volumes those of the claim's class, in the order of the informer: the first of equal ones is taken.
 */
export function candidatesFor(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): ClaimCandidates {
  const suitable = volumes.filter((volume) => isSuitable(volume, claim));
  const isSelected = claim.spec.selector === undefined ? undefined : compileSelector(claim.spec.selector);
  const available = suitable.filter(
    (volume) =>
      !isVolumeBoundToClaim(volume, claim) &&
      volume.status.phase === 'Available' &&
      isSelected?.(volume.metadata.labels) !== false &&
      classOfVolume(volume) === classOfClaim(claim) &&
      claim.spec.accessModes.every((mode) => volume.spec.accessModes.includes(mode)),
  );
  return {
    claim,
    promised: suitable.filter((volume) => isVolumeBoundToClaim(volume, claim)),
    available: new AvailableVolumes(available),
  };
}

/** Tested before the question whether the volume is promised to the claim. */
function isSuitable(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec, metadata } = volume;
  if (spec.claimRef !== undefined && !isVolumeBoundToClaim(volume, claim)) return false;
  return (
    capacityBytes(volume) >= requestedBytes(claim) &&
    spec.volumeMode === claim.spec.volumeMode &&
    spec.volumeAttributesClassName === claim.spec.volumeAttributesClassName &&
    metadata.deletionTimestamp === undefined
  );
}

/**
 * The volume that the claim takes on a node with these labels; undefined = none (upstream `FindMatchingVolume`).
 *
 * @param taken volumes of the pod's other claims.
 */
export function findMatchingVolume(
  { promised, available }: ClaimCandidates,
  labels: Labels,
  taken: readonly PersistentVolume[],
  affinity: VolumeAffinity,
): PersistentVolume | undefined {
  const isFree = (volume: PersistentVolume): boolean => !taken.includes(volume);
  const isReached = ({ spec }: PersistentVolume): boolean => affinity.matches(spec.nodeAffinity, labels);
  const own = promised.find(isFree);
  if (own !== undefined) return isReached(own) ? own : undefined;
  return available.first(labels, (volume) => isFree(volume) && isReached(volume));
}

/** The volume with its claim; the same object where nothing is to be written (upstream `GetBindVolumeToClaim`). */
export function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace, name, uid } = claim.metadata;
  const { spec, metadata } = volume;
  const isByUser = isVolumeBoundToClaim(volume, claim);
  const isNamed = isByUser && spec.claimRef?.uid === uid;
  const isAnnotated = isByUser || labelValue(metadata.annotations, boundByControllerAnnotation) !== undefined;
  if (isNamed && isAnnotated) return volume;
  const annotations = isAnnotated
    ? metadata.annotations
    : withAnnotation(metadata.annotations, boundByControllerAnnotation, 'yes');
  const claimRef = { namespace, name, uid };
  return { ...volume, metadata: metadataWith(metadata, { annotations }), spec: { ...spec, claimRef } };
}
