import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';
import { demandedMilli } from '../scheduler/devices/device-accounts.ts';
import { DeviceDemands } from '../scheduler/devices/device-demands.ts';
import type { DeviceKind } from '../scheduler/devices/device-kind.ts';
import { wholeDevice } from '../scheduler/devices/device-kind.ts';
import { DeviceLedger, holdsDevices } from '../scheduler/devices/device-ledger.ts';
import { deviceKinds } from '../scheduler/devices/registry.ts';
import type { Check, CheckDefinition, Report } from './check.ts';
import { nameOf } from './subject.ts';

/** Devices of one kind. */
class KindAccounting {
  private readonly report: Report;
  private readonly kind: DeviceKind;
  private readonly ledger: DeviceLedger;
  private readonly demands: DeviceDemands;
  /** Nodes whose devices may be promised twice: they changed under their pods, or got pods behind the scheduler's back. */
  private readonly exempt = new Set<number>();

  constructor(kind: DeviceKind, report: Report) {
    this.report = report;
    this.kind = kind;
    this.ledger = new DeviceLedger(kind);
    this.demands = new DeviceDemands(kind);
  }

  committed<K extends Kind>(kind: K, before: KindMap[K] | undefined, after: KindMap[K] | undefined): void {
    const node = this.ledger.committed(kind, before, after);
    if (node < 0) return;
    if (kind === 'Node') this.nodeChanged(node);
    else if (after !== undefined) this.podChanged(before as Pod | undefined, after as Pod, node);
  }

  /** What is taken of a node's devices is what its pods ask for: nothing is lost, and nothing is kept by pods that are gone. */
  verify(state: ClusterState): void {
    const demanded = new Map<string, number>();
    for (const pod of state.list('Pod')) {
      const demand = this.demands.of(pod);
      if (demand === undefined || !holdsDevices(pod) || this.kind.indicesOf(pod).length === 0) continue;
      const { nodeName } = pod.spec;
      demanded.set(nodeName, (demanded.get(nodeName) ?? 0) + demandedMilli(demand));
    }
    for (const { name, taken } of this.ledger.nodes) {
      const sum = taken.reduce((total, milli = 0) => total + milli, 0);
      const wanted = demanded.get(name) ?? 0;
      if (sum === wanted) continue;
      this.report(
        `node ${name}`,
        `${sum} thousandths of its ${this.kind.name} devices are taken, its pods ask for ${wanted}`,
      );
    }
  }

  private nodeChanged(node: number): void {
    const { taken } = this.ledger.nodes[node]!;
    if (taken.some((milli) => milli > 0)) this.exempt.add(node);
    else this.exempt.delete(node);
  }

  private podChanged(before: Pod | undefined, pod: Pod, node: number): void {
    const demand = this.demands.of(pod);
    if (demand === undefined || !holdsDevices(pod)) return;
    if (before?.spec.nodeName !== '') return void this.exempt.add(node);
    const indices = this.kind.indicesOf(pod);
    // Bound by a scheduler that knows nothing of devices.
    if (indices.length === 0) return;
    const { name, count, taken } = this.ledger.nodes[node]!;
    const told = `node ${name}`;
    if (new Set(indices).size !== demand.count)
      this.report(
        told,
        `${nameOf(pod)} asks for ${demand.count} ${this.kind.name} devices and has ${indices.join('-')}`,
      );
    if (this.exempt.has(node)) return;
    for (const device of indices) {
      if (device >= count) this.report(told, `${nameOf(pod)} has ${this.kind.name} ${device}, there are ${count}`);
      else if (taken[device]! > wholeDevice)
        this.report(
          told,
          `${taken[device]} thousandths of ${this.kind.name} ${device} are taken; ${nameOf(pod)} was one too many`,
        );
    }
  }
}

class DeviceAccountingCheck implements Check {
  private readonly kinds: readonly KindAccounting[];

  constructor(report: Report) {
    this.kinds = deviceKinds.map((kind) => new KindAccounting(kind, report));
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    for (const accounting of this.kinds) accounting.committed(kind, before, after);
  }

  verify(state: ClusterState): void {
    for (const accounting of this.kinds) accounting.verify(state);
  }
}

/** Devices are not promised twice, and come back from pods that end. */
export const deviceAccountingCheck: CheckDefinition = {
  name: 'device-accounting',
  description:
    'A pod that the scheduler binds has as many devices as it asks for, none is taken beyond its whole, and what is taken is what pods ask for.',
  create: (report) => new DeviceAccountingCheck(report),
};
