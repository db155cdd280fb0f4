/**
 * GPUs over time: given to pods, free and of use, free and a fragment. Fragmentation as Weng et al. measure it ("Beware of Fragmentation",
 * USENIX ATC 2023, section 3): what a typical pod of the workload cannot use, by the classes q1 to NA. The typical pods are those that the
 * scenario says will come (`expectedPods`), so that the measure is one for all policies and does not move while a run goes on.
 * Runs without GPUs have none of its tables.
 */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Row, Table } from '../record/table.ts';
import { ClusterFragmentation } from '../scheduler/devices/cluster-fragmentation.ts';
import { DeviceLedger, freeDevices } from '../scheduler/devices/device-ledger.ts';
import { wholeDevice } from '../scheduler/devices/device-kind.ts';
import { fragmentClasses } from '../scheduler/devices/fragmentation.ts';
import { sharedGpus } from '../scheduler/devices/shared-gpus.ts';
import { typicalPodsOf } from '../scheduler/devices/typical-pods.ts';
import type { TypicalPod } from '../scheduler/devices/typical-pods.ts';
import { classWords, fragmentationTable, typicalPodTable } from './fragmentation-tables.ts';
import { Integrals, ratioOf } from './integrals.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column } from './metric.ts';
import type { StepSeries } from './steps.ts';
import { Steps, stepColumns } from './steps.ts';

/** Gauges in thousandths of a GPU; those after them, by class, in millionths. */
const gaugeAll = 0;
const gaugeGiven = 1;
const firstClassGauge = 2;
const gaugeCount = firstClassGauge + fragmentClasses.length;
const wholeMillionths = 1000 * wholeDevice;
const isFragment = fragmentClasses.map((name) => name !== 'q3');

/** What is there only once a node with GPUs has been seen. */
interface Measured {
  readonly typical: readonly TypicalPod[];
  readonly cluster: ClusterFragmentation;
  readonly integrals: Integrals;
}

class DeviceFragmentationMetric implements Metric, StepSeries {
  private readonly run: RunDescription;
  private readonly ledger = new DeviceLedger(sharedGpus);
  private readonly steps: Steps;
  private readonly rows: Row[] = [];
  private measured: Measured | undefined;
  /** By node, thousandths: all of its GPUs, and what is free of them. */
  private readonly sizes: number[] = [];
  private readonly free: number[] = [];

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
    const node = this.ledger.committed(kind, before, after);
    if (node < 0) return;
    const { count } = this.ledger.nodes[node]!;
    if (count === 0 && (this.sizes[node] ?? 0) === 0) return;
    this.measured ??= this.start();
    this.steps.advance(this.run.engineNow());
    this.measure(node, this.measured);
  }

  finish(now: number): void {
    if (this.measured !== undefined) this.steps.finish(now);
  }

  tables(): readonly Table[] {
    const { measured, rows } = this;
    if (measured === undefined) return [];
    const description =
      'GPUs of the nodes that exist: time-weighted means over steps of the run. Classes add up to what is free; all but q3 are ' +
      'fragments: what a typical pod of the workload (table typical_pods) cannot use, in expectation.';
    return [
      { name: 'gpu_timeseries', description, columns, rows },
      fragmentationTable(measured.cluster),
      typicalPodTable(measured.typical),
    ];
  }

  figures(): Figures {
    const { measured } = this;
    if (measured === undefined) return new Map();
    const { integrals, cluster } = measured;
    const all = integrals.total(gaugeAll);
    const fragments = fragmentSum((at) => integrals.total(firstClassGauge + at));
    const atEnd = fragmentSum((at) => cluster.millionths[at]!);
    const ratios: [string, number | undefined][] = [
      ['devices.allocated.mean', ratioOf(integrals.total(gaugeGiven), all)],
      ['devices.fragmented.mean', ratioOf(fragments, 1000 * all)],
      ['devices.fragmented.end', ratioOf(atEnd, 1000 * integrals.valueOf(gaugeAll))],
    ];
    return new Map(ratios.filter((entry): entry is [string, number] => entry[1] !== undefined));
  }

  private start(): Measured {
    const typical = typicalPodsOf(this.run.expectedPods?.() ?? []);
    const integrals = new Integrals();
    for (let gauge = 0; gauge < gaugeCount; gauge++) integrals.open(0);
    return { typical, cluster: new ClusterFragmentation(typical), integrals };
  }

  private measure(node: number, { cluster, integrals }: Measured): void {
    const now = this.run.engineNow();
    const figures = this.ledger.nodes[node]!;
    const account = freeDevices(figures);
    cluster.set(node, figures.freeMilliCpu, account);
    const size = figures.count * wholeDevice;
    const grown = size - (this.sizes[node] ?? 0);
    const freed = account.freeMilli - (this.free[node] ?? 0);
    this.sizes[node] = size;
    this.free[node] = account.freeMilli;
    integrals.set(gaugeAll, integrals.valueOf(gaugeAll) + grown, now);
    integrals.set(gaugeGiven, integrals.valueOf(gaugeGiven) + grown - freed, now);
    for (let at = 0; at < fragmentClasses.length; at++) {
      integrals.set(firstClassGauge + at, cluster.millionths[at]!, now);
    }
  }

  seriesCount(): number {
    return gaugeCount;
  }

  closeStep(start: number, length: number): void {
    const { integrals } = this.measured!;
    const mean = (gauge: number, unit: number): number => integrals.closeStep(gauge, start + length) / length / unit;
    const all = mean(gaugeAll, wholeDevice);
    const given = mean(gaugeGiven, wholeDevice);
    const classes = fragmentClasses.map((_, at) => mean(firstClassGauge + at, wholeMillionths));
    this.rows.push([start, length, all, given, fragmentSum((at) => classes[at]!), ...classes]);
  }
}

/** Sums over the classes that are fragments. */
function fragmentSum(valueOf: (classAt: number) => number): number {
  return isFragment.reduce((sum, counts, at) => sum + (counts ? valueOf(at) : 0), 0);
}

const columns = [
  ...stepColumns,
  column('gpus_timeavg', 'number', 'GPUs of all nodes.'),
  column('given_gpus_timeavg', 'number', 'Of these, given to pods that are not terminal.'),
  column('fragmented_gpus_timeavg', 'number', 'Free and a fragment: all classes but q3.'),
  ...fragmentClasses.map((name) =>
    column(`${name.toLowerCase()}_gpus_timeavg`, 'number', `Free GPUs in class ${name}: ${classWords[name]}.`),
  ),
];

/** The tables `gpu_timeseries`, `fragmentation` and `typical_pods`, and shares of the GPUs over the run and at its end. */
export const deviceFragmentationMetric: MetricDefinition = {
  name: 'device-fragmentation',
  description: 'GPUs given to pods, free, and free but of no use to pods of the workload, over time and by class.',
  create: (run) => new DeviceFragmentationMetric(run),
};
