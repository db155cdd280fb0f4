/** Every hop of every pod from submission to readiness. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { PodHop } from '../record/facts.ts';
import { podHops } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import type { NumberColumn } from './columns.ts';
import { float64Column } from './columns.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, podColumns } from './metric.ts';
import { distributionFigures } from './percentiles.ts';
import type { PodDirectory } from './pod-directory.ts';

const never = -1;

class PodLifecycleMetric implements Metric {
  private readonly run: RunDescription;
  private readonly pods: PodDirectory;
  /** Times by hop and row of the pod, microseconds. */
  private readonly times: readonly NumberColumn[] = podHops.map(() => float64Column(never));

  constructor(run: RunDescription, pods: PodDirectory) {
    this.run = run;
    this.pods = pods;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Pod' || before === undefined || after === undefined) return;
    const pod = after as Pod;
    // The commit is the hop; a pod that came with a node was not bound by anybody.
    if (pod.spec.nodeName !== '' && (before as Pod).spec.nodeName === '') {
      this.podHop(pod.metadata.uid, 'bound', this.run.engineNow());
    }
  }

  podHop(uid: Uid, hop: PodHop, time: number): void {
    const times = this.times[podHops.indexOf(hop)]!;
    const row = this.pods.rowOf(uid);
    if (row < 0) return;
    // A restarted container passes its hops again: the first time counts.
    if (times.at(row) === never) times.set(row, time);
  }

  finish(): void {
    // Nothing is open: hops are instants.
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'pod_lifecycle',
        description: 'One row per pod and hop on its way from submission to readiness, in the order of time.',
        columns,
        rows: { [Symbol.iterator]: () => this.lifecycles() },
      },
    ];
  }

  figures(): Figures {
    return new Map([
      ...distributionFigures('submit.to.running', this.spans('submitted', 'started')),
      ...distributionFigures('submit.to.ready', this.spans('submitted', 'ready')),
    ]);
  }

  private *spans(from: PodHop, to: PodHop): Generator<number> {
    const starts = this.times[podHops.indexOf(from)]!;
    const ends = this.times[podHops.indexOf(to)]!;
    for (let row = 0; row < this.pods.count; row++) {
      if (starts.at(row) !== never && ends.at(row) !== never) yield ends.at(row) - starts.at(row);
    }
  }

  private *lifecycles(): Generator<Row> {
    for (let row = 0; row < this.pods.count; row++) {
      const { pods } = this;
      const pod = [pods.namespaceAt(row), pods.nameAt(row), String(pods.uidAt(row))];
      let last = never;
      for (const hop of this.hopsInOrder(row)) {
        const time = this.times[hop]!.at(row);
        yield [...pod, podHops[hop], time, last === never ? 0 : time - last];
        last = time;
      }
    }
  }

  /** By time, and in the order of the way where times are equal. */
  private hopsInOrder(row: number): readonly number[] {
    const passed = podHops.map((_, hop) => hop).filter((hop) => this.times[hop]!.at(row) !== never);
    return passed.sort((a, b) => this.times[a]!.at(row) - this.times[b]!.at(row) || a - b);
  }
}

const columns = [
  ...podColumns,
  column('hop', 'string', 'What the pod passed; of hops that repeat, for example after a restart, the first.'),
  column('t_s', 'seconds', 'When it passed it.'),
  column('delta_s', 'seconds', 'Time since the hop before; 0 for the first.'),
];

/** The table `pod_lifecycle`, and figures on the time from submission to running and ready. */
export const podLifecycleMetric: MetricDefinition = {
  name: 'pod-lifecycle',
  description: 'Every hop of a pod from submission to readiness, with the time each took.',
  create: (run, pods) => new PodLifecycleMetric(run, pods),
};
