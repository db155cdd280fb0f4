/** Pods that the control plane has given up while their containers run on, on nodes that it cannot reach. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodActive, isPodReady } from '../api/pod-conditions.ts';
import type { MachineState } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, podColumns, rowsOf } from './metric.ts';
import type { PodDirectory } from './pod-directory.ts';

/** One such pod. Times in microseconds; -1 = not yet. */
interface Stray {
  /** Row of the pod in the directory. */
  readonly row: number;
  readonly node: string;
  readonly owner: Uid;
  readonly givenUpAt: number;
  replacedAt: number;
  endedAt: number;
  /** Containers that have not ended. */
  running: number;
}

/** More rows than this nobody reads. */
const rowsMax = 50_000;

class DoubleRunningMetric implements Metric {
  private readonly run: RunDescription;
  private readonly pods: PodDirectory;
  /** Nodes whose containers run without contact. */
  private readonly unreachable = new Set<string>();
  private readonly strays: Stray[] = [];
  private readonly open = new Map<Uid, Stray>();
  private end = 0;

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
    if (kind !== 'Pod' || (this.unreachable.size === 0 && this.open.size === 0)) return;
    const old = before as Pod | undefined;
    const pod = after as Pod | undefined;
    if (old !== undefined && isPodActive(old) && (pod === undefined || !isPodActive(pod))) this.givenUp(old);
    else if (pod !== undefined && isPodReady(pod) && (old === undefined || !isPodReady(old))) this.replaced(pod);
  }

  machineChanged(nodeName: string, state: MachineState): void {
    if (state === 'partitioned' || state === 'kubelet-stopped') this.unreachable.add(nodeName);
    else this.unreachable.delete(nodeName);
    if (state !== 'down') return;
    for (const [uid, stray] of [...this.open]) if (stray.node === nodeName) this.ended(uid, stray);
  }

  containerExited(pod: Pod): void {
    const { uid } = pod.metadata;
    const stray = this.open.get(uid);
    if (stray !== undefined && --stray.running <= 0) this.ended(uid, stray);
  }

  containerStarted(pod: Pod): void {
    const stray = this.open.get(pod.metadata.uid);
    if (stray !== undefined) stray.running++;
  }

  finish(now: number): void {
    this.end = now;
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'double_running',
        description:
          'One row per pod that was deleted or failed in the API server while its containers ran on, since its node was cut off ' +
          `or had no kubelet, in order of time; at most ${rowsMax} rows.`,
        columns,
        rows: rowsOf(this.strays.length, (index) => this.rowAt(this.strays[index]!)),
      },
    ];
  }

  figures(): Figures {
    const times = this.strays.map((stray) => this.doubleUs(stray)).filter((us) => us > 0);
    return new Map([
      ['pods.stray', this.strays.length],
      ['pods.double.running', times.length],
      ...(times.length === 0 ? [] : ([['double.running.max', Math.max(...times)]] as const)),
    ]);
  }

  private givenUp(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (!this.unreachable.has(nodeName) || this.strays.length >= rowsMax) return;
    const { uid } = pod.metadata;
    const running = pod.status.containerStatuses.filter(({ state }) => state.phase === 'running').length;
    if (running === 0) return;
    const stray = {
      ...{ row: this.pods.rowOf(uid), node: nodeName, owner: controllerOf(pod)?.uid ?? 0, running },
      ...{ givenUpAt: this.run.engineNow(), replacedAt: -1, endedAt: -1 },
    };
    this.strays.push(stray);
    this.open.set(uid, stray);
  }

  /** A pod of the same controller that has become ready replaces the one that was given up first. */
  private replaced(pod: Pod): void {
    const owner = controllerOf(pod)?.uid;
    if (owner === undefined || this.open.size === 0) return;
    const created = this.pods.rowOf(pod.metadata.uid);
    for (const stray of this.open.values()) {
      if (stray.owner !== owner || stray.replacedAt >= 0 || created < stray.row) continue;
      stray.replacedAt = this.run.engineNow();
      return;
    }
  }

  private ended(uid: Uid, stray: Stray): void {
    stray.endedAt = this.run.engineNow();
    this.open.delete(uid);
  }

  private doubleUs({ replacedAt, endedAt }: Stray): number {
    return replacedAt < 0 ? 0 : (endedAt < 0 ? this.end : endedAt) - replacedAt;
  }

  private rowAt(stray: Stray): Row {
    const { row, node, givenUpAt, replacedAt, endedAt } = stray;
    const { pods } = this;
    return [
      ...[pods.namespaceAt(row), pods.nameAt(row), String(pods.uidAt(row)), node, givenUpAt],
      ...[replacedAt < 0 ? undefined : replacedAt, endedAt < 0 ? undefined : endedAt],
      ...[(endedAt < 0 ? this.end : endedAt) - givenUpAt, this.doubleUs(stray)],
    ];
  }
}

const columns = [
  ...podColumns,
  column('node', 'string', 'The node on which its containers ran on.'),
  column('given_up_t_s', 'seconds', 'When it was deleted, marked for deletion, or failed in the API server.'),
  column('replaced_t_s', 'seconds', 'When the first newer pod of its controller was ready; missing where none was.'),
  column('ended_t_s', 'seconds', 'When its containers had ended; missing where they ran to the end of the run.'),
  column('stray_s', 'seconds', 'Time that its containers ran on.'),
  column('double_s', 'seconds', 'Part of that time in which the replacement was there too.'),
];

/** The table `double_running`, and for how long pods ran twice. */
export const doubleRunningMetric: MetricDefinition = {
  name: 'double-running',
  description: 'Pods that were given up while their containers ran on, beside their replacements.',
  create: (run, pods) => new DoubleRunningMetric(run, pods),
};
