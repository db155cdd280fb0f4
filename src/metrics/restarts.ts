/** Restarts of containers by workload and reason. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Cell, Table } from '../record/table.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf, textCell } from './metric.ts';
import type { OwnerName } from './owners.ts';
import { Owners } from './owners.ts';

interface Exit {
  readonly reason: string;
  readonly exitCode: number;
}

interface RestartCount {
  readonly workload: OwnerName;
  readonly container: string;
  /** undefined: nobody told why it ended. */
  readonly exit: Exit | undefined;
  count: number;
  /** By pod, so that a loop is told from many pods that end once. */
  readonly ofPod: Map<Uid, number>;
  mostOfPod: number;
  readonly firstAt: number;
  lastAt: number;
}

/** More containers than this a pod does not have. */
const containersMax = 1024;

class RestartsMetric implements Metric {
  private readonly run: RunDescription;
  private readonly owners = new Owners();
  private readonly counts = new Map<string, RestartCount>();
  /** Ends that may still be followed by a restart, by pod and container. */
  private readonly exits = new Map<number, Exit>();
  private total = 0;

  constructor(run: RunDescription) {
    this.run = run;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'ReplicaSet' && after !== undefined) this.owners.link(after as KindMap['ReplicaSet']);
    if (kind !== 'Pod' || this.exits.size === 0) return;
    const pod = (after ?? before) as Pod;
    if (after === undefined || isPodTerminal(pod)) this.forget(pod);
  }

  containerExited(pod: Pod, containerIndex: number, exitCode: number, reason: string): void {
    this.exits.set(exitKey(pod, containerIndex), { reason, exitCode });
  }

  containerStarted(pod: Pod, containerIndex: number, restartCount: number): void {
    if (restartCount === 0) return;
    this.total++;
    const key = exitKey(pod, containerIndex);
    const exit = this.exits.get(key);
    this.exits.delete(key);
    this.add(pod, pod.spec.containers[containerIndex]?.name ?? '', exit);
  }

  finish(): void {
    // Nothing is open: restarts are instants.
  }

  tables(): readonly Table[] {
    const counts = [...this.counts.values()];
    return [
      {
        name: 'restarts',
        description:
          'One row per workload, container and way in which the container had ended before it was restarted.',
        columns,
        rows: rowsOf(counts.length, (index) => rowOf(counts[index]!)),
      },
    ];
  }

  figures(): Figures {
    return new Map([['restarts.total', this.total]]);
  }

  private add(pod: Pod, container: string, exit: Exit | undefined): void {
    const workload = this.owners.workloadOf(pod);
    const { namespace, kind, name } = workload;
    const key = [namespace, kind, name, container, exit?.reason, exit?.exitCode].join('\0');
    const now = this.run.engineNow();
    let known = this.counts.get(key);
    if (known === undefined) {
      known = { workload, container, exit, count: 0, ofPod: new Map(), mostOfPod: 0, firstAt: now, lastAt: now };
      this.counts.set(key, known);
    }
    const ofPod = (known.ofPod.get(pod.metadata.uid) ?? 0) + 1;
    known.ofPod.set(pod.metadata.uid, ofPod);
    known.mostOfPod = Math.max(known.mostOfPod, ofPod);
    known.count++;
    known.lastAt = now;
  }

  private forget(pod: Pod): void {
    for (let index = 0; index < pod.spec.containers.length; index++) this.exits.delete(exitKey(pod, index));
  }
}

const exitKey = (pod: Pod, containerIndex: number): number => pod.metadata.uid * containersMax + containerIndex;

function rowOf({ workload, container, exit, count, firstAt, lastAt, mostOfPod }: RestartCount): Cell[] {
  return [
    ...[workload.namespace, workload.kind, workload.name, textCell(container)],
    ...[textCell(exit?.reason ?? ''), exit?.exitCode, count, firstAt, lastAt, mostOfPod],
  ];
}

const columns = [
  column('namespace', 'string', 'Namespace of the workload.'),
  column('kind', 'string', 'Kind of the workload; Pod for a pod that nothing controls.'),
  column('workload', 'string', 'Name of the workload.'),
  column('container', 'string', 'Name of the container.'),
  column('reason', 'string', 'Why it had ended, for example Error or OOMKilled; missing where nobody told.'),
  column('exit_code', 'integer', 'Its exit code.'),
  column('restarts', 'integer', 'Number of restarts.'),
  column('first_t_s', 'seconds', 'The first of them.'),
  column('last_t_s', 'seconds', 'The last of them.'),
  column('most_of_pod', 'integer', 'The most of them in one pod.'),
];

/** The table `restarts`, and their number. */
export const restartsMetric: MetricDefinition = {
  name: 'restarts',
  description: 'Restarts of containers by workload, container and reason.',
  create: (run) => new RestartsMetric(run),
};
