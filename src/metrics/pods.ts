/** One row per pod: where it ran, when it reached what, how long it waited for a node. */
import type { Pod, PodPhase } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import { isPodReady } from '../api/pod-conditions.ts';
import { PodResourcesCache } from '../api/resources.ts';
import type { PodHop, SchedulingAttempt } from '../record/facts.ts';
import type { Cell, Row, Table } from '../record/table.ts';
import { float64Column, int32Column, uint8Column } from './columns.ts';
import { podDeviceColumns } from './device-columns.ts';
import { Interner } from './interner.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, podColumns, rowsOf, textCell } from './metric.ts';
import { Owners } from './owners.ts';
import { distributionFigures } from './percentiles.ts';
import type { PodDirectory } from './pod-directory.ts';
import { podReason } from './pod-reason.ts';

const phases: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const phasePending = 0;
const never = -1;

/** A hundred thousand finished pods stay in memory until the end: one row is some 100 bytes in typed columns. */
class PodRows {
  /** -1 = no controller. */
  readonly owner = int32Column(-1);
  /** -1 = never bound. */
  readonly node = int32Column(-1);
  readonly phase = uint8Column();
  readonly priority = int32Column();
  readonly cpuMilli = int32Column();
  readonly memoryBytes = float64Column();
  readonly created = float64Column(never);
  readonly bound = float64Column(never);
  readonly started = float64Column(never);
  readonly ready = float64Column(never);
  readonly finished = float64Column(never);
  readonly deleted = float64Column(never);
  readonly restarts = int32Column();
  readonly attempts = int32Column();
  readonly reason = int32Column();
}

class PodsMetric implements Metric {
  private readonly run: RunDescription;
  private readonly pods: PodDirectory;
  private readonly rows = new PodRows();
  private readonly nodes = new Interner();
  private readonly zones: string[] = [];
  private readonly reasons = new Interner();
  private readonly owners = new Owners();
  private readonly resources = new PodResourcesCache();
  private readonly devices = podDeviceColumns();
  private end = 0;

  constructor(run: RunDescription, pods: PodDirectory) {
    this.run = run;
    this.pods = pods;
    this.reasons.indexOf('');
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'Pod') this.podCommitted(before as Pod | undefined, after as Pod | undefined);
    else if (kind === 'ReplicaSet' && after !== undefined) this.owners.link(after as KindMap['ReplicaSet']);
  }

  podHop(uid: Uid, hop: PodHop, time: number): void {
    if (hop !== 'started' && hop !== 'ready') return;
    const row = this.pods.rowOf(uid);
    const times = this.rows[hop];
    // A commit tells the same later: the hop is exact, and the first one counts.
    if (row >= 0 && (times.at(row) === never || times.at(row) > time)) times.set(row, time);
  }

  schedulingAttempt({ pod }: SchedulingAttempt): void {
    const row = this.pods.rowOf(pod.metadata.uid);
    if (row >= 0) this.rows.attempts.add(row, 1);
  }

  containerStarted(pod: Pod, _containerIndex: number, restartCount: number): void {
    const row = this.pods.rowOf(pod.metadata.uid);
    if (row >= 0 && restartCount > 0) this.rows.restarts.add(row, 1);
  }

  finish(now: number): void {
    this.end = now;
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'pods',
        description: 'One row per pod that was ever stored, in the order of creation.',
        columns: [...columns, ...this.devices.headers()],
        rows: rowsOf(this.pods.count, (row) => this.rowAt(row)),
      },
    ];
  }

  figures(): Figures {
    const { rows } = this;
    const count = (isCounted: (row: number) => boolean): number => this.rowNumbers().filter(isCounted).length;
    const isAtEnd = (row: number, phase: PodPhase): boolean =>
      rows.deleted.at(row) === never && phases[rows.phase.at(row)] === phase;
    const waits = this.rowNumbers().map((row) => this.pendingUs(row));
    return new Map([
      ['pods.created', this.pods.count],
      ['pods.succeeded', count((row) => phases[rows.phase.at(row)] === 'Succeeded')],
      ['pods.failed', count((row) => phases[rows.phase.at(row)] === 'Failed')],
      ['pods.deleted', count((row) => rows.deleted.at(row) !== never)],
      ['pods.running.end', count((row) => isAtEnd(row, 'Running'))],
      ['pods.pending.end', count((row) => isAtEnd(row, 'Pending'))],
      ['pods.never.bound', count((row) => rows.node.at(row) < 0)],
      ['restarts.max', this.rowNumbers().reduce((most, row) => Math.max(most, rows.restarts.at(row)), 0)],
      ...distributionFigures(
        'pending',
        waits.filter((us) => us !== undefined),
      ),
    ]);
  }

  private rowNumbers(): number[] {
    return Array.from({ length: this.pods.count }, (_, row) => row);
  }

  private podCommitted(before: Pod | undefined, after: Pod | undefined): void {
    const row = this.pods.rowOf((after ?? before)!.metadata.uid);
    if (row < 0) return;
    const now = this.run.engineNow();
    if (before === undefined) this.rows.created.set(row, now);
    if (after === undefined) {
      this.rows.deleted.set(row, now);
      return;
    }
    if (after.spec !== before?.spec) this.specChanged(row, after, now);
    if (after.status !== before?.status) this.statusChanged(row, after, now);
    if (after.metadata.ownerReferences !== before?.metadata.ownerReferences) {
      this.rows.owner.set(row, this.owners.controllerIndex(after));
    }
  }

  private specChanged(row: number, pod: Pod, now: number): void {
    const { rows } = this;
    this.devices.note(row, pod);
    const { requests } = this.resources.of(pod.spec);
    rows.priority.set(row, pod.spec.priority);
    rows.cpuMilli.set(row, requests.get('cpu') ?? 0);
    rows.memoryBytes.set(row, requests.get('memory') ?? 0);
    const { nodeName } = pod.spec;
    if (nodeName === '' || rows.node.at(row) >= 0) return;
    const node = this.nodes.indexOf(nodeName);
    // Asked now: at the end of the run the node may be gone.
    this.zones[node] ||= this.run.zoneOf(nodeName);
    rows.node.set(row, node);
    rows.bound.set(row, now);
  }

  private statusChanged(row: number, pod: Pod, now: number): void {
    const { rows } = this;
    const phase = phases.indexOf(pod.status.phase);
    rows.phase.set(row, phase);
    rows.reason.set(row, this.reasons.indexOf(podReason(pod)));
    if (phase !== phasePending && rows.started.at(row) === never && pod.status.phase === 'Running') {
      rows.started.set(row, now);
    }
    if (isPodReady(pod) && rows.ready.at(row) === never) rows.ready.set(row, now);
    const isFinished = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
    if (isFinished && rows.finished.at(row) === never) rows.finished.set(row, now);
  }

  /** undefined for a pod that came with a node: it never waited for one. */
  private pendingUs(row: number): number | undefined {
    const { created, bound, finished, deleted } = this.rows;
    const start = created.at(row);
    if (bound.at(row) === start && this.rows.attempts.at(row) === 0) return undefined;
    const ends = [bound, finished, deleted].map((times) => times.at(row)).filter((time) => time !== never);
    return (ends[0] ?? this.end) - start;
  }

  private rowAt(row: number): Row {
    const { pods, rows } = this;
    const owner = rows.owner.at(row);
    const workload = owner < 0 ? undefined : this.owners.nameAt(this.owners.top(owner));
    const node = rows.node.at(row);
    const time = (times: { at(index: number): number }): Cell => (times.at(row) === never ? undefined : times.at(row));
    return [
      ...[pods.namespaceAt(row), pods.nameAt(row), String(pods.uidAt(row))],
      ...[workload?.kind, workload?.name],
      ...(node < 0 ? [undefined, undefined] : [this.nodes.textAt(node), textCell(this.zones[node]!)]),
      ...[phases[rows.phase.at(row)], rows.priority.at(row), rows.cpuMilli.at(row), rows.memoryBytes.at(row)],
      ...[time(rows.created), time(rows.bound), time(rows.started), time(rows.ready), time(rows.finished)],
      ...[time(rows.deleted), this.pendingUs(row), rows.restarts.at(row), rows.attempts.at(row)],
      textCell(this.reasons.textAt(rows.reason.at(row))),
      ...this.devices.of(row),
    ];
  }
}

const columns = [
  ...podColumns,
  column('owner_kind', 'string', 'Kind of the workload: the controller, or the Deployment above its ReplicaSet.'),
  column('workload', 'string', 'Name of that workload; missing for a pod that nothing controls.'),
  column('node', 'string', 'Node it was bound to; missing if it never was.'),
  column('zone', 'string', 'Zone of that node.'),
  column('phase', 'string', 'Last phase: at the end of the run, or when the pod was removed.'),
  column('priority', 'integer', 'Priority of the pod.'),
  column('cpu_milli', 'integer', 'Requested cpu of the pod as a whole, milliCPU.'),
  column('memory_bytes', 'integer', 'Requested memory of the pod as a whole, bytes.'),
  column('created_t_s', 'seconds', 'When the pod was stored.'),
  column('bound_t_s', 'seconds', 'When it was bound to its node; missing if it never was.'),
  column(
    'started_t_s',
    'seconds',
    'When its containers had started, or its phase became Running: whichever came first.',
  ),
  column('ready_t_s', 'seconds', 'When it was ready for the first time.'),
  column('finished_t_s', 'seconds', 'When its phase became Succeeded or Failed.'),
  column('deleted_t_s', 'seconds', 'When it was removed from the API server.'),
  column(
    'pending_s',
    'seconds',
    'Time from creation to binding; until it was removed, or until the end of the run, for a pod that was never bound; ' +
      'missing for a pod that was created with a node.',
  ),
  column('restarts', 'integer', 'Restarts of its containers.'),
  column('attempts', 'integer', 'Scheduling attempts made for it.'),
  column('reason', 'string', 'Why it was not simply running when last seen, for example Unschedulable.'),
];

/** The table `pods`, and figures on pods and on the time pending. */
export const podsMetric: MetricDefinition = {
  name: 'pods',
  description: 'One row per pod: workload, node, phase, times, requests, restarts.',
  create: (run, pods) => new PodsMetric(run, pods),
};
