/** The steps from a fault to the recovery, each with the rule of Kubernetes that it follows. */
import type { Cell, Table } from '../record/table.ts';
import { gracePeriodUs } from '../controllers/node-lifecycle.ts';
import { SECOND } from '../engine/time.ts';
import { leaseUs } from '../faults/leader-election.ts';
import { pressureConditions } from '../metrics/fault-kinds.ts';
import { maybeNumber, numberOf, readTable, textOf } from './read-table.ts';

/** A component of the control plane has a leader again. */
export interface TakeOver {
  readonly component: string;
  /** Microseconds. */
  readonly at: number;
}

/** A fault as its table tells it; times in microseconds, undefined for what did not happen in this run. */
export interface ToldFault {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly startsAt: number;
  readonly endsAt: number | undefined;
  readonly nodeCount: number;
  readonly detectedAt: number | undefined;
  readonly taintedAt: number | undefined;
  readonly evictedAt: number | undefined;
  readonly restartedAt: number | undefined;
  readonly recreatedAt: number | undefined;
  readonly scheduledAt: number | undefined;
  readonly pulledAt: number | undefined;
  readonly recoveredAt: number | undefined;
  readonly podsLost: number;
  /** Of these, pods that no controller replaces. */
  readonly barePodsLost: number;
  /** Components that lost their leader by it and have one again, in order of time. */
  readonly takeOvers: readonly TakeOver[];
  /** Components that lost their leader by it. */
  readonly leadersLost: number;
  /** Of these, names of those that had none by the end; empty where all had, or where the table does not name them. */
  readonly leaderless: string;
  /** Whether there was something to recover from: nodes, or containers that ran. */
  readonly hitsAnything: boolean;
  /** Pods whose containers it killed or made to hang; undefined for other faults. */
  readonly podsHit: number | undefined;
  /** Id of the later fault that ended what hung by it. */
  readonly overtakenBy: string | undefined;
  /** When kubelets told of the pressure, and told no more. */
  readonly pressureAt: number | undefined;
  readonly relievedAt: number | undefined;
  /** Of the lost pods, those that a kubelet evicted under pressure, and those that it did not admit. */
  readonly podsEvicted: number;
  readonly podsRefused: number;
  /** Pulls of images in an outage of the registry; undefined for other faults. */
  readonly pulls: number | undefined;
  readonly pullsFailed: number;
  /** Id of the earlier fault under which its nodes were silent or known not to be ready when it began. */
  readonly noticedUnder: string | undefined;
  /** What the condition Ready of its first node became; empty where none changed. */
  readonly readyBecame: string;
  /** How long pods tolerated the taint of their node. */
  readonly toleratedUs: number | undefined;
  /** Kind of the controller that made the last new pod; empty where none was made. */
  readonly recreatedFor: string;
  /** Flag and rate of the node lifecycle controller when the first node was tainted; empty where none was. */
  readonly taintRule: string;
}

const columns = [
  ...(['id', 'kind', 'target', 'starts_t_s', 'ends_t_s', 'nodes', 'detected_t_s', 'tainted_t_s'] as const),
  ...(['evicted_t_s', 'restarted_t_s', 'recreated_t_s', 'scheduled_t_s', 'pulled_t_s'] as const),
  ...(['recovered_t_s', 'pods_lost', 'tolerated_s', 'recreated_for', 'taint_rule'] as const),
  ...(['bare_pods_lost', 'leaders_lost', 'noticed_under', 'ready_became'] as const),
  ...(['scheduler_taken_over_t_s', 'controllers_taken_over_t_s', 'without_leader', 'pods_hit'] as const),
  ...(['overtaken_by', 'pressure_t_s', 'relieved_t_s', 'pods_evicted', 'pods_refused'] as const),
  ...(['pulls', 'pulls_failed'] as const),
];

/** The faults that began before the end of the run, in order of time. */
export function toldFaults(tables: ReadonlyMap<string, Table>, horizonUs: number): ToldFault[] {
  return readTable(tables, 'faults', columns)
    .map((row) => ({
      ...{ id: textOf(row.id), kind: textOf(row.kind), target: textOf(row.target) },
      startsAt: numberOf(row.starts_t_s),
      endsAt: withinRun(maybeNumber(row.ends_t_s), horizonUs),
      nodeCount: numberOf(row.nodes),
      detectedAt: maybeNumber(row.detected_t_s),
      taintedAt: maybeNumber(row.tainted_t_s),
      evictedAt: maybeNumber(row.evicted_t_s),
      restartedAt: maybeNumber(row.restarted_t_s),
      recreatedAt: maybeNumber(row.recreated_t_s),
      scheduledAt: maybeNumber(row.scheduled_t_s),
      pulledAt: maybeNumber(row.pulled_t_s),
      recoveredAt: maybeNumber(row.recovered_t_s),
      podsLost: numberOf(row.pods_lost),
      barePodsLost: numberOf(row.bare_pods_lost),
      takeOvers: [
        ...takeOverOf('kube-scheduler', row.scheduler_taken_over_t_s),
        ...takeOverOf('kube-controller-manager', row.controllers_taken_over_t_s),
      ].sort((a, b) => a.at - b.at),
      leadersLost: numberOf(row.leaders_lost),
      leaderless: textOf(row.without_leader),
      hitsAnything: row.pods_lost !== undefined,
      podsHit: maybeNumber(row.pods_hit),
      overtakenBy: maybeText(row.overtaken_by),
      pressureAt: maybeNumber(row.pressure_t_s),
      relievedAt: maybeNumber(row.relieved_t_s),
      podsEvicted: numberOf(row.pods_evicted),
      podsRefused: numberOf(row.pods_refused),
      pulls: maybeNumber(row.pulls),
      pullsFailed: numberOf(row.pulls_failed),
      noticedUnder: maybeText(row.noticed_under),
      readyBecame: textOf(row.ready_became),
      toleratedUs: maybeNumber(row.tolerated_s),
      recreatedFor: textOf(row.recreated_for),
      taintRule: textOf(row.taint_rule),
    }))
    .filter(({ startsAt }) => startsAt <= horizonUs)
    .sort((a, b) => a.startsAt - b.startsAt);
}

const maybeText = (cell: Cell): string | undefined => (cell === undefined ? undefined : textOf(cell));

function takeOverOf(component: string, cell: Cell): TakeOver[] {
  const at = maybeNumber(cell);
  return at === undefined ? [] : [{ component, at }];
}

const withinRun = (time: number | undefined, horizonUs: number): number | undefined =>
  time !== undefined && time <= horizonUs ? time : undefined;

/** One step. */
export interface RecoveryStep {
  /** In one word, for charts. */
  readonly name: string;
  /** Microseconds of virtual time. */
  readonly at: number;
  /** Who did what. */
  readonly text: string;
  /** The setting or rule behind it. */
  readonly rule: string;
}

/** The steps in order of time; the last one is the recovery, where there was one. */
export function recoverySteps(fault: ToldFault): RecoveryStep[] {
  const { nodeCount, podsLost } = fault;
  const steps = nodeCount > 0 ? nodeSteps(fault) : containerSteps(fault);
  const isReplaced = fault.recreatedAt !== undefined;
  const replaced = podsLost - fault.barePodsLost;
  const all: (readonly [number | undefined, string, string, string])[] = [
    ...steps,
    ...fault.takeOvers.map(
      (each) => [each.at, 'taken over', takeOverText(fault, each), `lease-duration ${leaseUs / SECOND}s`] as const,
    ),
    [fault.recreatedAt, 'recreated', 'their controllers make new pods', makingRule(fault)],
    [fault.scheduledAt, 'scheduled', 'kube-scheduler: the new pods are bound', 'filters and scores'],
    [lastPullOf(fault), 'pulled', 'kubelet: their images are pulled', 'image was not on the node'],
    [
      fault.recoveredAt,
      'ready',
      isReplaced
        ? `${replaced} replaced ${replaced === 1 ? 'pod is' : 'pods are'} ready`
        : 'the old pods are ready again',
      isReplaced || nodeCount === 0 ? 'readiness probe' : 'the node is back, readiness probe',
    ],
  ];
  return all
    .flatMap(([at, name, text, rule]) => (at === undefined ? [] : [{ name, at, text, rule }]))
    .sort((a, b) => a.at - b.at);
}

/** Pods that came before the last one may have had to pull an image; what held up the last one is what counts. */
function lastPullOf({ pulledAt, scheduledAt }: ToldFault): number | undefined {
  return pulledAt !== undefined && pulledAt >= (scheduledAt ?? 0) ? pulledAt : undefined;
}

/** While its process is away another one leads: it has stood by. An outage has kept a leader from renewing its lease. */
export function takeOverText({ kind, endsAt }: ToldFault, { component, at }: TakeOver): string {
  if (kind !== 'componentDown') return `${component}, which could not renew its lease, leads again`;
  const isStandby = at < (endsAt ?? Infinity);
  return isStandby ? `a standby of ${component} took over` : `${component}, begun anew, leads again`;
}

/** Who makes new pods, and when. */
function makingRule({ recreatedFor }: ToldFault): string {
  if (recreatedFor === 'StatefulSet') return 'StatefulSet: not before the old pod is gone';
  if (recreatedFor === 'DaemonSet') return 'DaemonSet: one pod for each node';
  return recreatedFor === 'Job' ? 'Job: backoffLimit' : 'as many pods as replicas';
}

/** A kubelet says so itself in a graceful shutdown; silence is noticed by the node lifecycle controller. */
export function isToldByKubelet({ readyBecame }: ToldFault): boolean {
  return readyBecame === 'False';
}

function nodeSteps(fault: ToldFault): (readonly [number | undefined, string, string, string])[] {
  const { toleratedUs } = fault;
  const isTold = isToldByKubelet(fault);
  const condition = pressureConditions.get(fault.kind) ?? '';
  const tolerated =
    toleratedUs === undefined || toleratedUs === 0 ? 'no toleration' : `tolerationSeconds ${toleratedUs / SECOND}`;
  return [
    [fault.pressureAt, 'pressing', `kubelet: ${condition} becomes True`, 'eviction-hard or -soft'],
    [fault.relievedAt, 'relieved', `kubelet: ${condition} becomes False`, 'eviction-pressure-transition-period'],
    isTold
      ? [fault.detectedAt, 'detected', 'kubelet: the node is not ready, Ready becomes False', 'node status']
      : [
          fault.detectedAt,
          'detected',
          'node lifecycle controller: no lease renewal, Ready becomes Unknown',
          `node-monitor-grace-period ${gracePeriodUs / SECOND}s`,
        ],
    [
      fault.taintedAt,
      'tainted',
      `node lifecycle controller: taint node.kubernetes.io/${isTold ? 'not-ready' : 'unreachable'}:NoExecute`,
      `${fault.taintRule} per zone`,
    ],
    [fault.evictedAt, 'evicted', 'taint eviction controller: pods are deleted', tolerated],
  ];
}

function containerSteps(fault: ToldFault): (readonly [number | undefined, string, string, string])[] {
  return [
    detectionStep(fault),
    [
      fault.restartedAt,
      'restarted',
      'kubelet: the container is started again',
      fault.kind === 'containerHang'
        ? 'livenessProbe, terminationGracePeriodSeconds'
        : 'CrashLoopBackOff 10s, doubling to 300s',
    ],
  ];
}

function detectionStep({
  kind,
  detectedAt,
  podsLost,
}: ToldFault): readonly [number | undefined, string, string, string] {
  if (podsLost > 0) return [detectedAt, 'failed', 'kubelet: the pod has failed', 'restartPolicy, or failAfterRestarts'];
  if (kind === 'containerHang')
    return [detectedAt, 'detected', 'kubelet: a probe has failed too often', 'failureThreshold, every periodSeconds'];
  return [
    detectedAt,
    'detected',
    'kubelet: the container has ended, the pod is not ready',
    'containers are listed every 1s',
  ];
}
