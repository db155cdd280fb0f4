/** Follows a replay in order: what was placed where, what failed, and how full and fragmented the cluster is after each offer. */
import type { Pod } from '../../api/core-v1.ts';
import type { Table } from '../../record/table.ts';
import { ClusterFragmentation } from '../../scheduler/devices/cluster-fragmentation.ts';
import { demandedMilli } from '../../scheduler/devices/device-accounts.ts';
import type { DeviceAccounts } from '../../scheduler/devices/device-accounts.ts';
import { typicalPods } from '../../scheduler/devices/typical-pods.ts';
import type { TypicalPod } from '../../scheduler/devices/typical-pods.ts';
import type { NodeInfo } from '../../scheduler/framework/node-info.ts';
import type { PodInfo, PodInfoFactory } from '../../scheduler/framework/pod-info.ts';
import { LoadCurve } from './load-curve.ts';
import type { PlacementRecord } from './placement-tables.ts';
import { placementFigures, placementTables } from './placement-tables.ts';

/** What the search said of a placement. */
export interface PlacementResult {
  readonly score: number;
  /** Nodes that were as good. */
  readonly ties: number;
  readonly feasibleNodes: number;
}

const none: readonly number[] = [];

/** See the file. */
export class PlacementLedger {
  /** Devices of the last pod that was placed. */
  lastDevices: readonly number[] = none;
  private readonly nodes: readonly NodeInfo[];
  private readonly podInfos: PodInfoFactory;
  private readonly accounts: DeviceAccounts;
  private readonly typical: readonly TypicalPod[];
  /** Nodes by their position in `nodes`. */
  private readonly fragmentation: ClusterFragmentation;
  private readonly positions: ReadonlyMap<NodeInfo, number>;
  private readonly curve: LoadCurve;
  private readonly capacityMilli: number;
  private readonly records: PlacementRecord[] = [];
  private arrivedMilli = 0;
  private allocatedMilli = 0;

  /**
   * @param accounts devices of the nodes, those of the scheduler.
   * @param sample the workload by which fragmentation is measured.
   */
  constructor(nodes: readonly NodeInfo[], accounts: DeviceAccounts, sample: readonly Pod[], podInfos: PodInfoFactory) {
    this.nodes = nodes;
    this.accounts = accounts;
    this.podInfos = podInfos;
    this.typical = typicalPods(
      sample.map((pod) => ({ milliCpu: podInfos.needsOf(pod).milliCpu, devices: accounts.demands.of(pod) })),
    );
    this.fragmentation = new ClusterFragmentation(this.typical);
    this.positions = new Map(nodes.map((node, at) => [node, at]));
    for (const node of nodes) this.measure(node);
    this.capacityMilli = nodes.reduce((sum, node) => sum + accounts.of(node).freeMilli, 0);
    this.curve = new LoadCurve(this.capacityMilli);
  }

  placed(info: PodInfo, node: NodeInfo, { score, ties, feasibleNodes }: PlacementResult): void {
    const { pod, needs } = info;
    const demand = this.accounts.demands.of(pod);
    this.lastDevices = this.accounts.indicesOf(info);
    this.allocatedMilli += demandedMilli(demand);
    this.measure(node);
    this.records.push({ pod, needs, demand, node, devices: this.lastDevices, score, ties, feasibleNodes });
    this.sample(demandedMilli(demand));
  }

  failed(pod: Pod): void {
    const demand = this.accounts.demands.of(pod);
    const needs = this.podInfos.needsOf(pod);
    this.records.push({ pod, needs, demand, node: undefined, devices: none, score: 0, ties: 0, feasibleNodes: 0 });
    this.sample(demandedMilli(demand));
  }

  /** Tables by name, `summary` first, and the figures behind it. */
  collect(): { readonly tables: ReadonlyMap<string, Table>; readonly figures: ReadonlyMap<string, number> } {
    const { records, nodes, accounts, typical, fragmentation } = this;
    const points = this.curve.points();
    const figures = placementFigures(records, points);
    const tables = placementTables({ records, points, nodes, accounts, typical, fragmentation, figures });
    return { tables: new Map(tables.map((table) => [table.name, table])), figures };
  }

  private sample(arrivedMilli: number): void {
    this.arrivedMilli += arrivedMilli;
    this.curve.add(this.arrivedMilli, this.allocatedMilli, this.fragmentation.fragmentMilli());
  }

  private measure(node: NodeInfo): void {
    const freeMilliCpu = node.allocatableMilliCpu - node.requestedMilliCpu;
    this.fragmentation.set(this.positions.get(node)!, freeMilliCpu, this.accounts.of(node));
  }
}
