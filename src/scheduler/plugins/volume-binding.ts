import type { Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '../../api/storage-v1.ts';
import { isRawObject } from '../../api/decode/field-reader.ts';
import { SECOND } from '../../engine/time.ts';
import { semanticEqual } from '../../util/semantic-equal.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Completion, Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { errorStatus, skip, unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { PendingBindings } from './pending-bindings.ts';
import { claimNameOf, claimNotFound, needsClaim, ownershipProblem } from './pod-claims.ts';
import { VolumeBinder, volumeConflict } from './volume-binder.ts';
import type { PodVolumeClaims, PodVolumes } from './volume-binder.ts';
import { defaultVolumeBindingArgs, readVolumeBindingArgs, validateVolumeBindingArgs } from './volume-binding-args.ts';
import type { VolumeBindingArgs } from './volume-binding-args.ts';
import { volumeLimit } from './volume-provisioning.ts';
import { scoreVolumes } from './volume-score.ts';
import type { ShapePoint } from './shape-score.ts';

/** One for the cycle: what-ifs find volumes for the same pod and share it, as upstream. */
class BindingState implements StateValue {
  readonly claims: PodVolumeClaims;
  /** Of the nodes that passed. */
  readonly volumesByNode = new Map<string, PodVolumes>();
  areAllBound = false;

  constructor(claims: PodVolumeClaims) {
    this.claims = claims;
  }

  clone(): BindingState {
    return this;
  }
}

const stateKey = cycleStateKey<BindingState | NoVolumes>('VolumeBinding');

/** Of pods without claims; nothing is ever written to it. */
class NoVolumes implements StateValue {
  clone(): NoVolumes {
    return this;
  }
}

const noVolumes = Object.freeze(new NoVolumes());
const notFound = Object.freeze(errorStatus('not found'));
const unboundImmediate = Object.freeze(unresolvable('pod has unbound immediate PersistentVolumeClaims'));

const conflictReasons = [
  [volumeConflict.node, "node(s) didn't match PersistentVolume's node affinity"],
  [volumeConflict.binding, "node(s) didn't find available persistent volumes to bind"],
  [volumeConflict.space, 'node(s) did not have enough free storage'],
  [volumeConflict.missingVolume, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
] as const;

/** One status for each set of conflicts. */
const conflictStatuses: readonly Status[] = Array.from({ length: 16 }, (_, bits) =>
  Object.freeze(unresolvable(...conflictReasons.flatMap(([bit, reason]) => ((bits & bit) === 0 ? [] : [reason])))),
);

/** Chooses volumes together with the node and binds them before the pod (`pl/volumebinding/volume_binding.go`). */
class VolumeBinding implements Plugin {
  readonly name = 'VolumeBinding';
  private readonly handle: Handle;
  private readonly binder: VolumeBinder;
  private readonly pending: PendingBindings;
  private readonly shape: readonly ShapePoint[];

  constructor({ bindTimeoutSeconds, shape }: VolumeBindingArgs, handle: Handle) {
    this.handle = handle;
    this.shape = shape;
    this.binder = new VolumeBinder(handle.cluster);
    this.pending = new PendingBindings(handle, this.binder, bindTimeoutSeconds * SECOND);
  }

  preFilter(state: CycleState, pod: Pod): Status | undefined {
    if (!pod.spec.volumes.some((volume) => claimNameOf(pod, volume) !== undefined)) {
      state.write(stateKey, noVolumes);
      return skip;
    }
    const problem = this.claimProblem(pod);
    if (problem !== undefined) return unresolvable(problem);
    const claims = this.binder.claimsOf(pod);
    if (typeof claims === 'string') return errorStatus(claims);
    if (claims.hasUnboundImmediate) return unboundImmediate;
    state.write(stateKey, new BindingState(claims));
    return undefined;
  }

  /** The first claim that no node could help (upstream `podHasPVCs`). */
  private claimProblem(pod: Pod): string | undefined {
    for (const volume of pod.spec.volumes) {
      const name = claimNameOf(pod, volume);
      if (name === undefined) continue;
      const isEphemeral = volume.source === 'ephemeral';
      const quoted = JSON.stringify(name);
      const claim = this.handle.cluster.get('PersistentVolumeClaim', pod.metadata.namespace, name);
      if (claim === undefined) {
        const awaited = `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`;
        return isEphemeral ? awaited : claimNotFound(name);
      }
      if (claim.status.phase === 'Lost') {
        const volumeName = JSON.stringify(claim.spec.volumeName);
        return `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${volumeName}`;
      }
      if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim ${quoted} is being deleted`;
      const problem = isEphemeral ? ownershipProblem(pod, claim) : undefined;
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  filter(state: CycleState, _pod: Pod, { node }: NodeInfo): Status | undefined {
    const own = state.read(stateKey);
    if (!(own instanceof BindingState)) return own === undefined ? notFound : undefined;
    const found = this.binder.find(own.claims, node!);
    if (typeof found === 'string') return errorStatus(found);
    if (typeof found === 'number') return conflictStatuses[found];
    own.volumesByNode.set(node!.metadata.name, found);
    return undefined;
  }

  preScore(state: CycleState): Status | undefined {
    return state.read(stateKey) === undefined ? notFound : undefined;
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    const own = state.read(stateKey);
    const volumes = own instanceof BindingState ? own.volumesByNode.get(node.name) : undefined;
    return volumes === undefined ? 0 : scoreVolumes(volumes, this.shape);
  }

  scoreNodes(state: CycleState, pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    if (state.read(stateKey) === noVolumes) scores.fill(0);
    else for (let at = 0; at < nodes.length; at++) scores[at] = this.score(state, pod, nodes[at]!);
  }

  reserve(state: CycleState, pod: Pod, nodeName: string): Status | undefined {
    const own = state.read(stateKey);
    if (!(own instanceof BindingState)) return own === undefined ? notFound : undefined;
    const volumes = own.volumesByNode.get(nodeName);
    own.areAllBound = volumes === undefined || this.binder.areBound(pod);
    if (volumes === undefined || own.areAllBound) return undefined;
    this.pending.watch();
    const assumed = this.binder.assume(volumes, nodeName);
    if (typeof assumed === 'string') return errorStatus(assumed);
    own.volumesByNode.set(nodeName, assumed);
    return undefined;
  }

  unreserve(state: CycleState, _pod: Pod, nodeName: string): void {
    const own = state.read(stateKey);
    const volumes = own instanceof BindingState ? own.volumesByNode.get(nodeName) : undefined;
    if (volumes !== undefined) this.binder.revert(volumes);
  }

  preBindPreFlight(state: CycleState, _pod: Pod, nodeName: string): Status | undefined {
    const own = state.read(stateKey);
    if (!(own instanceof BindingState)) return own === undefined ? notFound : skip;
    if (own.areAllBound) return skip;
    return own.volumesByNode.has(nodeName) ? undefined : noVolumesFound(nodeName);
  }

  preBind(state: CycleState, pod: Pod, nodeName: string, done: Completion): void {
    const own = state.read(stateKey);
    if (!(own instanceof BindingState)) return done(own === undefined ? notFound : undefined);
    if (own.areAllBound) return done(undefined);
    const volumes = own.volumesByNode.get(nodeName);
    if (volumes === undefined) return done(noVolumesFound(nodeName));
    this.pending.bind(pod, volumes, (problem) => done(problem === undefined ? undefined : errorStatus(problem)));
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    const change = ActionType.add | ActionType.update;
    return [
      onClusterEvent('StorageClass', change, (_pod, before, after) => afterClassChange(before, after!)),
      onClusterEvent('PersistentVolumeClaim', change, (pod, _before, after) =>
        needsClaim(pod, after!, true) ? 'Queue' : 'Skip',
      ),
      onClusterEvent('PersistentVolume', change),
      onClusterEvent('Node', ActionType.add | ActionType.updateNodeLabel),
      onClusterEvent('CSINode', change, (_pod, before, after) => afterCSINodeChange(before, after!)),
      onClusterEvent('CSIDriver', ActionType.update, (pod, before, after) => afterDriverChange(pod, before!, after!)),
      onClusterEvent('CSIStorageCapacity', change, (_pod, before, after) => afterCapacityChange(before, after!)),
    ];
  }
}

function noVolumesFound(nodeName: string): Status {
  return errorStatus(`no pod volume found for node ${JSON.stringify(nodeName)}`);
}

/** The binding mode of a class never changes. */
function afterClassChange(before: StorageClass | undefined, after: StorageClass): QueueingHint {
  if (before === undefined) return 'Queue';
  return semanticEqual(before.allowedTopologies, after.allowedTopologies) ? 'Skip' : 'Queue';
}

function afterCSINodeChange(before: CSINode | undefined, after: CSINode): QueueingHint {
  if (before === undefined) return 'Queue';
  const migrated = (annotations: Labels): string =>
    labelValue(annotations, 'storage.alpha.kubernetes.io/migrated-plugins') ?? '';
  return migrated(before.metadata.annotations) === migrated(after.metadata.annotations) ? 'Skip' : 'Queue';
}

/** Upstream looks at volumes that the pod itself names of the driver, not at its claims. */
function afterDriverChange(pod: Pod, before: CSIDriver, after: CSIDriver): QueueingHint {
  if (!before.spec.storageCapacity || after.spec.storageCapacity) return 'Skip';
  const isUsed = pod.spec.volumes.some(
    ({ source, raw }) => source === 'csi' && isRawObject(raw) && raw['driver'] === after.metadata.name,
  );
  return isUsed ? 'Queue' : 'Skip';
}

function afterCapacityChange(before: CSIStorageCapacity | undefined, after: CSIStorageCapacity): QueueingHint {
  if (before === undefined) return 'Queue';
  const limit = volumeLimit(after);
  return limit !== undefined && limit > (volumeLimit(before) ?? -1) ? 'Queue' : 'Skip';
}

export const volumeBinding = definePlugin<VolumeBindingArgs>({
  name: 'VolumeBinding',
  description: 'finds volumes for the claims of the pod on the node, and binds them before the pod',
  defaultArgs: defaultVolumeBindingArgs,
  readArgs: readVolumeBindingArgs,
  validateArgs: validateVolumeBindingArgs,
  create: (args, handle) => new VolumeBinding(args, handle),
});
