/** Why pods ended and workloads were short: the facts that had effects, each with its cause, back to the first one. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { FaultRecord, Leader, MachineState, PreemptionAttempt, ZoneDisruption } from '../record/facts.ts';
import type { Cell, Row, Table } from '../record/table.ts';
import { CauseFinder, losesReadiness } from './cause-finder.ts';
import type { NotedCause } from './cause-log.ts';
import { CauseLog, noCause } from './cause-log.ts';
import { int32Column } from './columns.ts';
import { DisruptionCounts } from './disruption-counts.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf, textCell } from './metric.ts';
import type { Outage, PresentFact } from './outage-log.ts';
import { OutageLog } from './outage-log.ts';
import type { PodDirectory } from './pod-directory.ts';
import type { WorkloadListener } from './workload-ledger.ts';
import { WorkloadLedger } from './workload-ledger.ts';

/** Some ten megabytes; a run of a week with a hundred crashes and rollouts has a tenth of it. */
const factsMax = 200_000;
const outagesMax = 20_000;

class CausesMetric implements Metric, WorkloadListener {
  private readonly pods: PodDirectory;
  private readonly log = new CauseLog(factsMax);
  private readonly finder: CauseFinder;
  private readonly ledger = new WorkloadLedger(this);
  private readonly present: PresentFact = { cause: noCause, pod: noCause, lateCause: undefined };
  private readonly outages: OutageLog;
  private readonly rowBySlot = int32Column(noCause);
  private readonly disruptions = new DisruptionCounts();

  constructor(run: RunDescription, pods: PodDirectory) {
    this.pods = pods;
    this.finder = new CauseFinder(this.log, run, pods);
    this.outages = new OutageLog(outagesMax, () => run.engineNow(), this.present);
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
    by: string,
  ): void {
    const { present } = this;
    present.cause = this.finder.committed(kind, slot, before, after, by);
    if (kind === 'Pod') this.podCommitted(slot, before as Pod | undefined, after as Pod | undefined, by);
    this.ledger.committed(kind, slot, before, after);
    this.forgetPresent();
  }

  faultStarted(fault: FaultRecord): void {
    this.finder.faultStarted(fault);
  }

  faultEnded(fault: FaultRecord): void {
    this.finder.faultEnded(fault);
  }

  leaderChanged(component: string, leader: Leader): void {
    this.finder.leaderChanged(component, leader);
  }

  machineChanged(nodeName: string, state: MachineState): void {
    this.present.cause = this.finder.machineChanged(nodeName, state);
    this.ledger.machineChanged(nodeName, state);
    this.forgetPresent();
  }

  zoneStateChanged(zone: string, state: ZoneDisruption): void {
    this.finder.zoneStateChanged(zone, state);
  }

  containerHung(pod: Pod, isHung: boolean): void {
    this.finder.containerHung(pod, isHung);
  }

  containerExited(pod: Pod): void {
    this.finder.containerExited(pod);
  }

  preemptionAttempt(attempt: PreemptionAttempt): void {
    this.finder.preemptionAttempt(attempt);
  }

  workloadChanged(owner: number, slot: number): void {
    this.present.pod = slot < 0 ? noCause : this.rowBySlot.at(slot);
    const { kind } = this.ledger.owners.nameAt(owner);
    if (kind !== 'Job') this.outages.changed(owner, this.ledger);
  }

  finish(): void {
    // What is open stays open: its end is not known.
  }

  tables(): readonly Table[] {
    const { outages } = this.outages;
    return [
      {
        name: 'causes',
        description:
          'One row per fact that had effects, and per end of a pod that had not done its work, in order of time; cause_id leads ' +
          `to the fact before it. ${limitText(this.log.dropped, factsMax)}`,
        columns: causeColumns,
        rows: rowsOf(this.log.size, (id) => this.causeRow(id)),
      },
      {
        name: 'outages',
        description:
          'One row per span in which a Deployment, StatefulSet, DaemonSet or ReplicaSet without a Deployment had fewer ready pods ' +
          `than desired, in order of time. ${limitText(this.outages.dropped, outagesMax)}`,
        columns: outageColumns,
        rows: rowsOf(outages.length, (index) => this.outageRow(outages[index]!)),
      },
      this.disruptions.table(),
    ];
  }

  figures(): Figures {
    return new Map([
      ['pods.disrupted', this.disruptions.total],
      ['pods.evicted', this.disruptions.evicted],
    ]);
  }

  private podCommitted(slot: number, before: Pod | undefined, after: Pod | undefined, by: string): void {
    const { present, finder } = this;
    if (before === undefined) this.rowBySlot.set(slot, this.pods.rowOf(after!.metadata.uid));
    else if (present.cause !== noCause) this.countEnd(before!);
    else if (losesReadiness(before, after)) present.lateCause = () => finder.readinessLost(after!, by);
  }

  private countEnd(pod: Pod): void {
    const { time, reason } = this.log.at(this.present.cause);
    this.disruptions.add(this.ledger.owners.workloadOf(pod), reason, time);
  }

  private forgetPresent(): void {
    this.present.cause = noCause;
    this.present.pod = noCause;
    this.present.lateCause = undefined;
  }

  private causeRow(id: number): Row {
    const noted = this.log.at(id);
    const { time, event, who, what, rule, reason, cause, first } = noted;
    return [
      ...[id, time, event, who, ...this.subjectCells(noted)],
      ...[what, textCell(rule), textCell(reason), cause === noCause ? undefined : cause, first],
    ];
  }

  private subjectCells({ pod, subject }: NotedCause): readonly Cell[] {
    const { pods } = this;
    if (pod !== noCause) return ['Pod', pods.namespaceAt(pod), pods.nameAt(pod), String(pods.uidAt(pod))];
    if (subject === undefined) return [undefined, undefined, undefined, undefined];
    return [subject.kind, textCell(subject.namespace), subject.name, undefined];
  }

  private outageRow({ owner, from, to, desired, least, cause, restoredBy, isStart, ...rest }: Outage): Row {
    const { namespace, kind, name } = this.ledger.owners.nameAt(owner);
    const names = rest.missing.map((pod) => this.pods.nameAt(pod)).join(' ');
    return [
      ...[namespace, kind, name, from, to < 0 ? undefined : to, desired, least],
      ...[isStart, cause === noCause ? undefined : cause, rest.missingCount, textCell(names)],
      restoredBy === noCause ? undefined : this.pods.nameAt(restoredBy),
    ];
  }
}

function limitText(dropped: number, limit: number): string {
  return dropped === 0 ? `At most ${limit} rows.` : `${dropped} more found no room: there are at most ${limit} rows.`;
}

const causeColumns = [
  column('id', 'integer', 'Number of the fact, from 0.'),
  column('t_s', 'seconds', 'When it was.'),
  column(
    'event',
    'string',
    'fault, machine, node_condition, node_taint, node_cordoned, change, removal, preemption, leader, not_ready or pod_end.',
  ),
  column('who', 'string', 'Fault, user, kubelet, scheduler or controller that did it.'),
  column('kind', 'string', 'Kind of what it is about.'),
  column('namespace', 'string', 'Its namespace; missing for nodes and faults.'),
  column('name', 'string', 'Its name.'),
  column('uid', 'string', 'Identity of a pod, never reused within a run; missing for everything else.'),
  column('what', 'string', 'What happened.'),
  column('rule', 'string', 'The rule or setting that it follows, for example tolerationSeconds 300.'),
  column('reason', 'string', 'Why a pod ended, to group by, for example taint eviction; missing for other facts.'),
  column('cause_id', 'integer', 'Number of the fact that caused it; missing for a first cause.'),
  column('first_id', 'integer', 'Number of the first cause; itself where nothing caused it.'),
];

const outageColumns = [
  column('namespace', 'string', 'Namespace of the workload.'),
  column('kind', 'string', 'Kind of the workload.'),
  column('workload', 'string', 'Name of the workload.'),
  column('from_t_s', 'seconds', 'When it had fewer ready pods than desired for the first time.'),
  column('to_t_s', 'seconds', 'When it had all of them again; missing where the run ended before.'),
  column('desired', 'integer', 'Pods desired at the beginning.'),
  column('least_ready', 'integer', 'The fewest ready pods.'),
  column('is_start', 'boolean', 'Whether it had not had all its pods before: it was starting.'),
  column('cause_id', 'integer', 'Number of the fact in table causes that began it; missing where it was the creation.'),
  column('lost_pods', 'integer', 'Pods that stopped being ready while it went down.'),
  column('first_lost', 'string', 'Names of the first three of them, separated by blanks.'),
  column(
    'restored_by',
    'string',
    'The pod that became ready last; missing where fewer were desired, or it is not over.',
  ),
];

/** The tables `causes`, `outages` and `disruptions`, and the number of pods that ended before their time. */
export const causesMetric: MetricDefinition = {
  name: 'causes',
  description:
    'Why pods ended and workloads were short: each fact with its cause, back to a fault, a user or a policy.',
  create: (run, pods) => new CausesMetric(run, pods),
};
