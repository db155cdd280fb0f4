/**
 * The conditions of a pod as the API shows them. Reasons and messages are not stored: they follow from the spec, the phase
 * and the containers (upstream `pkg/kubelet/status/generate.go`).
 */
import type { Container, Pod, PodSpec } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import type { ContainerStatus, PackedCondition, PodStatus } from '../api/pod-status.ts';
import { conditionSince, isConditionTrue } from '../api/pod-status.ts';
import { restartsAfter, retriesInit } from '../api/restart-policy.ts';

interface Text {
  readonly reason: string;
  readonly message: string;
}

const noText: Text = { reason: '', message: '' };

/**
 * The pod's conditions in upstream's order. Builds a list: not for hot paths.
 *
 * @param hasExceeded the kubelet has said that the pod's deadline is over: to it the pod has failed, whatever the API says.
 */
export function conditionsAsShown(
  { spec, status }: Pick<Pod, 'spec' | 'status'>,
  hasExceeded = false,
): readonly Condition[] {
  const conditions: Condition[] = [...status.otherConditions];
  const add = (type: string, packed: PackedCondition, whenFalse: () => Text, whenTrue = noText): void => {
    if (packed < 0) return;
    const isTrue = isConditionTrue(packed);
    const text = isTrue ? whenTrue : whenFalse();
    const lastTransitionTime = conditionSince(packed);
    conditions.push({ type, status: isTrue ? 'True' : 'False', lastTransitionTime, ...text });
  };
  const end = hasExceeded ? 'Failed' : endOf(spec, status);
  const completed = end === 'Succeeded' ? { reason: 'PodCompleted', message: '' } : noText;
  add('PodReadyToStartContainers', status.readyToStartContainers, () => sandboxText(status));
  add('Initialized', status.initialized, () => initializedText(spec, status), completed);
  add('Ready', status.ready, () => readyText(spec, status, end));
  add('ContainersReady', status.containersReady, () => containersReadyText(spec, status, end));
  add('PodScheduled', status.podScheduled, () => ({ reason: 'Unschedulable', message: status.schedulingMessage }));
  return conditions;
}

/** A pod that has an address had a sandbox. */
function sandboxText({ podIP }: PodStatus): Text {
  return { reason: 'PodSandboxNotReady', message: podIP >= 0 ? 'pod sandbox is not ready' : 'no pod sandbox exists' };
}

/** How the pod ends, as far as the kubelet has told: the phase may still be held back while the pod is being stopped. */
function endOf(spec: PodSpec, status: PodStatus): 'Succeeded' | 'Failed' | undefined {
  const { phase, reason, containerStatuses, initContainerStatuses, containersReady } = status;
  if (phase === 'Succeeded') return phase;
  if (hasFailedInit(spec, initContainerStatuses)) return 'Failed';
  // A pod is given up whose containers never came to run: its conditions stay as they were.
  if (phase === 'Failed') return reason === '' && containerStatuses.some(hasNeverRun) ? undefined : phase;
  if (containersReady < 0 || isConditionTrue(containersReady) || containerStatuses.length === 0) return undefined;
  const sidecars = initContainerStatuses.filter(({ index }) => spec.initContainers[index]!.restartPolicy === 'Always');
  if ([...containerStatuses, ...sidecars].every(({ ready }) => ready)) return 'Failed';
  const deadline = status.startTime + (spec.activeDeadlineSeconds ?? Infinity);
  if (conditionSince(containersReady) >= deadline) return 'Failed';
  const areOver = containerStatuses.every((each) => isOver(spec.containers[each.index]!, spec, each));
  if (!areOver || sidecars.some(({ state }) => state.phase === 'running')) return undefined;
  return containerStatuses.every(({ state }) => state.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function hasNeverRun({ state, lastState }: ContainerStatus): boolean {
  if (lastState !== undefined) return false;
  return state.phase === 'waiting' || (state.phase === 'terminated' && state.startedAt < 0 && state.exitCode === 137);
}

/** An init container has failed for good. */
function hasFailedInit(spec: PodSpec, statuses: readonly ContainerStatus[]): boolean {
  return statuses.some(({ index, state }) => {
    const container = spec.initContainers[index]!;
    if (container.restartPolicy === 'Always' || state.phase !== 'terminated' || state.exitCode === 0) return false;
    return !retriesInit(container, spec, state.exitCode);
  });
}

function isOver(container: Container, spec: PodSpec, { state }: ContainerStatus): boolean {
  if (state.phase !== 'terminated') return false;
  return !restartsAfter(container, spec, state.exitCode);
}

function initializedText(spec: PodSpec, { initContainerStatuses }: PodStatus): Text {
  const incomplete = spec.initContainers.filter(({ restartPolicy }, index) => {
    const status = initContainerStatuses.find((each) => each.index === index);
    if (status === undefined) return true;
    return restartPolicy === 'Always' ? !status.started : !status.ready;
  });
  return { reason: 'ContainersNotInitialized', message: `containers with incomplete status: ${names(incomplete)}` };
}

function containersReadyText(spec: PodSpec, status: PodStatus, end: 'Succeeded' | 'Failed' | undefined): Text {
  if (end === 'Succeeded') return { reason: 'PodCompleted', message: '' };
  if (end === 'Failed') return { reason: 'PodFailed', message: '' };
  const unready = [
    ...spec.initContainers.filter(
      ({ restartPolicy }, index) => restartPolicy === 'Always' && !isReady(status.initContainerStatuses, index),
    ),
    ...spec.containers.filter((_container, index) => !isReady(status.containerStatuses, index)),
  ];
  return { reason: 'ContainersNotReady', message: `containers with unready status: ${names(unready)}` };
}

function isReady(statuses: readonly ContainerStatus[], index: number): boolean {
  return statuses.find((each) => each.index === index)?.ready === true;
}

function readyText(spec: PodSpec, status: PodStatus, end: 'Succeeded' | 'Failed' | undefined): Text {
  if (!isConditionTrue(status.containersReady)) return containersReadyText(spec, status, end);
  const texts: string[] = [];
  for (const gate of spec.readinessGates) {
    const condition = status.otherConditions.find(({ type }) => type === gate);
    if (condition === undefined) {
      texts.push(`corresponding condition of pod readiness gate "${gate}" does not exist.`);
    } else if (condition.status !== 'True') {
      texts.push(`the status of pod readiness gate "${gate}" is not "True", but ${condition.status}`);
    }
  }
  return { reason: 'ReadinessGatesNotReady', message: texts.join(', ') };
}

function names(containers: readonly Container[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`;
}
