/**
 * The pods that a workload is made of, before anything has happened: the yardstick of measures that ask what pods like those of the
 * workload could use. It depends on the scenario alone, so that it is the same for every policy and at every instant.
 */
import type { Job } from '../api/batch-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { HOUR } from '../engine/time.ts';
import type { ExpectedPods } from '../scheduler/framework/handle.ts';
import { withPodLevelDefaults } from '../api/pod-level-resources.ts';
import type { Arrivals, GeneratorSpec } from './generator-spec.ts';
import type { ManifestObject } from './manifest-object.ts';
import { objectKey } from './manifest-object.ts';
import { TracePods } from './traces/trace-objects.ts';
import type { TraceReplay } from './traces/trace-replay.ts';
import type { TimedUserAction } from './user-action.ts';

/** What brings pods into a run. */
export interface PodSources {
  readonly objects: readonly ManifestObject[];
  readonly actions: readonly TimedUserAction[];
  readonly generators: readonly GeneratorSpec[];
  readonly trace: TraceReplay | undefined;
  /** Microseconds. */
  readonly horizon: number;
}

/**
 * Pods and workloads of manifests with their replicas as applied, generators with the arrivals expected until the end of the run, and the
 * pods of a trace in its window. Left out: what is controlled by another object of the manifests, DaemonSets, CronJobs, and what
 * users or autoscalers change later.
 */
export function expectedPods({ objects, actions, generators, trace, horizon }: PodSources): readonly ExpectedPods[] {
  const applied = actions.flatMap(({ action }) => (action.verb === 'apply' ? action.objects : []));
  const all = new Map([...objects, ...applied].map((entry) => [objectKey(entry), entry]));
  const names = new Set([...all.values()].map(({ object }) => nameOf(object.kind, object.metadata)));
  const pods = [
    ...[...all.values()].filter(({ object }) => !isOwned(object, names)).map(podsOfObject),
    ...generators.map((generator) => podsOfGenerator(generator, horizon)),
    ...(trace === undefined ? [] : podsOfTrace(trace, horizon)),
  ];
  const expected = pods.filter((entry) => entry !== undefined && entry.count > 0) as ExpectedPods[];
  return expected.map((entry) => ({ ...entry, spec: withPodLevelDefaults(entry.spec) }));
}

const nameOf = (kind: string, { namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${kind}/${namespace}/${name}`;

function isOwned(object: ApiObject, names: ReadonlySet<string>): boolean {
  const owner = controllerOf(object);
  if (owner === undefined) return false;
  return names.has(nameOf(owner.kind, { namespace: object.metadata.namespace, name: owner.name }));
}

function podsOfObject({ kind, object }: ManifestObject): ExpectedPods | undefined {
  switch (kind) {
    case 'Pod':
      return { spec: object.spec, annotations: object.metadata.annotations, count: 1 };
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return { ...object.spec.template, count: object.spec.replicas };
    case 'Job':
      return { ...object.spec.template, count: podsOfJob(object) };
    default:
      return undefined;
  }
}

function podsOfJob({ spec: { completions, parallelism } }: Job): number {
  return completions ?? parallelism;
}

function podsOfGenerator(spec: GeneratorSpec, horizon: number): ExpectedPods | undefined {
  const { template, limit = Infinity, start, until = Infinity } = spec;
  const end = Math.min(until, horizon);
  const arrivals = Math.min(limit, Math.max(0, arrivalsWithin(spec.arrivals, start, end)));
  const each = podsOfObject(template);
  return each === undefined ? undefined : { ...each, count: each.count * arrivals };
}

/** Expected arrivals in [start, end), microseconds. */
function arrivalsWithin(arrivals: Arrivals, start: number, end: number): number {
  switch (arrivals.type) {
    case 'poisson':
      return (arrivals.ratePerHour * (end - start)) / HOUR;
    case 'interval':
      return (end - start) / Math.max(1, arrivals.interval.mean);
    case 'every':
      return Math.ceil((end - start) / arrivals.periodUs);
    case 'times':
      return arrivals.times.filter((time) => time >= start && time < end).length;
    case 'count':
      return start < end ? arrivals.count : 0;
  }
}

function podsOfTrace({ pods, timing }: TraceReplay, horizon: number): readonly ExpectedPods[] {
  const { fromUs, untilUs = Infinity, scale } = timing;
  const objects = new TracePods();
  return pods
    .filter(({ arrivalUs: at = fromUs }) => at >= fromUs && at < untilUs && (at - fromUs) * scale < horizon)
    .map((pod) => {
      const { spec, metadata } = objects.object(pod, pod.name);
      return { spec, annotations: metadata.annotations, count: pod.count };
    });
}
