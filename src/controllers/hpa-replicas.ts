/**
 * How many replicas a metric asks for (upstream pkg/controller/podautoscaler/replica_calculator.go). Pure. Ratios are floating point
 * numbers and products of them are rounded as they are, last bit included: 56 / 50 * 25 pods are 29.
 */
import type { MetricSpec } from '../api/autoscaling-v2.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { conditionSince, isConditionTrue } from '../api/pod-status.ts';
import { podRequests } from '../api/resources.ts';
import { SECOND } from '../engine/time.ts';
import type { MetricSample } from './controller.ts';

/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay, seconds. */
const initializationSeconds = 300;
const readinessDelaySeconds = 30;

/** A proposal, or why there is none. */
export type Proposal = { readonly replicas: number } | { readonly failed: string };

/** What the pods of a workload use. */
export interface MetricInput {
  readonly metric: MetricSpec;
  readonly pods: readonly Pod[];
  readonly samples: ReadonlyMap<Uid, MetricSample>;
  readonly currentReplicas: number;
  /** How far the ratio may lie below and above 1. */
  readonly tolerance: { readonly down: number; readonly up: number };
  /** Microseconds. */
  readonly now: number;
}

interface Groups {
  readonly values: Map<Uid, number>;
  readonly unready: Pod[];
  readonly missing: Pod[];
  readonly readyCount: number;
}

/** The replicas that a metric of the pods asks for. */
export function proposeReplicas(input: MetricInput): Proposal {
  const { metric, pods, currentReplicas } = input;
  const groups = groupPods(input);
  if (groups.values.size === 0) return { failed: 'did not receive metrics for targeted pods (pods might be unready)' };
  const requests = metric.averageUtilization === undefined ? noRequests : requestsOf(pods, metric);
  if (typeof requests === 'string') return { failed: requests };
  const ratioOf = (values: ReadonlyMap<Uid, number>): number => usageRatio(metric, values, requests);
  const ratio = ratioOf(groups.values);
  const hasUnready = groups.unready.length > 0 && ratio > 1;
  if (groups.missing.length === 0 && !hasUnready)
    return { replicas: isTolerated(input, ratio) ? currentReplicas : Math.ceil(ratio * groups.readyCount) };
  return { replicas: withGuesses(input, groups, requests, ratio, hasUnready, ratioOf) };
}

const noRequests: ReadonlyMap<Uid, number> = new Map();

/** What each pod requests, or which container of which pod requests nothing (upstream `calculateRequests`). */
function requestsOf(pods: readonly Pod[], { name, container }: MetricSpec): ReadonlyMap<Uid, number> | string {
  const requests = new Map<Uid, number>();
  for (const { metadata, spec } of pods) {
    const isStatedForPod = container === undefined && (spec.resources?.requests.size ?? 0) > 0;
    const request = isStatedForPod ? podRequests(spec).get(name) : sumOf(spec, name, container);
    if (request === undefined) return `missing pod-level request for ${name} in Pod ${metadata.name}`;
    if (typeof request === 'string')
      return `missing request for ${name} in container ${request} of Pod ${metadata.name}`;
    requests.set(metadata.uid, request);
  }
  return requests;
}

/** The requests of containers and sidecars, or of one of them; or the name of one that has none. */
function sumOf({ containers, initContainers }: Pod['spec'], resource: string, only?: string): number | string {
  let sum = 0;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { name, resources } of [...containers, ...sidecars]) {
    if (only !== undefined && name !== only) continue;
    const request = resources.requests.get(resource);
    if (request === undefined) return name;
    sum += request;
  }
  return sum;
}

/** Unready and missing pods are guessed so that they hold the change back. */
function withGuesses(
  input: MetricInput,
  { values, unready, missing }: Groups,
  requests: ReadonlyMap<Uid, number>,
  ratio: number,
  hasUnready: boolean,
  ratioOf: (values: ReadonlyMap<Uid, number>) => number,
): number {
  const { metric, currentReplicas } = input;
  const filled = new Map(values);
  for (const { metadata } of missing) {
    const request = requests.get(metadata.uid) ?? 0;
    const full = metric.averageValue ?? Math.floor((request * Math.max(100, metric.averageUtilization ?? 100)) / 100);
    if (ratio < 1) filled.set(metadata.uid, full);
    else if (ratio > 1) filled.set(metadata.uid, 0);
  }
  if (hasUnready) for (const { metadata } of unready) filled.set(metadata.uid, 0);
  const guessed = ratioOf(filled);
  const turned = (ratio < 1 && guessed > 1) || (ratio > 1 && guessed < 1);
  if (isTolerated(input, guessed) || turned) return currentReplicas;
  const replicas = Math.ceil(guessed * filled.size);
  const isBackwards = (guessed < 1 && replicas > currentReplicas) || (guessed > 1 && replicas < currentReplicas);
  return isBackwards ? currentReplicas : replicas;
}

function isTolerated({ tolerance }: Pick<MetricInput, 'tolerance'>, ratio: number): boolean {
  return ratio >= 1 - tolerance.down && ratio <= 1 + tolerance.up;
}

/** Use over target; a utilization is a whole percentage first. */
function usageRatio(
  { averageUtilization, averageValue }: MetricSpec,
  values: ReadonlyMap<Uid, number>,
  requests: ReadonlyMap<Uid, number>,
): number {
  let used = 0;
  let requested = 0;
  for (const [uid, value] of values) {
    used += value;
    requested += requests.get(uid) ?? 0;
  }
  if (averageUtilization !== undefined) return Math.floor((100 * used) / requested) / averageUtilization;
  return Math.floor(used / values.size) / averageValue!;
}

function groupPods({ metric, pods, samples, now }: MetricInput): Groups {
  const values = new Map<Uid, number>();
  const unready: Pod[] = [];
  const missing: Pod[] = [];
  let readyCount = 0;
  const isOfProcessors = metric.type !== 'Pods' && metric.name === 'cpu';
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined || pod.status.phase === 'Failed') continue;
    const sample = samples.get(pod.metadata.uid);
    if (pod.status.phase === 'Pending') unready.push(pod);
    else if (sample === undefined) missing.push(pod);
    else if (isOfProcessors && isUnready(pod, sample, now)) unready.push(pod);
    else {
      readyCount++;
      values.set(pod.metadata.uid, sample.value);
    }
  }
  return { values, unready, missing, readyCount };
}

/** A pod whose cpu is that of its start. */
function isUnready({ status }: Pod, sample: MetricSample, now: number): boolean {
  if (status.ready < 0 || status.startTime < 0) return true;
  const isReady = isConditionTrue(status.ready);
  const since = conditionSince(status.ready);
  if ((status.startTime + initializationSeconds) * SECOND > now)
    return !isReady || sample.time < since * SECOND + sample.windowUs;
  return !isReady && since < status.startTime + readinessDelaySeconds;
}

/** What a metric says that is not of the pods. */
export interface OutsideInput {
  readonly metric: MetricSpec;
  /** In thousandths, as the target. */
  readonly value: number;
  readonly pods: readonly Pod[];
  readonly currentReplicas: number;
  /** What the status of the workload says, which is not what its spec says. */
  readonly statusReplicas: number;
  readonly tolerance: MetricInput['tolerance'];
}

/** The replicas that a metric of an object or from outside asks for (`GetObjectMetricReplicas`, `GetExternalMetricReplicas`). */
export function proposeFromOutside(input: OutsideInput): number {
  const { metric, value, pods, currentReplicas, statusReplicas } = input;
  if (metric.value !== undefined) {
    const ratio = value / metric.value;
    if (currentReplicas === 0) return Math.ceil(ratio);
    return isTolerated(input, ratio) ? currentReplicas : Math.ceil(ratio * pods.filter(isServing).length);
  }
  const target = metric.averageValue!;
  // Without replicas there is no average: any use is too much.
  const ratio = value / (target * statusReplicas);
  return statusReplicas > 0 && isTolerated(input, ratio) ? statusReplicas : Math.ceil(value / target);
}

function isServing({ status }: Pod): boolean {
  return status.phase === 'Running' && isConditionTrue(status.ready);
}
