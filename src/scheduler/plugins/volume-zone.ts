import type { Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { classOfClaim } from '../../api/persistent-volumes.ts';
import { semanticEqual } from '../../util/semantic-equal.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { Status, skip, unresolvable } from '../framework/status.ts';
import { classNotFound, claimNotFound, needsClaim, volumeNotFound } from './pod-claims.ts';

/** Where a volume is, by one of its labels. */
interface VolumeTopology {
  readonly key: string;
  readonly values: readonly string[];
}

/** Beta labels first, as upstream; each with the label that took its place. */
const topologyLabels = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
] as const;

const successors: ReadonlyMap<string, string> = new Map(topologyLabels);

class ZoneState implements StateValue {
  readonly topologies: readonly VolumeTopology[];

  constructor(topologies: readonly VolumeTopology[]) {
    this.topologies = topologies;
  }

  clone(): ZoneState {
    return this;
  }
}

const noTopologies: readonly VolumeTopology[] = [];
const stateKey = cycleStateKey<ZoneState>('PreFilterVolumeZone');
const refused = Object.freeze(unresolvable('node(s) had no available volume zone'));
const claimWithoutName = Object.freeze(unresolvable('PersistentVolumeClaim had no name'));
const claimWithoutClass = Object.freeze(unresolvable('PersistentVolumeClaim had no pv name and storageClass name'));
const volumeWithoutName = Object.freeze(unresolvable('PersistentVolume had no name'));

/** Sends pods where the zone and region labels of their volumes say (`pl/volumezone/volume_zone.go`). */
class VolumeZone implements Plugin {
  readonly name = 'VolumeZone';
  private readonly handle: Handle;

  constructor(handle: Handle) {
    this.handle = handle;
  }

  preFilter(state: CycleState, pod: Pod): Status | undefined {
    const topologies = this.topologiesOf(pod);
    if (topologies instanceof Status) return topologies;
    if (topologies.length === 0) return skip;
    state.write(stateKey, new ZoneState(topologies));
    return undefined;
  }

  filter(state: CycleState, pod: Pod, { node }: NodeInfo): Status | undefined {
    const topologies = state.read(stateKey)?.topologies ?? this.topologiesOf(pod);
    if (topologies instanceof Status) return topologies;
    const { labels } = node!.metadata;
    // A node without any such label belongs to a cluster of one zone.
    if (!topologyLabels.some(([key]) => Object.hasOwn(labels, key))) return undefined;
    return topologies.every((topology) => isThere(topology, labels)) ? undefined : refused;
  }

  private topologiesOf(pod: Pod): readonly VolumeTopology[] | Status {
    if (pod.spec.volumes.length === 0) return noTopologies;
    const topologies: VolumeTopology[] = [];
    for (const { claimName } of pod.spec.volumes) {
      if (claimName === undefined) continue;
      const found = this.topologiesOfClaim(pod.metadata.namespace, claimName);
      if (found instanceof Status) return found;
      topologies.push(...found);
    }
    return topologies;
  }

  private topologiesOfClaim(namespace: string, name: string): readonly VolumeTopology[] | Status {
    const { cluster } = this.handle;
    if (name === '') return claimWithoutName;
    const claim = cluster.get('PersistentVolumeClaim', namespace, name);
    if (claim === undefined) return unresolvable(claimNotFound(name));
    const { volumeName } = claim.spec;
    if (volumeName === '') return this.whyUnbound(claim) ?? [];
    const volume = cluster.get('PersistentVolume', '', volumeName);
    return volume === undefined ? unresolvable(volumeNotFound(volumeName)) : topologiesOfVolume(volume);
  }

  /** A claim may be without volume only as long as it waits for its first consumer. */
  private whyUnbound(claim: PersistentVolumeClaim): Status | undefined {
    const className = classOfClaim(claim);
    if (className === '') return claimWithoutClass;
    const storageClass = this.handle.cluster.get('StorageClass', '', className);
    if (storageClass === undefined) return unresolvable(classNotFound(className));
    return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : volumeWithoutName;
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('StorageClass', ActionType.add, (_pod, _before, added) =>
        added!.volumeBindingMode === 'WaitForFirstConsumer' ? 'Queue' : 'Skip',
      ),
      onClusterEvent('Node', ActionType.add | ActionType.updateNodeLabel),
      onClusterEvent('PersistentVolumeClaim', ActionType.add | ActionType.update, (pod, _before, after) =>
        needsClaim(pod, after!, false) ? 'Queue' : 'Skip',
      ),
      onClusterEvent('PersistentVolume', ActionType.add | ActionType.update, afterVolumeChange),
    ];
  }
}

/** A beta label of a volume is also met by the label that took its place. */
function isThere({ key, values }: VolumeTopology, labels: Labels): boolean {
  const value = labelValue(labels, key) ?? labelValue(labels, successors.get(key)!);
  return value !== undefined && values.includes(value);
}

/** A label with an empty part among its zones counts for nothing. */
function topologiesOfVolume({ metadata }: PersistentVolume): readonly VolumeTopology[] {
  const topologies: VolumeTopology[] = [];
  for (const [key] of topologyLabels) {
    const values = labelValue(metadata.labels, key)?.split('__');
    if (values?.every((zone) => zone !== '') === true) topologies.push({ key, values });
  }
  return topologies;
}

function afterVolumeChange(
  _pod: Pod,
  before: PersistentVolume | undefined,
  after: PersistentVolume | undefined,
): QueueingHint {
  if (before === undefined) return 'Queue';
  return semanticEqual(topologiesOfVolume(before), topologiesOfVolume(after!)) ? 'Skip' : 'Queue';
}

export const volumeZone = definePlugin({
  name: 'VolumeZone',
  description: 'refuses nodes outside of the zones and regions of the volumes that the pod uses',
  create: (_args, handle) => new VolumeZone(handle),
});
