/** Decoder of pods, also of those in a dump, which have a node and a status. */
import type { Container, Pod } from '../core-v1.ts';
import { absentCondition, newPodStatus, packCondition } from '../pod-status.ts';
import type { ContainerState, ContainerStatus, PackedCondition, PodStatus } from '../pod-status.ts';
import type { Condition } from '../meta-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import type { FieldReader } from './field-reader.ts';
import { objectFields } from './known-fields.ts';
import { decodeConditions, decodeMetadata } from './metadata.ts';
import { decodePodSpec } from './pod-spec.ts';
import { decodeResourceList } from './resource-list.ts';

/**
 * A pod. Its status is kept as far as the phase, the conditions and the containers' states go, with every time 0; whether
 * a pod that ran goes on running in the simulation is for the caller to decide.
 */
export function decodePod(root: FieldReader): Pod {
  root.warnUnknown(objectFields);
  if (!root.has('spec')) root.at.field('spec').required();
  const spec = decodePodSpec(root);
  const status = root.object('status');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec,
    status: status === undefined ? newPodStatus : decodePodStatus(status, spec.containers, spec.initContainers),
  };
}

const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;

/** Conditions that PodStatus holds in a packed form of their own. */
const packedTypes: readonly string[] = [
  'PodScheduled',
  'PodReadyToStartContainers',
  'Initialized',
  'ContainersReady',
  'Ready',
];

function decodePodStatus(
  status: FieldReader,
  containers: readonly Container[],
  initContainers: readonly Container[],
): PodStatus {
  const conditions = decodeConditions(status);
  const scheduled = conditions.find((condition) => condition.type === 'PodScheduled');
  return {
    ...newPodStatus,
    phase: status.choice('phase', phases, 'Pending'),
    reason: status.text('reason'),
    message: status.text('message'),
    startTime: status.has('startTime') ? 0 : -1,
    nominatedNodeName: status.text('nominatedNodeName'),
    podScheduled: packed(conditions, 'PodScheduled'),
    readyToStartContainers: packed(conditions, 'PodReadyToStartContainers'),
    initialized: packed(conditions, 'Initialized'),
    containersReady: packed(conditions, 'ContainersReady'),
    ready: packed(conditions, 'Ready'),
    schedulingMessage: scheduled?.status === 'False' ? scheduled.message : '',
    otherConditions: conditions.filter((condition) => !packedTypes.includes(condition.type)),
    containerStatuses: containerStatuses(status, 'containerStatuses', containers),
    initContainerStatuses: containerStatuses(status, 'initContainerStatuses', initContainers),
  };
}

function packed(conditions: readonly Condition[], type: string): PackedCondition {
  const condition = conditions.find((candidate) => candidate.type === type);
  return condition === undefined ? absentCondition : packCondition(condition.status === 'True', 0);
}

/** The statuses in order of the containers that they belong to; those of unknown containers are dropped. */
function containerStatuses(status: FieldReader, list: string, containers: readonly Container[]): ContainerStatus[] {
  const found: ContainerStatus[] = [];
  for (const reader of status.objects(list)) {
    const index = containers.findIndex((container) => container.name === reader.text('name'));
    if (index < 0) continue;
    found.push({
      index,
      state: decodeState(reader, 'state') ?? waiting,
      lastState: decodeState(reader, 'lastState'),
      restartCount: reader.integer('restartCount', 0),
      ready: reader.boolean('ready'),
      started: reader.boolean('started'),
      ...resizedResources(reader),
    });
  }
  return found.sort((a, b) => a.index - b.index);
}

const waiting: ContainerState = {
  phase: 'waiting',
  reason: 'ContainerCreating',
  message: '',
  exitCode: 0,
  startedAt: -1,
  finishedAt: -1,
};

/** What the status says of a container's resources, where it says anything. */
function resizedResources(reader: FieldReader): Pick<ContainerStatus, 'allocatedResources' | 'actualRequests'> {
  const resources = reader.object('resources');
  return {
    ...(reader.has('allocatedResources') && { allocatedResources: decodeResourceList(reader, 'allocatedResources') }),
    ...(resources?.has('requests') === true && { actualRequests: decodeResourceList(resources, 'requests') }),
  };
}

function decodeState(owner: FieldReader, name: string): ContainerState | undefined {
  const reader = owner.object(name);
  if (reader?.has('running') === true) return { ...waiting, phase: 'running', reason: '', startedAt: 0 };
  const terminated = reader?.object('terminated');
  if (terminated !== undefined) {
    const exitCode = terminated.integer('exitCode', 0, { min: -2147483648 });
    return { ...named(terminated), phase: 'terminated', exitCode, startedAt: 0, finishedAt: 0 };
  }
  const waits = reader?.object('waiting');
  return waits === undefined ? undefined : named(waits);
}

function named(reader: FieldReader): ContainerState {
  return { ...waiting, reason: reader.text('reason'), message: reader.text('message') };
}
