/** Every hop of every pod from submission to readiness. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { PodHop } from '../record/facts.ts';
import { podHops } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import type { NumberColumn } from './columns.ts';
import { float64Column, int32Column } from './columns.ts';
import { Interner } from './interner.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column } from './metric.ts';
import { distributionFigures } from './percentiles.ts';

const never = -1;

class PodLifecycleMetric implements Metric {
  private readonly run: RunDescription;
  private readonly rowByUid = int32Column(-1);
  private readonly uids = int32Column();
  private readonly names: string[] = [];
  private readonly namespaces = new Interner();
  private readonly namespaceOf = int32Column();
  /** Times by hop, microseconds. */
  private readonly times: readonly NumberColumn[] = podHops.map(() => float64Column(never));

  constructor(run: RunDescription) {
    this.run = run;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Pod' || after === undefined) return;
    const pod = after as Pod;
    if (before === undefined) this.name(pod);
    // The commit is the hop; a pod that came with a node was not bound by anybody.
    else if (pod.spec.nodeName !== '' && (before as Pod).spec.nodeName === '') {
      this.podHop(pod.metadata.uid, 'bound', this.run.engineNow());
    }
  }

  podHop(uid: Uid, hop: PodHop, time: number): void {
    const times = this.times[podHops.indexOf(hop)]!;
    const row = this.rowOf(uid);
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
    for (let row = 0; row < this.names.length; row++) {
      if (starts.at(row) !== never && ends.at(row) !== never) yield ends.at(row) - starts.at(row);
    }
  }

  private rowOf(uid: Uid): number {
    const known = this.rowByUid.at(uid);
    if (known >= 0) return known;
    const row = this.names.push('') - 1;
    this.rowByUid.set(uid, row);
    this.uids.set(row, uid);
    return row;
  }

  private name(pod: Pod): void {
    const { uid, name, namespace } = pod.metadata;
    const row = this.rowOf(uid);
    this.names[row] = name;
    this.namespaceOf.set(row, this.namespaces.indexOf(namespace));
  }

  private *lifecycles(): Generator<Row> {
    for (let row = 0; row < this.names.length; row++) {
      const pod = [this.namespaces.textAt(this.namespaceOf.at(row)), this.names[row]!, String(this.uids.at(row))];
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
  column('namespace', 'string', 'Namespace of the pod.'),
  column('pod', 'string', 'Name of the pod.'),
  column('uid', 'string', 'Identity of the pod, never reused within a run.'),
  column('hop', 'string', 'What the pod passed; of hops that repeat, for example after a restart, the first.'),
  column('t_s', 'seconds', 'When it passed it.'),
  column('delta_s', 'seconds', 'Time since the hop before; 0 for the first.'),
];

/** The table `pod_lifecycle`, and figures on the time from submission to running and ready. */
export const podLifecycleMetric: MetricDefinition = {
  name: 'pod-lifecycle',
  description: 'Every hop of a pod from submission to readiness, with the time each took.',
  create: (run) => new PodLifecycleMetric(run),
};
