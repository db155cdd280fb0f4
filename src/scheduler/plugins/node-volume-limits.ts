import type { Pod, Volume } from '../../api/core-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { classOfClaim } from '../../api/persistent-volumes.ts';
import type { CSINode, VolumeAttachment } from '../../api/storage-v1.ts';
import { byNode } from '../../apiserver/cluster-state.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { Status, errorStatus, skip, unresolvable, unschedulable } from '../framework/status.ts';
import { csiVolumeOf, csiVolumeOfPod, driverOfProvisioner, isMigratable, isOfInTreePlugin } from './csi-translation.ts';
import type { CsiVolume } from './csi-translation.ts';
import { claimNameOf, claimNotFound, needsClaim, ownershipProblem } from './pod-claims.ts';

const limitExceeded = Object.freeze(unschedulable('node(s) exceed max volume count'));

/** Volumes of CSI drivers by a name that is unique for each, with the name of the driver. */
type DriverVolumes = Map<string, string>;

/** The volumes of the pod to be placed, and how many they are for each driver. */
interface WantedVolumes {
  readonly volumes: ReadonlyMap<string, string>;
  readonly counts: ReadonlyMap<string, number>;
}

/** What the pod wants of nodes without a CSINode, and of those with one: the same for all of either sort. */
class LimitsState implements StateValue {
  readonly wanted: (WantedVolumes | Status | undefined)[] = [undefined, undefined];

  clone(): LimitsState {
    return this;
  }
}

const stateKey = cycleStateKey<LimitsState>('PreFilterNodeVolumeLimits');

/** Counts volumes per CSI driver against the limits of the node's CSINode (`pl/nodevolumelimits/csi.go`). */
class NodeVolumeLimits implements Plugin {
  readonly name = 'NodeVolumeLimits';
  private readonly handle: Handle;
  /** One status for each driver that some node was without. */
  private readonly withoutDriver = new Map<string, Status>();
  private readonly limits = new WeakMap<CSINode, ReadonlyMap<string, number>>();

  constructor(handle: Handle) {
    this.handle = handle;
  }

  preFilter(state: CycleState, pod: Pod): Status | undefined {
    if (!pod.spec.volumes.some(mayBeLimited)) return skip;
    state.write(stateKey, new LimitsState());
    return undefined;
  }

  filter(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    if (pod.spec.volumes.length === 0) return undefined;
    const csiNode = this.handle.cluster.get('CSINode', '', node.name);
    const wanted = this.wantedBy(state, pod, csiNode);
    if (wanted instanceof Status) return wanted;
    for (const driver of wanted.counts.keys()) if (!this.isInstalled(driver, csiNode)) return this.missing(driver);
    const limits = csiNode === undefined ? noLimits : this.limitsOf(csiNode);
    if (limits.size === 0 || !this.mayExceed(node, wanted, limits)) return undefined;
    return this.checkLimits(node, csiNode, wanted, limits);
  }

  private wantedBy(state: CycleState, pod: Pod, csiNode: CSINode | undefined): WantedVolumes | Status {
    const known = state.read(stateKey)?.wanted;
    const at = csiNode === undefined ? 0 : 1;
    const before = known?.[at];
    if (before !== undefined) return before;
    const volumes: DriverVolumes = new Map();
    const wanted = this.addVolumes(pod, csiNode, true, volumes) ?? { volumes, counts: countByDriver(volumes) };
    if (known !== undefined) known[at] = wanted;
    return wanted;
  }

  private limitsOf(csiNode: CSINode): ReadonlyMap<string, number> {
    let limits = this.limits.get(csiNode);
    if (limits === undefined) this.limits.set(csiNode, (limits = limitsOf(csiNode)));
    return limits;
  }

  /** Whether a limit could be met if all that is on the node were of that driver: mostly not, and nothing is looked up. */
  private mayExceed(node: NodeInfo, { counts }: WantedVolumes, limits: ReadonlyMap<string, number>): boolean {
    let others = this.handle.cluster.by('VolumeAttachment', byNode, node.name).length;
    for (const { pod } of node.pods) {
      for (const volume of pod.spec.volumes) {
        if (volume.claimName !== undefined) others++;
        // These may end in an error, which is to be met.
        else if (mayBeLimited(volume)) return true;
      }
    }
    for (const [driver, count] of counts) if (others + count > (limits.get(driver) ?? Infinity)) return true;
    return false;
  }

  private checkLimits(
    node: NodeInfo,
    csiNode: CSINode | undefined,
    wanted: WantedVolumes,
    limits: ReadonlyMap<string, number>,
  ): Status | undefined {
    const used: DriverVolumes = new Map();
    for (const { pod } of node.pods) {
      const problem = this.addVolumes(pod, csiNode, false, used);
      if (problem !== undefined) return problem;
    }
    const counts = new Map<string, number>();
    for (const [volume, driver] of wanted.volumes) if (!used.has(volume)) countOne(counts, driver);
    this.addAttached(node.name, used);
    const usedCounts = countByDriver(used);
    for (const [driver, count] of counts) {
      const limit = limits.get(driver);
      if (limit !== undefined && (usedCounts.get(driver) ?? 0) + count > limit) return limitExceeded;
    }
    return undefined;
  }

  /** Volumes that are attached to the node, those of pods that are gone included. */
  private addAttached(nodeName: string, volumes: DriverVolumes): void {
    const { cluster } = this.handle;
    for (const { spec } of cluster.by('VolumeAttachment', byNode, nodeName)) {
      if (spec.attacher === '' || spec.persistentVolumeName === undefined) continue;
      const csi = cluster.get('PersistentVolume', '', spec.persistentVolumeName)?.spec.csi;
      if (csi !== undefined) volumes.set(`${spec.attacher}/${csi.volumeHandle}`, spec.attacher);
    }
  }

  /** A driver without a CSIDriver object may be none of CSI: then nothing is asked of the node. */
  private isInstalled(driver: string, csiNode: CSINode | undefined): boolean {
    const object = this.handle.cluster.get('CSIDriver', '', driver);
    if (object?.spec.preventPodSchedulingIfMissing !== true) return true;
    return csiNode?.spec.drivers.some(({ name }) => name === driver) === true;
  }

  private missing(driver: string): Status {
    let status = this.withoutDriver.get(driver);
    if (status === undefined) {
      status = unschedulable(`${driver} CSI driver is not installed on the node`);
      this.withoutDriver.set(driver, status);
    }
    return status;
  }

  private addVolumes(
    pod: Pod,
    csiNode: CSINode | undefined,
    isNew: boolean,
    volumes: DriverVolumes,
  ): Status | undefined {
    for (const volume of pod.spec.volumes) {
      const name = claimNameOf(pod, volume);
      const found =
        name === undefined ? inlineVolume(volume, csiNode) : this.volumeOfClaim(pod, volume, name, csiNode, isNew);
      if (found instanceof Status) return found;
      if (found !== undefined && found.driver !== '' && found.handle !== '') {
        volumes.set(`${found.driver}/${found.handle}`, found.driver);
      }
    }
    return undefined;
  }

  /** A claim of a pod on a node that is not there any more counts for nothing. */
  private volumeOfClaim(
    pod: Pod,
    { source }: Volume,
    name: string,
    csiNode: CSINode | undefined,
    isNew: boolean,
  ): CsiVolume | Status | undefined {
    const { namespace } = pod.metadata;
    const claim = this.handle.cluster.get('PersistentVolumeClaim', namespace, name);
    if (claim === undefined) {
      return isNew ? unresolvable(`looking up PVC ${namespace}/${name}: ${claimNotFound(name)}`) : undefined;
    }
    const problem = source === 'ephemeral' ? ownershipProblem(pod, claim) : undefined;
    return problem === undefined ? this.csiVolume(claim, csiNode) : errorStatus(problem);
  }

  /** An unbound claim counts for the driver of its class, as a volume that no other claim has. */
  private csiVolume(claim: PersistentVolumeClaim, csiNode: CSINode | undefined): CsiVolume | undefined {
    const { cluster } = this.handle;
    const { volumeName } = claim.spec;
    const volume = volumeName === '' ? undefined : cluster.get('PersistentVolume', '', volumeName);
    if (volume === undefined) return this.volumeToBe(claim, csiNode);
    if (csiNode === undefined && isOfInTreePlugin(volume)) return undefined;
    const csi = csiVolumeOf(volume);
    return csi === undefined || 'problem' in csi ? undefined : csi;
  }

  private volumeToBe(claim: PersistentVolumeClaim, csiNode: CSINode | undefined): CsiVolume | undefined {
    const { namespace, name } = claim.metadata;
    const storageClass = this.handle.cluster.get('StorageClass', '', classOfClaim(claim));
    if (storageClass === undefined) return undefined;
    const driver = driverOfProvisioner(storageClass.provisioner, csiNode !== undefined);
    // Upstream's prefix is random; no real handle begins with a blank.
    return driver === undefined ? undefined : { driver, handle: ` ${namespace}/${name}` };
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('CSINode', ActionType.add),
      onClusterEvent('CSINode', ActionType.update, (_pod, before, after) => afterLimitChange(before!, after!)),
      onClusterEvent('AssignedPod', ActionType.delete, (_pod, deleted) => afterPodDelete(deleted!)),
      onClusterEvent('PersistentVolumeClaim', ActionType.add, (pod, _before, added) =>
        needsClaim(pod, added!, true) ? 'Queue' : 'Skip',
      ),
      onClusterEvent('VolumeAttachment', ActionType.delete, (pod, deleted) => afterDetach(pod, deleted!)),
    ];
  }
}

function mayBeLimited(volume: Volume): boolean {
  return volume.claimName !== undefined || volume.source === 'ephemeral' || isMigratable(volume);
}

/** A volume that the pod names itself; only a node with a CSINode has it as one of a driver. */
function inlineVolume(volume: Volume, csiNode: CSINode | undefined): CsiVolume | Status | undefined {
  const csi = csiNode === undefined ? undefined : csiVolumeOfPod(volume);
  if (csi === undefined || !('problem' in csi)) return csi;
  return errorStatus(`converting volume(${volume.name}) from inline to csi: ${csi.problem}`);
}

const noLimits: ReadonlyMap<string, number> = new Map();

function limitsOf({ spec }: CSINode): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatableCount } of spec.drivers) {
    if (allocatableCount !== undefined) limits.set(name, allocatableCount);
  }
  return limits;
}

function countByDriver(volumes: DriverVolumes): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const driver of volumes.values()) countOne(counts, driver);
  return counts;
}

function countOne(counts: Map<string, number>, driver: string): void {
  counts.set(driver, (counts.get(driver) ?? 0) + 1);
}

/** A driver without a limit counts as one with 0 here, before and after. */
function afterLimitChange(before: CSINode, after: CSINode): QueueingHint {
  const limits = limitsOf(before);
  const hasRisen = after.spec.drivers.some(
    ({ name, allocatableCount }) => (allocatableCount ?? 0) > (limits.get(name) ?? 0),
  );
  return hasRisen ? 'Queue' : 'Skip';
}

function afterPodDelete({ spec, status }: Pod): QueueingHint {
  const wasPlaced = spec.nodeName !== '' || status.nominatedNodeName !== '';
  return wasPlaced && spec.volumes.some(mayBeLimited) ? 'Queue' : 'Skip';
}

/** The volumes in the order of the pod: an untranslatable one ends it, as upstream's error does. */
function afterDetach(pod: Pod, { spec }: VolumeAttachment): QueueingHint {
  for (const volume of pod.spec.volumes) {
    if (volume.claimName !== undefined) return 'Queue';
    const csi = csiVolumeOfPod(volume);
    if (csi !== undefined && ('problem' in csi || csi.driver === spec.attacher)) return 'Queue';
  }
  return 'Skip';
}

export const nodeVolumeLimits = definePlugin({
  name: 'NodeVolumeLimits',
  description: 'refuses nodes that can use no more volumes of a CSI driver, or lack the driver',
  create: (_args, handle) => new NodeVolumeLimits(handle),
});
