/** What the whole cluster did over time: pods by phase, requested and stranded shares, nodes. */
import type { Pod, PodPhase } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { PodResourcesCache } from '../api/resources.ts';
import type { Row, Table } from '../record/table.ts';
import type { FreeCapacity } from './fragmentation.ts';
import { Fragmentation } from './fragmentation.ts';
import { Integrals, ratioOf } from './integrals.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column } from './metric.ts';
import type { NodeFigures, NodeListener } from './node-ledger.ts';
import { NodeLedger } from './node-ledger.ts';
import type { StepSeries } from './steps.ts';
import { Steps, stepColumns } from './steps.ts';

const phases: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];

/** What is added up over the nodes that exist; memory in KiB, since bytes of a large cluster pass 2^53. */
const nodeGauges = [
  'nodes',
  'nodesReady',
  'cpu',
  'cpuRequested',
  'cpuStranded',
  'memory',
  'memoryRequested',
  'memoryStranded',
] as const;
type NodeGauge = (typeof nodeGauges)[number];
type Gauge = PodPhase | NodeGauge | 'unbound' | 'fragmented';
/** A gauge's index among the integrals is its position here. */
const gauges: readonly Gauge[] = [...phases, ...nodeGauges, 'unbound', 'fragmented'];
const phaseRunning = phases.indexOf('Running');
const phaseUnknown = phases.indexOf('Unknown');
const firstNodeGauge = phases.length;
const gaugeUnbound = gauges.indexOf('unbound');
const gaugeFragmented = gauges.indexOf('fragmented');

/** Series that are a quotient of two integrals. */
const ratios: readonly (readonly [metric: string, part: Gauge, whole: Gauge, figure: string])[] = [
  ['cpu_requested_ratio', 'cpuRequested', 'cpu', 'utilisation.cpu.mean'],
  ['memory_requested_ratio', 'memoryRequested', 'memory', 'utilisation.memory.mean'],
  ['cpu_stranded_ratio', 'cpuStranded', 'cpu', 'stranded.cpu.mean'],
  ['memory_stranded_ratio', 'memoryStranded', 'memory', 'stranded.memory.mean'],
  ['fragmentation_ratio', 'fragmented', 'cpu', 'fragmentation.mean'],
];

/** Series that are a mean count. */
const counts: readonly (readonly [metric: string, gauge: Gauge])[] = [
  ['nodes', 'nodes'],
  ['nodes_ready', 'nodesReady'],
  ['pending_pods', 'unbound'],
];

class TimeseriesMetric implements Metric, StepSeries, NodeListener {
  private readonly run: RunDescription;
  private readonly ledger = new NodeLedger(this);
  private readonly integrals = new Integrals();
  private readonly fragmentation = new Fragmentation();
  private isFragmentationStale = false;
  private readonly resources = new PodResourcesCache();
  /** Running pods per node while it is unreachable, else 0. */
  private readonly unreachablePods: number[] = [];
  private unreachable = 0;
  /** In the order of `phases`. */
  private readonly podCounts = phases.map(() => 0);
  private unbound = 0;
  /** What each node adds to each gauge of `nodeGauges`. */
  private readonly shares: number[][] = [];
  private readonly newShares: number[] = nodeGauges.map(() => 0);
  private readonly steps: Steps;
  private lastNow = 0;
  private readonly rows: Row[] = [];

  constructor(run: RunDescription) {
    this.run = run;
    for (let gauge = 0; gauge < gauges.length; gauge++) this.integrals.open(0);
    this.steps = new Steps(run, this);
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'Pod' && isAlike(before as Pod | undefined, after as Pod | undefined)) return;
    if (kind !== 'Pod' && kind !== 'Node') return;
    this.advance(this.run.engineNow());
    this.ledger.committed(kind, before, after);
    if (kind === 'Pod') this.podCommitted(before as Pod | undefined, after as Pod | undefined);
    this.setPhases();
  }

  nodeChanged(node: number): void {
    const figures = this.ledger.nodes[node]!;
    this.setShares(node, figures);
    this.unreachable -= this.unreachablePods[node] ?? 0;
    this.unreachablePods[node] = figures.isUnreachable ? figures.runningPods : 0;
    this.unreachable += this.unreachablePods[node];
    this.fragmentation.setFree(node, freeOf(figures));
    this.isFragmentationStale = true;
  }

  finish(now: number): void {
    this.advance(now);
    this.steps.finish(now);
  }

  tables(): readonly Table[] {
    const description =
      'Time-weighted means over steps of the run. pods_by_phase: pods in the API server by phase; running pods on nodes whose ' +
      'condition Ready is Unknown count as Unknown. cpu_ and memory_requested_ratio: requests of bound pods that are not ' +
      'terminal by allocatable, over the nodes that exist, as a quotient of integrals. cpu_ and memory_stranded_ratio: what is ' +
      'free on a node beyond what its other free resource can accompany at the ratio of the node (all, where no pod slot is ' +
      'free), by allocatable. fragmentation_ratio: free cpu on nodes that a pod of the workload does not fit on, mean over ' +
      'pods, by allocatable. nodes, nodes_ready: Node objects, and those with Ready True. pending_pods: pods not bound.';
    return [{ name: 'timeseries', description, columns, rows: this.rows }];
  }

  figures(): Figures {
    const figures = new Map<string, number>();
    for (const [, part, whole, figure] of ratios) {
      const mean = ratioOf(this.integrals.total(gauges.indexOf(part)), this.integrals.total(gauges.indexOf(whole)));
      if (mean !== undefined) figures.set(figure, mean);
    }
    return figures;
  }

  /** Brings everything to `now`: what changed at one instant counts once, with its last value. */
  private advance(now: number): void {
    if (now === this.lastNow) return;
    if (this.isFragmentationStale) {
      this.isFragmentationStale = false;
      this.integrals.set(gaugeFragmented, this.fragmentation.unusableMilli(), this.lastNow);
    }
    this.steps.advance(now);
    this.lastNow = now;
  }

  private podCommitted(before: Pod | undefined, after: Pod | undefined): void {
    if (before !== undefined) this.count(before, -1);
    if (after !== undefined) this.count(after, 1);
  }

  private count(pod: Pod, sign: 1 | -1): void {
    this.podCounts[phases.indexOf(pod.status.phase)]! += sign;
    if (isPodTerminal(pod)) return;
    if (pod.spec.nodeName === '') this.unbound += sign;
    const { requests } = this.resources.of(pod.spec);
    this.fragmentation.addPods(requests.get('cpu') ?? 0, requests.get('memory') ?? 0, sign);
    this.isFragmentationStale = true;
  }

  private setPhases(): void {
    const now = this.lastNow;
    for (let phase = 0; phase < phases.length; phase++) {
      const isUnknown = phase === phaseUnknown;
      const moved = isUnknown ? this.unreachable : phase === phaseRunning ? -this.unreachable : 0;
      this.integrals.set(phase, this.podCounts[phase]! + moved, now);
    }
    this.integrals.set(gaugeUnbound, this.unbound, now);
  }

  private setShares(node: number, figures: NodeFigures): void {
    const shares = (this.shares[node] ??= nodeGauges.map(() => 0));
    fillShares(figures, this.newShares);
    for (let position = 0; position < shares.length; position++) {
      const gauge = firstNodeGauge + position;
      const value = this.integrals.valueOf(gauge) + this.newShares[position]! - shares[position]!;
      this.integrals.set(gauge, value, this.lastNow);
      shares[position] = this.newShares[position]!;
    }
  }

  seriesCount(): number {
    return phases.length + ratios.length + counts.length;
  }

  closeStep(start: number, length: number): void {
    const sums = new Map(gauges.map((name, gauge) => [name, this.integrals.closeStep(gauge, start + length)]));
    const add = (metric: string, subject: string | undefined, value: number | undefined): void => {
      if (value !== undefined) this.rows.push([start, length, metric, subject, value]);
    };
    for (const phase of phases) add('pods_by_phase', phase, sums.get(phase)! / length);
    for (const [metric, part, whole] of ratios) add(metric, undefined, ratioOf(sums.get(part)!, sums.get(whole)!));
    for (const [metric, gauge] of counts) add(metric, undefined, sums.get(gauge)! / length);
  }
}

/** A commit that changes neither node, requests nor phase changes nothing here; most commits are of that kind. */
function isAlike(before: Pod | undefined, after: Pod | undefined): boolean {
  return (
    before !== undefined &&
    after !== undefined &&
    before.spec === after.spec &&
    before.status.phase === after.status.phase
  );
}

const nothingFree: FreeCapacity = { cpuMilli: 0, memoryBytes: 0, pods: 0 };

function freeOf(node: NodeFigures): FreeCapacity {
  if (!node.isPresent) return nothingFree;
  return {
    cpuMilli: Math.max(0, node.cpuMilli - node.cpuRequestedMilli),
    memoryBytes: Math.max(0, node.memoryBytes - node.memoryRequestedBytes),
    pods: Math.max(0, node.podsMax - node.pods),
  };
}

const kibOf = (bytes: number): number => Math.floor(bytes / 1024);

/** Writes what a node adds to each of `nodeGauges`, in their order. */
function fillShares(node: NodeFigures, shares: number[]): void {
  shares.fill(0);
  if (!node.isPresent) return;
  const free = freeOf(node);
  const cpu = { allocatable: node.cpuMilli, free: free.cpuMilli };
  const memory = { allocatable: kibOf(node.memoryBytes), free: kibOf(free.memoryBytes) };
  const isFull = free.pods === 0;
  shares[0] = 1;
  shares[1] = node.isReady ? 1 : 0;
  shares[2] = cpu.allocatable;
  shares[3] = node.cpuRequestedMilli;
  shares[4] = isFull ? cpu.free : strandedOf(cpu, memory);
  shares[5] = memory.allocatable;
  shares[6] = kibOf(node.memoryRequestedBytes);
  shares[7] = isFull ? memory.free : strandedOf(memory, cpu);
}

interface Amount {
  readonly allocatable: number;
  readonly free: number;
}

/** What is free of one resource beyond what the free part of the other can accompany at the ratio of the node. */
function strandedOf(one: Amount, other: Amount): number {
  const usable = other.allocatable === 0 ? 0 : Math.floor((one.allocatable * other.free) / other.allocatable);
  return Math.max(0, one.free - usable);
}

const columns = [
  ...stepColumns,
  column('metric', 'string', 'What is measured; see the description of the table.'),
  column('subject', 'string', 'Phase, for pods_by_phase; missing for what is measured of the whole cluster.'),
  column('value_timeavg', 'number', 'Time-weighted mean over the step: pods, nodes, or a ratio from 0 to 1.'),
];

/** The table `timeseries`, and means of utilisation, stranded capacity and fragmentation over the run. */
export const timeseriesMetric: MetricDefinition = {
  name: 'timeseries',
  description: 'Pods by phase, requested, stranded and fragmented capacity and nodes over time.',
  create: (run) => new TimeseriesMetric(run),
};
