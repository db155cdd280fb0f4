/** One row per node, and how full and how ready each node was over time. */
import type { Kind, KindMap } from '../api/kinds.ts';
import { HOUR } from '../engine/time.ts';
import type { Cell, Row, Table } from '../record/table.ts';
import type { NumberColumn } from './columns.ts';
import { float64Column, int32Column } from './columns.ts';
import { nodeDeviceColumns } from './device-columns.ts';
import { Integrals, ratioOf } from './integrals.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf, textCell } from './metric.ts';
import type { NodeFigures, NodeListener } from './node-ledger.ts';
import { NodeLedger } from './node-ledger.ts';
import type { StepSeries } from './steps.ts';
import { Steps, stepColumns } from './steps.ts';

/** Gauges of a node, in the order of their indexes. */
const gauge = {
  present: 0,
  ready: 1,
  cpu: 2,
  cpuRequested: 3,
  memory: 4,
  memoryRequested: 5,
  pods: 6,
  used: 7,
} as const;
const gaugeCount = 8;

/** Rows of `node_timeseries` in columns: a large cluster has hundreds of thousands. */
class NodeSeries {
  readonly node = int32Column();
  readonly start = float64Column();
  readonly length = float64Column();
  /** -1 = the node has none of it. */
  readonly cpu = float64Column();
  readonly memory = float64Column();
  readonly ready = float64Column();
  count = 0;
}

/** What a node was like when last seen. */
interface NodePlace {
  /** Whether zone and pool have been asked for. */
  isKnown: boolean;
  zone: string;
  pool: string;
  cpuMilli: number;
  memoryBytes: number;
  podsMax: number;
}

class NodesMetric implements Metric, StepSeries, NodeListener {
  private readonly run: RunDescription;
  private readonly ledger = new NodeLedger(this);
  private readonly integrals = new Integrals();
  private readonly places: NodePlace[] = [];
  private readonly series = new NodeSeries();
  private readonly devices = nodeDeviceColumns();
  private readonly steps: Steps;
  private end = 0;

  constructor(run: RunDescription) {
    this.run = run;
    this.steps = new Steps(run, this);
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Pod' && kind !== 'Node') return;
    this.steps.advance(this.run.engineNow());
    this.ledger.committed(kind, before, after);
    if (kind === 'Node' && after !== undefined) this.devices.note(after.metadata.name, after as KindMap['Node']);
  }

  nodeChanged(node: number): void {
    const figures = this.ledger.nodes[node]!;
    const now = this.run.engineNow();
    while (this.places.length <= node) this.addNode(now);
    if (figures.isPresent) this.describe(node, figures);
    const first = node * gaugeCount;
    const { integrals } = this;
    integrals.set(first + gauge.present, figures.isPresent ? 1 : 0, now);
    integrals.set(first + gauge.ready, figures.isReady ? 1 : 0, now);
    integrals.set(first + gauge.cpu, figures.cpuMilli, now);
    integrals.set(first + gauge.cpuRequested, figures.isPresent ? figures.cpuRequestedMilli : 0, now);
    integrals.set(first + gauge.memory, figures.memoryBytes, now);
    integrals.set(first + gauge.memoryRequested, figures.isPresent ? figures.memoryRequestedBytes : 0, now);
    integrals.set(first + gauge.pods, figures.isPresent ? figures.pods : 0, now);
    integrals.set(first + gauge.used, figures.isPresent && figures.workloadPods > 0 ? 1 : 0, now);
  }

  finish(now: number): void {
    this.end = now;
    this.steps.finish(now);
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'nodes',
        description: 'One row per node that ever existed. Pods that are not terminal hold their requests.',
        columns: [...columns, ...this.devices.headers()],
        rows: rowsOf(this.places.length, (node) => this.rowAt(node)),
      },
      {
        name: 'node_timeseries',
        description: 'Time-weighted means over steps of the run, per node, for the steps in which the node existed.',
        columns: seriesColumns,
        rows: rowsOf(this.series.count, (index) => this.seriesRowAt(index)),
      },
    ];
  }

  figures(): Figures {
    let [ready, present, used] = [0, 0, 0];
    for (let node = 0; node < this.places.length; node++) {
      ready += this.integrals.total(node * gaugeCount + gauge.ready);
      present += this.integrals.total(node * gaugeCount + gauge.present);
      used += this.integrals.total(node * gaugeCount + gauge.used);
    }
    const ratio = ratioOf(ready, present);
    const hours: [string, number] = ['node.hours.used', used / HOUR];
    return new Map(ratio === undefined ? [hours] : [hours, ['node.ready.ratio', ratio]]);
  }

  private addNode(now: number): void {
    this.places.push({ isKnown: false, zone: '', pool: '', cpuMilli: 0, memoryBytes: 0, podsMax: 0 });
    for (let index = 0; index < gaugeCount; index++) this.integrals.open(now);
  }

  /** Asked while the node is there: at the end of the run it may be gone. */
  private describe(node: number, { name, cpuMilli, memoryBytes, podsMax }: NodeFigures): void {
    const place = this.places[node]!;
    if (!place.isKnown) {
      place.isKnown = true;
      place.zone = this.run.zoneOf(name);
      place.pool = this.run.poolOf(name);
    }
    place.cpuMilli = cpuMilli;
    place.memoryBytes = memoryBytes;
    place.podsMax = podsMax;
  }

  seriesCount(): number {
    return this.places.length;
  }

  closeStep(start: number, length: number): void {
    const end = start + length;
    const sums: number[] = [];
    for (let node = 0; node < this.places.length; node++) {
      for (let index = 0; index < gaugeCount; index++) {
        sums[index] = this.integrals.closeStep(node * gaugeCount + index, end);
      }
      if (sums[gauge.present]! === 0) continue;
      this.addSeriesRow(node, start, length, sums);
    }
  }

  private addSeriesRow(node: number, start: number, length: number, sums: readonly number[]): void {
    const { series } = this;
    const row = series.count++;
    series.node.set(row, node);
    series.start.set(row, start);
    series.length.set(row, length);
    series.cpu.set(row, ratioOf(sums[gauge.cpuRequested]!, sums[gauge.cpu]!) ?? -1);
    series.memory.set(row, ratioOf(sums[gauge.memoryRequested]!, sums[gauge.memory]!) ?? -1);
    series.ready.set(row, sums[gauge.ready]! / sums[gauge.present]!);
  }

  private rowAt(node: number): Row {
    const place = this.places[node]!;
    const { name, podsBound } = this.ledger.nodes[node]!;
    const total = (index: number): number => this.integrals.total(node * gaugeCount + index);
    const present = total(gauge.present);
    const ready = total(gauge.ready);
    return [
      ...[name, textCell(place.zone), textCell(place.pool), place.cpuMilli, place.memoryBytes, place.podsMax],
      ...[ready, present - ready, this.end - present],
      ratioOf(total(gauge.cpuRequested), total(gauge.cpu)),
      ratioOf(total(gauge.memoryRequested), total(gauge.memory)),
      ratioOf(total(gauge.pods), present),
      podsBound,
      ...this.devices.of(name),
    ];
  }

  private seriesRowAt(row: number): Row {
    const { series } = this;
    const node = series.node.at(row);
    const ratio = (column: NumberColumn): Cell => (column.at(row) < 0 ? undefined : column.at(row));
    return [
      ...[series.start.at(row), series.length.at(row), this.ledger.nodes[node]!.name],
      ...[textCell(this.places[node]!.zone), ratio(series.cpu), ratio(series.memory), series.ready.at(row)],
    ];
  }
}

const columns = [
  column('node', 'string', 'Name of the node; one that was deleted and made again is the same.'),
  column('zone', 'string', 'Zone of the node.'),
  column('pool', 'string', 'Node pool of the scenario it belongs to.'),
  column('cpu_milli', 'integer', 'Allocatable cpu, milliCPU, as last seen.'),
  column('memory_bytes', 'integer', 'Allocatable memory, bytes, as last seen.'),
  column('pods', 'integer', 'Allocatable pods, as last seen.'),
  column('ready_s', 'seconds', 'Time with condition Ready True, as the API server had it.'),
  column('not_ready_s', 'seconds', 'Time with condition Ready False, Unknown or absent.'),
  column('absent_s', 'seconds', 'Time of the run in which there was no such node.'),
  column('cpu_requested_ratio_timeavg', 'number', 'Integral of requested cpu by integral of allocatable cpu.'),
  column('memory_requested_ratio_timeavg', 'number', 'Integral of requested memory by integral of allocatable memory.'),
  column('pods_timeavg', 'number', 'Bound pods that are not terminal, time-weighted mean while the node existed.'),
  column('pods_bound_total', 'integer', 'Pods that were ever bound to the node.'),
];

const seriesColumns = [
  ...stepColumns,
  column('node', 'string', 'Name of the node.'),
  column('zone', 'string', 'Zone of the node.'),
  column('cpu_requested_ratio_timeavg', 'number', 'Integral of requested cpu by integral of allocatable cpu.'),
  column('memory_requested_ratio_timeavg', 'number', 'Integral of requested memory by integral of allocatable memory.'),
  column(
    'ready_ratio',
    'number',
    'Share of the step with condition Ready True, of the time in which the node existed.',
  ),
];

/** The tables `nodes` and `node_timeseries`, and the share of time in which nodes were ready. */
export const nodesMetric: MetricDefinition = {
  name: 'nodes',
  description: 'Requested share, pods and readiness of each node: over the run, and step by step.',
  create: (run) => new NodesMetric(run),
};
