/** What is told of faults and the recoveries from them: a row each, and figures over all. Pure. */
import { electedComponents } from '../faults/fault.ts';
import type { Row, Table } from '../record/table.ts';
import type { FaultRecovery } from './fault-recovery.ts';
import { sinceStart, timeOrNothing } from './fault-recovery.ts';
import type { Figures } from './metric.ts';
import { column, rowsOf, textCell } from './metric.ts';
import { rangeFigures } from './percentiles.ts';

/** The table `faults`. */
export function faultTable(faults: readonly FaultRecovery[]): Table {
  return {
    name: 'faults',
    description:
      'One row per occurrence of a fault, in the order of starts. Cells of detection and recovery are missing for faults ' +
      'that hit neither nodes nor containers, and for what had not happened by the end of the run.',
    columns,
    rows: rowsOf(faults.length, (index) => rowOf(faults[index]!)),
  };
}

/** Counts, and ranges of the spans from the starts, microseconds. */
export function faultFigures(faults: readonly FaultRecovery[]): Figures {
  const hits = faults.filter((fault) => fault.hitsAnything);
  const spans = (timeOf: (fault: FaultRecovery) => number): number[] =>
    hits.map((fault) => sinceStart(fault, timeOf(fault))).filter((span) => span !== undefined);
  const podsLost = hits.reduce((sum, fault) => sum + fault.podsLost, 0);
  return new Map([
    ['faults.count', faults.length],
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
      'faults.recreated',
      spans((fault) => fault.recreatedAt),
    ),
    ...rangeFigures(
      'faults.recovered',
      spans((fault) => fault.recoveredAt),
    ),
  ]);
}

function rowOf(fault: FaultRecovery): Row {
  const { record, detectedAt, taintedAt, evictedAt, recoveredAt, podsLost, toleratedUs: tolerated } = fault;
  const times = [detectedAt, taintedAt, evictedAt, recoveredAt];
  const steps = [fault.restartedAt, fault.recreatedAt, fault.scheduledAt, fault.pulledAt];
  return [
    ...[record.id, record.kind, record.target, record.startsAt, record.endsAt, record.nodes.length],
    ...times.map(timeOrNothing),
    fault.hitsAnything ? podsLost : undefined,
    ...times.map((time) => sinceStart(fault, time)),
    ...steps.map(timeOrNothing),
    timeOrNothing(tolerated),
    textCell(fault.recreatedFor),
    textCell(fault.taintRule),
    timeOrNothing(fault.takenOverAt),
    fault.hitsAnything ? fault.barePodsLost : undefined,
    ...electedComponents.map((component) => timeOrNothing(fault.leaders.get(component) ?? -1)),
    fault.leaders.size,
    fault.noticedUnder?.record.id,
    textCell(fault.readyBecame),
    fault.seeksContainers ? fault.podsHit : undefined,
    fault.overtakenBy?.record.id,
    textCell(fault.leaderless.join(', ')),
    ...(fault.presses
      ? [timeOrNothing(fault.pressureAt), timeOrNothing(fault.relievedAt), fault.podsEvicted, fault.podsRefused]
      : [undefined, undefined, undefined, undefined]),
    ...(record.kind === 'registryOutage' ? [fault.pulls, fault.pullsFailed] : [undefined, undefined]),
  ];
}

const columns = [
  column('id', 'integer', 'Number of the fault, from 0, in the order of the schedule.'),
  column('kind', 'string', 'Kind of fault, for example nodeCrash.'),
  column('target', 'string', 'What was hit.'),
  column('starts_t_s', 'seconds', 'When it began.'),
  column('ends_t_s', 'seconds', 'When it ends; missing if it never does.'),
  column('nodes', 'integer', 'Nodes that lost power or contact by it.'),
  column(
    'detected_t_s',
    'seconds',
    'When the first of its nodes became Ready Unknown or False, or a kubelet told of a container that it killed or that hung by it.',
  ),
  column('tainted_t_s', 'seconds', 'When the first of its nodes got a NoExecute taint.'),
  column(
    'evicted_t_s',
    'seconds',
    'When the last pod of its nodes was deleted, or marked for deletion, while the node was not Ready.',
  ),
  column(
    'recovered_t_s',
    'seconds',
    'When each workload with pods that it hit had as many ready pods again as before the fault, or as it wishes; the ' +
      'start, where none ever had fewer.',
  ),
  column('pods_lost', 'integer', 'Pods that were so deleted, or failed before the recovery.'),
  column('detected_after_s', 'seconds', 'detected_t_s, since the start.'),
  column('tainted_after_s', 'seconds', 'tainted_t_s, since the start.'),
  column('evicted_after_s', 'seconds', 'evicted_t_s, since the start.'),
  column('recovered_after_s', 'seconds', 'recovered_t_s, since the start.'),
  column(
    'restarted_t_s',
    'seconds',
    'When the first container that it killed, or that hung by it, was started again in its pod.',
  ),
  column('recreated_t_s', 'seconds', 'When the last pod was made for one that was lost, before the recovery.'),
  column('scheduled_t_s', 'seconds', 'When the last of these was bound to a node.'),
  column('pulled_t_s', 'seconds', 'When the last of these had its image, if that had to be pulled.'),
  column('tolerated_s', 'seconds', 'How long the last evicted pod tolerated the taint of its node.'),
  column('recreated_for', 'string', 'Kind of the controller that made the last of these, for example ReplicaSet.'),
  column('taint_rule', 'string', 'Flag and rate that held when the first of its nodes got its NoExecute taint.'),
  column(
    'taken_over_t_s',
    'seconds',
    'When every component of the control plane that lost its leader by it had a leader again.',
  ),
  column('bare_pods_lost', 'integer', 'Of pods_lost, those without a controller: nobody replaces them.'),
  column(
    'scheduler_taken_over_t_s',
    'seconds',
    'When kube-scheduler, if it lost its leader by it, had a leader again.',
  ),
  column(
    'controllers_taken_over_t_s',
    'seconds',
    'When kube-controller-manager, if it lost its leader by it, had a leader again.',
  ),
  column('leaders_lost', 'integer', 'Components of the control plane that lost their leader by it.'),
  column(
    'noticed_under',
    'integer',
    'Number of the earlier fault under which its nodes were silent, or known not to be ready, when it began, so that ' +
      'nothing could be noticed of it; missing where one of them was not.',
  ),
  column(
    'ready_became',
    'string',
    'What Ready of its first node became when that was detected: False, told by its kubelet, or Unknown, by the node ' +
      'lifecycle controller; missing where no condition changed.',
  ),
  column(
    'pods_hit',
    'integer',
    'Pods whose containers it killed or made to hang; 0 where it found none that ran. Missing for other faults.',
  ),
  column(
    'overtaken_by',
    'integer',
    'Number of the later fault that ended the containers that hung by it before anybody had noticed.',
  ),
  column(
    'without_leader',
    'string',
    'Components of the control plane that lost their leader by it and had none by the end of the run.',
  ),
  column(
    'pressure_t_s',
    'seconds',
    'When a kubelet first told of its pressure: MemoryPressure, DiskPressure or PIDPressure became True.',
  ),
  column('relieved_t_s', 'seconds', 'When that condition was False again on all of its nodes.'),
  column('pods_evicted', 'integer', 'Of pods_lost, those that a kubelet evicted for want of what the fault takes.'),
  column('pods_refused', 'integer', 'Of pods_lost, those that a kubelet did not admit under the pressure.'),
  column('pulls', 'integer', 'Pulls of images that ended while the registry was out of order by it.'),
  column('pulls_failed', 'integer', 'Of pulls, those that failed.'),
];
