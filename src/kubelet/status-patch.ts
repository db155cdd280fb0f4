/** How a kubelet changes the status of a pod (upstream `pkg/kubelet/status/status_manager.go`). */
import { podWith } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Condition } from '../api/meta-v1.ts';
import type { PodPhase, PodStatus } from '../api/pod-status.ts';
import { isConditionTrue, observeCondition, statusWith } from '../api/pod-status.ts';
import { kept } from './container-statuses.ts';
import type { EndReason, PodReport } from './report-types.ts';

/** Writes a report into the status; conditions that others own, and a terminal phase, stay as they are. */
export function reportPatch(current: Pod, argument: unknown): Pod {
  const report = argument as PodReport;
  const status = statusAfter(current, report);
  return isSame(current.status, status) ? current : podWith(current, { status });
}

function statusAfter(pod: Pod, report: PodReport): PodStatus {
  const { status, spec } = pod;
  const { at, areContainersReady } = report;
  const isReady = areContainersReady && spec.readinessGates.every((gate) => hasCondition(status, gate));
  const isOver = isPodTerminal(pod);
  return {
    phase: isOver || report.isHeldBack ? status.phase : report.phase,
    reason: isOver ? status.reason : report.reason,
    message: isOver ? status.message : report.message,
    startTime: status.startTime >= 0 ? status.startTime : report.startTime,
    nominatedNodeName: status.nominatedNodeName,
    podScheduled: observeCondition(status.podScheduled, true, at),
    readyToStartContainers: observeCondition(
      status.readyToStartContainers,
      report.sandboxSince >= 0,
      report.sandboxSince >= 0 ? report.sandboxSince : at,
    ),
    // What has been initialized is for ever.
    initialized: observeCondition(status.initialized, report.isInitialized || isConditionTrue(status.initialized), at),
    containersReady: observeCondition(status.containersReady, areContainersReady, at),
    ready: observeCondition(status.ready, isReady, at),
    schedulingMessage: '',
    otherConditions: withRestartsAll(withDisruption(status.otherConditions, report), report),
    containerStatuses: kept(status.containerStatuses, report.containerStatuses),
    initContainerStatuses: kept(status.initContainerStatuses, report.initContainerStatuses),
    podIP: report.podIP >= 0 ? report.podIP : status.podIP,
  };
}

function withDisruption(others: readonly Condition[], { disruption, at }: PodReport): readonly Condition[] {
  const isTarget = ({ type }: Condition): boolean => type === 'DisruptionTarget';
  if (disruption === undefined || others.find(isTarget)?.status === 'True') return others;
  return [...others.filter((each) => !isTarget(each)), disruptionTarget(disruption, at)];
}

/** Why nothing is started anew in a pod that has ended. */
const endTexts: Readonly<Partial<Record<PodPhase, string>>> = { Succeeded: 'PodCompleted', Failed: 'PodFailed' };

/** The condition of pods with a rule that starts all containers anew. */
function withRestartsAll(others: readonly Condition[], { restartsAll, at, phase }: PodReport): readonly Condition[] {
  if (restartsAll === undefined) return others;
  const type = 'AllContainersRestarting';
  const before = others.find((condition) => condition.type === type);
  const status = restartsAll ? 'True' : 'False';
  const reason = restartsAll ? 'RestartAllContainersStarted' : (endTexts[phase] ?? '');
  if (before?.status === status && before.reason === reason) return others;
  const message = restartsAll ? 'container exited with restart policy rule' : '';
  const condition: Condition = { type, status, lastTransitionTime: at, reason, message };
  return [...others.filter((each) => each.type !== type), condition];
}

/** The condition that says why the kubelet ends a pod that could have gone on. */
function disruptionTarget(message: string, at: number): Condition {
  return {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: at,
    reason: 'TerminationByKubelet',
    message,
  };
}

function hasCondition(status: PodStatus, type: string): boolean {
  return status.otherConditions.some((condition) => condition.type === type && condition.status === 'True');
}

function isSame(a: PodStatus, b: PodStatus): boolean {
  return (
    a.phase === b.phase &&
    a.reason === b.reason &&
    a.startTime === b.startTime &&
    a.podScheduled === b.podScheduled &&
    a.readyToStartContainers === b.readyToStartContainers &&
    a.initialized === b.initialized &&
    a.containersReady === b.containersReady &&
    a.ready === b.ready &&
    a.containerStatuses === b.containerStatuses &&
    a.initContainerStatuses === b.initContainerStatuses &&
    a.otherConditions === b.otherConditions &&
    a.podIP === b.podIP
  );
}

/** The status of a pod that its node refused: no containers, one write. */
export function rejectionPatch(current: Pod, argument: unknown): Pod {
  const { reason, message, at } = argument as EndReason & { readonly at: number };
  if (isPodTerminal(current)) return current;
  const text = `Pod was rejected: ${message}`;
  const change = { phase: 'Failed', reason, message: text, startTime: at } as const;
  return podWith(current, { status: statusWith(current.status, change) });
}
