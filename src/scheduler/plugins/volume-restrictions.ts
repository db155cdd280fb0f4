import type { Pod } from '../../api/core-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { errorStatus, skip, unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import type { ExclusiveDisk } from './exclusive-disks.ts';
import { ExclusiveDisks, areInConflict } from './exclusive-disks.ts';
import { claimNotFound, needsClaim } from './pod-claims.ts';

const diskConflict = Object.freeze(unschedulable('node(s) had no available disk'));
const claimConflict = Object.freeze(
  unschedulable(
    'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
  ),
);
const noState = Object.freeze(errorStatus('cannot read "PreFilterVolumeRestrictions" from cycleState'));

class RestrictionsState implements StateValue {
  /** The pod's claims that one pod may use at a time, by name. */
  readonly claims: ReadonlySet<string>;
  readonly disks: readonly ExclusiveDisk[];
  /** How often scheduled pods use one of the claims. */
  conflicts: number;

  constructor(claims: ReadonlySet<string>, disks: readonly ExclusiveDisk[], conflicts: number) {
    this.claims = claims;
    this.disks = disks;
    this.conflicts = conflicts;
  }

  /** Upstream compares the names of claims only, not the namespaces. */
  count({ pod }: PodInfo, sign: 1 | -1): void {
    for (const { claimName } of pod.spec.volumes) {
      if (claimName !== undefined && this.claims.has(claimName)) this.conflicts += sign;
    }
  }

  clone(): RestrictionsState {
    return new RestrictionsState(this.claims, this.disks, this.conflicts);
  }
}

const stateKey = cycleStateKey<RestrictionsState>('PreFilterVolumeRestrictions');

/** Keeps pods apart that cannot share a disk or a claim (`pl/volumerestrictions/volume_restrictions.go`). */
class VolumeRestrictions implements Plugin {
  readonly name = 'VolumeRestrictions';
  private readonly handle: Handle;
  private readonly disks = new ExclusiveDisks();
  /** Of pods that nothing restricts: nothing is ever counted in it. */
  private readonly unrestricted = new RestrictionsState(new Set(), [], 0);

  constructor(handle: Handle) {
    this.handle = handle;
  }

  /** A claim that is not there is noticed here first. */
  preFilter(state: CycleState, pod: Pod): Status | undefined {
    const { volumes } = pod.spec;
    if (volumes.length === 0) return this.skip(state);
    const { namespace } = pod.metadata;
    const claims = new Set<string>();
    for (const { claimName } of volumes) {
      if (claimName === undefined) continue;
      const claim = this.handle.cluster.get('PersistentVolumeClaim', namespace, claimName);
      if (claim === undefined) return unresolvable(claimNotFound(claimName));
      if (claim.spec.accessModes.includes('ReadWriteOncePod')) claims.add(claimName);
    }
    let conflicts = 0;
    for (const name of claims) if (this.handle.snapshot.isClaimUsed(`${namespace}/${name}`)) conflicts++;
    const disks = this.disks.of(pod.spec);
    if (disks.length === 0 && conflicts === 0) return this.skip(state);
    state.write(stateKey, new RestrictionsState(claims, disks, conflicts));
    return undefined;
  }

  private skip(state: CycleState): Status {
    state.write(stateKey, this.unrestricted);
    return skip;
  }

  addPod(state: CycleState, _pod: Pod, added: PodInfo): Status | undefined {
    return this.count(state, added, 1);
  }

  removePod(state: CycleState, _pod: Pod, removed: PodInfo): Status | undefined {
    return this.count(state, removed, -1);
  }

  private count(state: CycleState, podInfo: PodInfo, sign: 1 | -1): Status | undefined {
    const own = state.read(stateKey);
    own?.count(podInfo, sign);
    return own === undefined ? noState : undefined;
  }

  filter(state: CycleState, _pod: Pod, node: NodeInfo): Status | undefined {
    const own = state.read(stateKey);
    if (own === undefined) return noState;
    if (own.disks.length > 0) {
      for (const { pod } of node.pods) if (areInConflict(own.disks, this.disks.of(pod.spec))) return diskConflict;
    }
    return own.conflicts > 0 ? claimConflict : undefined;
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('AssignedPod', ActionType.delete, (pod, before) => this.afterPodDelete(pod, before!)),
      onClusterEvent('Node', ActionType.add),
      onClusterEvent('PersistentVolumeClaim', ActionType.add, afterClaimAdd),
    ];
  }

  /** Access modes are not looked up: any claim in common may have been in the way. */
  private afterPodDelete(pod: Pod, deleted: Pod): QueueingHint {
    if (deleted.metadata.namespace !== pod.metadata.namespace) return 'Skip';
    if (areInConflict(this.disks.of(pod.spec), this.disks.of(deleted.spec))) return 'Queue';
    const { volumes } = deleted.spec;
    const isCommon = pod.spec.volumes.some(
      ({ claimName }) => claimName !== undefined && volumes.some((volume) => volume.claimName === claimName),
    );
    return isCommon ? 'Queue' : 'Skip';
  }
}

function afterClaimAdd(pod: Pod, _before: unknown, added: PersistentVolumeClaim | undefined): QueueingHint {
  return needsClaim(pod, added!, false) ? 'Queue' : 'Skip';
}

export const volumeRestrictions = definePlugin({
  name: 'VolumeRestrictions',
  description: 'keeps pods apart that cannot share a disk or a ReadWriteOncePod claim',
  create: (_args, handle) => new VolumeRestrictions(handle),
});
