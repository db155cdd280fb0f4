/** Filter, Reserve and PreBind for one kind of devices: which nodes have room, which devices a pod gets, and how the API hears of it. */
import type { Pod } from '../../api/core-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import { isSuccess, patchRequest } from '../../apiserver/requests.ts';
import { allowsModel, deviceAccounts, devicesWithRoom } from '../devices/device-accounts.ts';
import type { DeviceAccounts } from '../devices/device-accounts.ts';
import { chooseDevices, deviceChooserKey } from '../devices/device-choice.ts';
import type { DevicePolicy } from '../devices/device-choice.ts';
import type { DeviceDemand, DeviceKind } from '../devices/device-kind.ts';
import { wholeDevice } from '../devices/device-kind.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import type { Handle } from '../framework/handle.ts';
import type { Completion, Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { errorStatus, skip, unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

class DemandState implements StateValue {
  readonly demand: DeviceDemand;

  constructor(demand: DeviceDemand) {
    this.demand = demand;
  }

  clone(): DemandState {
    return this;
  }
}

const demandKey = cycleStateKey<DemandState>('PreFilterDeviceSharing');

/** One plugin for each kind of device. */
export class DeviceSharing implements Plugin {
  readonly name: string;
  readonly isNodeLocal = true;
  private readonly kind: DeviceKind;
  private readonly policy: DevicePolicy;
  private readonly handle: Handle;
  private readonly accounts: DeviceAccounts;
  private readonly states = new WeakMap<DeviceDemand, DemandState>();
  private readonly noDevices: Status;
  private readonly otherModel: Status;
  private readonly tooFew: Status;
  private readonly noRoom: Status;

  constructor(name: string, kind: DeviceKind, policy: DevicePolicy, handle: Handle) {
    this.name = name;
    this.kind = kind;
    this.policy = policy;
    this.handle = handle;
    this.accounts = deviceAccounts(handle, kind);
    this.noDevices = unresolvable(`node(s) had no ${kind.name}`);
    this.otherModel = unresolvable(`node(s) had no ${kind.name} of a model that the pod may get`);
    this.tooFew = unresolvable(`Too few ${kind.name} devices`);
    this.noRoom = unschedulable(`Insufficient ${kind.name}`);
  }

  classOf(pod: Pod): DeviceDemand | undefined {
    return this.accounts.demands.of(pod);
  }

  preFilter(state: CycleState, pod: Pod): Status | undefined {
    const demand = this.accounts.demands.read(pod);
    if (demand === undefined) return skip;
    if ('problem' in demand) return unresolvable(demand.problem);
    let known = this.states.get(demand);
    if (known === undefined) this.states.set(demand, (known = new DemandState(demand)));
    state.write(demandKey, known);
    return undefined;
  }

  filter(state: CycleState, _pod: Pod, node: NodeInfo): Status | undefined {
    const demand = state.read(demandKey)?.demand;
    if (demand === undefined) return undefined;
    const account = this.accounts.of(node);
    if (account.free.length === 0) return this.noDevices;
    if (!allowsModel(demand, account.model)) return this.otherModel;
    if (account.free.length < demand.count) return this.tooFew;
    return devicesWithRoom(account, demand) >= demand.count ? undefined : this.noRoom;
  }

  reserve(state: CycleState, pod: Pod, nodeName: string): Status | undefined {
    const demand = this.accounts.demands.of(pod);
    if (demand === undefined) return undefined;
    const node = this.handle.snapshot.get(nodeName);
    const indices = node === undefined ? undefined : this.choose(state, node, demand);
    if (indices === undefined) return this.noRoom;
    this.handle.snapshot.assignDevices(pod, this.kind.name, indices);
    return undefined;
  }

  unreserve(_state: CycleState, pod: Pod): void {
    if (this.accounts.demands.of(pod) !== undefined) {
      this.handle.snapshot.assignDevices(pod, this.kind.name, undefined);
    }
  }

  preBindPreFlight(_state: CycleState, pod: Pod): Status | undefined {
    return this.accounts.demands.of(pod) === undefined ? skip : undefined;
  }

  /** Writes the numbers of the devices into the pod's annotations, before it is bound. */
  preBind(_state: CycleState, pod: Pod, nodeName: string, done: Completion): void {
    const { namespace, name, uid } = pod.metadata;
    const info = this.handle.snapshot.get(nodeName)?.pods.find((entry) => entry.pod.metadata.uid === uid);
    const indices = info === undefined ? [] : this.accounts.indicesOf(info);
    const annotations = this.kind.annotationsOf(indices);
    this.handle.send(patchRequest('Pod', namespace, name, annotated, annotations, uid), (response) =>
      done(isSuccess(response) ? undefined : errorStatus(response.message)),
    );
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('AssignedPod', ActionType.delete),
      onClusterEvent('Node', ActionType.add | ActionType.updateNodeAllocatable | ActionType.updateNodeLabel),
    ];
  }

  private choose(state: CycleState, node: NodeInfo, demand: DeviceDemand): readonly number[] | undefined {
    const account = this.accounts.of(node);
    const isPart = demand.count === 1 && demand.milli < wholeDevice;
    const scored = isPart && this.policy === 'score' ? state.read(deviceChooserKey)?.choose(node, demand) : undefined;
    if (scored !== undefined) return [scored];
    const policy = this.policy === 'score' ? 'best' : this.policy;
    return chooseDevices(account, demand, policy, (n) => this.handle.random(`${this.name}/devices`).below(n));
  }
}

function annotated(pod: Pod, added: unknown): Pod {
  const { metadata } = pod;
  return podWith(pod, {
    metadata: metadataWith(metadata, { annotations: { ...metadata.annotations, ...(added as Labels) } }),
  });
}
