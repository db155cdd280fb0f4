/**
 * What must hold long after the last fault and the last action: every workload has its wish or a pod that says why not, nothing
 * outlives its owner, and Services know just the pods that are there.
 */
import type { Deployment } from '../../api/apps-v1.ts';
import type { Job } from '../../api/batch-v1.ts';
import type { Pod } from '../../api/core-v1.ts';
import { matchesLabels } from '../../api/labels.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import { isPodActive, isPodReady, isPodTerminal, podKey } from '../../api/pod-conditions.ts';
import { byController } from '../../apiserver/cluster-state.ts';
import type { ClusterState } from '../../apiserver/cluster-state.ts';
import { finishedAt, remainingBackoffUs } from '../../controllers/job-backoff.ts';
import { SECOND } from '../../engine/time.ts';

/** One sentence for each thing that is not as it must be at `now`, microseconds; empty = all is well. */
export function unsettled(state: ClusterState, now: number): readonly string[] {
  return [
    ...[...state.list('Deployment')].flatMap((deployment) => deploymentProblems(state, deployment)),
    ...[...state.list('Job')].flatMap((job) => jobProblems(state, job, now)),
    ...orphans(state),
    ...[...state.list('Service')].flatMap(({ metadata, selector }) =>
      endpointProblems(state, metadata.namespace, metadata.name, selector),
    ),
  ];
}

/** Why a pod is not ready: the scheduler or the kubelet says so, or it has been started more than once. */
function hasReason({ status }: Pod): boolean {
  if (status.schedulingMessage !== '' || status.reason !== '') return true;
  const containers = [...status.initContainerStatuses, ...status.containerStatuses];
  const plain = ['', 'ContainerCreating', 'PodInitializing'];
  return containers.some(({ state, restartCount }) => restartCount > 0 || !plain.includes(state.reason));
}

/** Whether a pod accounts for a wish that is not met: it is not ready for a reason, or its like fail for ever. Evictions are over. */
function accountsFor(pod: Pod): boolean {
  return isPodActive(pod) ? hasReason(pod) : pod.status.reason === 'FailAfterRestarts';
}

function deploymentProblems(state: ClusterState, deployment: Deployment): readonly string[] {
  const { metadata, spec, status } = deployment;
  const name = `Deployment ${metadata.name}`;
  const sets = [...state.by('ReplicaSet', byController, metadata.uid)];
  const pods = sets.flatMap((set) => [...state.by('Pod', byController, set.metadata.uid)]);
  const active = pods.filter(isPodActive);
  const ready = active.filter(isPodReady);
  const problems: string[] = [];
  if (status.readyReplicas !== ready.length) {
    problems.push(`${name} says ${status.readyReplicas} pods are ready, but ${ready.length} are`);
  }
  if (status.observedGeneration !== metadata.generation)
    problems.push(`${name} has not been looked at since it changed`);
  const isWhole = ready.length === spec.replicas && active.length === spec.replicas;
  if (!isWhole && !pods.some(accountsFor)) {
    problems.push(
      `${name} wants ${spec.replicas} pods, has ${active.length}, ${ready.length} ready, and no pod says why`,
    );
  }
  return problems;
}

function jobProblems(state: ClusterState, { metadata, spec, status }: Job, now: number): readonly string[] {
  if (status.conditions.some(({ type, status: value }) => ['Complete', 'Failed'].includes(type) && value === 'True')) {
    return [];
  }
  const all = [...state.by('Pod', byController, metadata.uid)];
  const pods = all.filter(isPodActive);
  const wish = Math.min(spec.parallelism, (spec.completions ?? Infinity) - status.succeeded);
  if (pods.length >= wish || pods.some(hasReason) || backsOff(all, status.failed, now)) return [];
  return [`Job ${metadata.name} is not finished, wants ${wish} pods and has ${pods.length}`];
}

/** Between two attempts a Job has no pod: as long as its back-off after the newest failure lasts, and a little for the way to the next pod. */
function backsOff(pods: readonly Pod[], failures: number, now: number): boolean {
  const failed = pods.filter(({ status }) => status.phase === 'Failed').map(finishedAt);
  if (failures === 0 || failed.length === 0) return false;
  return remainingBackoffUs({ failures, lastFailure: Math.max(...failed) }, now - startUs) > 0;
}

/** From the end of a back-off until the next pod is stored, through a slow API server. */
const startUs = 5 * SECOND;

/** Objects whose controlling owner is gone. */
function orphans(state: ClusterState): readonly string[] {
  const owners = new Set<number>();
  for (const kind of ['Deployment', 'ReplicaSet', 'Job', 'Service'] as const) {
    for (const { metadata } of state.list(kind)) owners.add(metadata.uid);
  }
  const owned = [...state.list('ReplicaSet'), ...state.list('Pod'), ...state.list('EndpointSlice')];
  return owned
    .filter((object) => object.metadata.ownerReferences.length > 0 && !owners.has(controllerOf(object)!.uid))
    .map(({ kind, metadata }) => `${kind} ${metadata.name} has outlived its ${metadata.ownerReferences[0]!.kind}`);
}

function endpointProblems(
  state: ClusterState,
  namespace: string,
  name: string,
  selector: Readonly<Record<string, string>> = {},
): readonly string[] {
  const isMeant = (pod: Pod): boolean =>
    pod.metadata.namespace === namespace && matchesLabels(selector, pod.metadata.labels) && !isPodTerminal(pod);
  const wanted = [...state.list('Pod')].filter((pod) => isMeant(pod) && isPodActive(pod) && isPodReady(pod));
  const slices = [...state.list('EndpointSlice')].filter((slice) => controllerOf(slice)?.name === name);
  const listed = slices.flatMap(({ endpoints }) => endpoints.filter(({ ready }) => ready));
  const keys = (names: readonly string[]): string => [...names].sort((a, b) => (a < b ? -1 : 1)).join(' ');
  const expected = keys(wanted.map(podKey));
  const found = keys(listed.map(({ podName }) => `${namespace}/${podName}`));
  return expected === found ? [] : [`Service ${name} sends to [${found}], ready are [${expected}]`];
}
