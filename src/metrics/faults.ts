/** One row per fault: when it was detected, when pods were evicted because of it, when the workloads had recovered. */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { FaultRecord, MachineState } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import { FaultRecovery, sinceStart, timeOrNothing } from './fault-recovery.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf } from './metric.ts';
import { rangeFigures } from './percentiles.ts';
import type { WorkloadListener } from './workload-ledger.ts';
import { WorkloadLedger } from './workload-ledger.ts';

class FaultsMetric implements Metric, WorkloadListener {
  private readonly run: RunDescription;
  private readonly ledger = new WorkloadLedger(this);
  private readonly faults: FaultRecovery[] = [];
  /** Faults that are not over, by id; and by node. */
  private readonly open = new Map<number, FaultRecovery>();
  private readonly openByNode = new Map<string, FaultRecovery[]>();
  private readonly notReady = new Set<string>();
  private readonly isShort = (owner: number, level: number): boolean =>
    this.ledger.ready[owner]! < Math.min(level, this.ledger.desired[owner]!);

  constructor(run: RunDescription) {
    this.run = run;
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    this.ledger.committed(kind, slot, before, after);
    if (kind === 'Node') this.nodeCommitted(before as Node | undefined, after as Node | undefined);
    else if (kind === 'Pod' && this.openByNode.size > 0) {
      this.podCommitted(before as Pod | undefined, after as Pod | undefined);
    }
  }

  machineChanged(nodeName: string, state: MachineState): void {
    this.ledger.machineChanged(nodeName, state);
  }

  faultStarted(record: FaultRecord): void {
    const fault = new FaultRecovery(record);
    this.faults.push(fault);
    if (!fault.hitsNodes) return;
    this.open.set(record.id, fault);
    for (const node of record.nodes) {
      const others = this.openByNode.get(node);
      if (others === undefined) this.openByNode.set(node, [fault]);
      else others.push(fault);
      for (const owner of this.ledger.workloadsOn(node)) fault.workloads.set(owner, this.ledger.ready[owner]!);
    }
  }

  faultEnded(record: FaultRecord): void {
    const fault = this.open.get(record.id);
    if (fault === undefined) return;
    fault.hasEnded = true;
    this.closeIfOver(fault);
  }

  workloadChanged(owner: number): void {
    if (this.open.size === 0) return;
    this.review([...this.open.values()].filter((fault) => fault.workloads.has(owner)));
  }

  finish(): void {
    for (const fault of this.faults) fault.finish();
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'faults',
        description:
          'One row per occurrence of a fault, in the order of starts. Cells of detection and recovery are missing for faults ' +
          'that hit no node, and for what had not happened by the end of the run.',
        columns,
        rows: rowsOf(this.faults.length, (index) => rowOf(this.faults[index]!)),
      },
    ];
  }

  figures(): Figures {
    const hits = this.faults.filter((fault) => fault.hitsNodes);
    const spans = (timeOf: (fault: FaultRecovery) => number): number[] =>
      hits.map((fault) => sinceStart(fault, timeOf(fault))).filter((span) => span !== undefined);
    const podsLost = hits.reduce((sum, fault) => sum + fault.podsLost, 0);
    return new Map([
      ['faults.count', this.faults.length],
      ['faults.pods.lost', podsLost],
      ...(hits.length === 0 ? [] : [['faults.pods.lost.mean', podsLost / hits.length] as const]),
      ['faults.unrecovered', hits.filter((fault) => timeOrNothing(fault.recoveredAt) === undefined).length],
      ...rangeFigures(
        'faults.detected',
        spans((fault) => fault.detectedAt),
      ),
      ...rangeFigures(
        'faults.tainted',
        spans((fault) => fault.taintedAt),
      ),
      ...rangeFigures(
        'faults.evicted',
        spans((fault) => fault.evictedAt),
      ),
      ...rangeFigures(
        'faults.recovered',
        spans((fault) => fault.recoveredAt),
      ),
    ]);
  }

  private nodeCommitted(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    const wasReady = !this.notReady.has(name);
    const isReady = after !== undefined && nodeCondition(after, 'Ready')?.status === 'True';
    if (isReady) this.notReady.delete(name);
    else this.notReady.add(name);
    const faults = this.openByNode.get(name);
    if (faults === undefined) return;
    const now = this.run.engineNow();
    const isTainted = after !== undefined && after.spec !== before?.spec && hasNewNoExecute(before, after);
    for (const fault of [...faults]) {
      if (wasReady && !isReady) fault.detected(now);
      if (isTainted) fault.tainted(now);
      if (isReady) this.closeIfOver(fault);
    }
  }

  /** Pods that come to a node which nobody knows to be lost are hurt too. */
  private podCommitted(before: Pod | undefined, after: Pod | undefined): void {
    const pod = (after ?? before)!;
    const { nodeName } = pod.spec;
    const faults = nodeName === '' ? undefined : this.openByNode.get(nodeName);
    if (faults === undefined) return;
    if (before?.spec.nodeName !== nodeName) this.addWorkload(pod, faults);
    if (before === undefined || isPodTerminal(before) || before.metadata.deletionTimestamp !== undefined) return;
    const isDeleted = after === undefined || after.metadata.deletionTimestamp !== undefined;
    for (const fault of faults) {
      if (isDeleted && this.notReady.has(nodeName)) fault.podEvicted(this.run.engineNow());
      else if (!isDeleted && after.status.phase === 'Failed') fault.podFailed();
    }
  }

  private addWorkload(pod: Pod, faults: readonly FaultRecovery[]): void {
    const { owners } = this.ledger;
    const owner = owners.controllerIndex(pod);
    if (owner < 0) return;
    const top = owners.top(owner);
    for (const fault of faults) if (!fault.workloads.has(top)) fault.workloads.set(top, Infinity);
    this.review([...faults]);
  }

  private review(faults: readonly FaultRecovery[]): void {
    for (const fault of faults) {
      fault.review(this.isShort, this.run.engineNow());
      this.closeIfOver(fault);
    }
  }

  private closeIfOver(fault: FaultRecovery): void {
    if (!fault.isOver || fault.record.nodes.some((node) => this.notReady.has(node))) return;
    this.open.delete(fault.record.id);
    for (const node of fault.record.nodes) {
      const rest = this.openByNode.get(node)!.filter((other) => other !== fault);
      if (rest.length === 0) this.openByNode.delete(node);
      else this.openByNode.set(node, rest);
    }
  }
}

function hasNewNoExecute(before: Node | undefined, after: Node): boolean {
  const isKnown = (key: string): boolean =>
    before?.spec.taints.some((taint) => taint.key === key && taint.effect === 'NoExecute') === true;
  return after.spec.taints.some(({ key, effect }) => effect === 'NoExecute' && !isKnown(key));
}

function rowOf(fault: FaultRecovery): Row {
  const { record, detectedAt, taintedAt, evictedAt, recoveredAt, podsLost } = fault;
  const times = [detectedAt, taintedAt, evictedAt, recoveredAt];
  return [
    ...[record.id, record.kind, record.target, record.startsAt, record.endsAt, record.nodes.length],
    ...times.map(timeOrNothing),
    fault.hitsNodes ? podsLost : undefined,
    ...times.map((time) => sinceStart(fault, time)),
  ];
}

const columns = [
  column('id', 'integer', 'Number of the fault, from 0, in the order of the schedule.'),
  column('kind', 'string', 'Kind of fault, for example nodeCrash.'),
  column('target', 'string', 'What was hit.'),
  column('starts_t_s', 'seconds', 'When it began.'),
  column('ends_t_s', 'seconds', 'When it ends; missing if it never does.'),
  column('nodes', 'integer', 'Nodes that lost power or contact by it.'),
  column('detected_t_s', 'seconds', 'When the first of its nodes became Ready Unknown or False.'),
  column('tainted_t_s', 'seconds', 'When the first of its nodes got a NoExecute taint.'),
  column(
    'evicted_t_s',
    'seconds',
    'When the last pod of its nodes was deleted, or marked for deletion, while the node was not Ready.',
  ),
  column(
    'recovered_t_s',
    'seconds',
    'When each workload with pods on its nodes had as many ready pods again as before the fault, or as it wishes; the ' +
      'start, where none ever had fewer.',
  ),
  column('pods_lost', 'integer', 'Pods of its nodes that were so deleted, or failed before the recovery.'),
  column('detected_after_s', 'seconds', 'detected_t_s, since the start.'),
  column('tainted_after_s', 'seconds', 'tainted_t_s, since the start.'),
  column('evicted_after_s', 'seconds', 'evicted_t_s, since the start.'),
  column('recovered_after_s', 'seconds', 'recovered_t_s, since the start.'),
];

/** The table `faults`, and figures on detection, eviction and recovery. */
export const faultsMetric: MetricDefinition = {
  name: 'faults',
  description: 'When each fault was detected, when its pods were evicted, when the workloads had recovered.',
  create: (run) => new FaultsMetric(run),
};
