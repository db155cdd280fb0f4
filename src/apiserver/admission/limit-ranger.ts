import type { Container, LimitRange, Pod, PodSpec, ResourceList } from '../../api/core-v1.ts';
import type { ApiObject } from '../../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { formatResource } from '../../api/quantity.ts';
import { aggregate, resourceAndName } from '../outcome.ts';
import { podWith } from '../pod-object.ts';
import type { AdmissionPlugin } from './admission.ts';
import { refuse } from './admission.ts';
import { claimRangeProblem, podRangeProblem } from './limit-range-constraints.ts';

/** What becomes of pods that share a spec. */
interface Defaulted {
  readonly ranges: readonly LimitRange[];
  readonly spec: PodSpec;
  readonly problem: string | undefined;
}

/**
 * Upstream: plugin/pkg/admission/limitranger. Gives containers the namespace's default limits and requests, then refuses
 * what lies outside min and max (per container, per pod as the sum of its containers, and per claim).
 */
export function createLimitRanger(): AdmissionPlugin {
  /** Pods of one template under the same ranges keep sharing one spec. */
  const defaulted = new WeakMap<PodSpec, Defaulted>();
  return {
    name: 'LimitRanger',
    mutate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return object;
      const pod = object as Pod;
      const ranges = rangesOf(pod, reader.list('LimitRange'));
      if (ranges.length === 0) return object;
      let known = defaulted.get(pod.spec);
      if (known === undefined || !sameRanges(known.ranges, ranges)) {
        const spec = ranges.reduce(withDefaults, pod.spec);
        known = { ranges, spec, problem: spec === pod.spec ? undefined : overLimit(spec) };
        defaulted.set(pod.spec, known);
      }
      const { problem } = known;
      if (problem !== undefined) return refuse('Invalid', `Pod "${pod.metadata.name}" is invalid: ${problem}`);
      return podWith(pod, { spec: known.spec }) as typeof object;
    },
    validate(kind, object, operation, reader) {
      // Containers never change; a claim may grow, and one that goes is let go.
      if (operation === 'delete' || (kind === 'Pod' && operation === 'update')) return undefined;
      const problemOf = checks[kind as keyof typeof checks];
      if (problemOf === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
      for (const { limits } of rangesOf(object, reader.list('LimitRange'))) {
        const problem = problemOf(object as never, limits);
        if (problem === undefined) continue;
        return refuse('Forbidden', `${resourceAndName(kind, object.metadata.name)} is forbidden: ${problem}`);
      }
      return undefined;
    },
  };
}

const checks = {
  Pod: ({ spec }: Pod, items: LimitRange['limits']) => podRangeProblem(spec, items),
  PersistentVolumeClaim: ({ spec }: PersistentVolumeClaim, items: LimitRange['limits']) =>
    claimRangeProblem(spec.requests, items),
};

const noRanges: readonly LimitRange[] = [];

function rangesOf({ metadata }: ApiObject, all: Iterable<LimitRange>): readonly LimitRange[] {
  let found: LimitRange[] | undefined;
  for (const range of all) if (range.metadata.namespace === metadata.namespace) (found ??= []).push(range);
  return found ?? noRanges;
}

function sameRanges(a: readonly LimitRange[], b: readonly LimitRange[]): boolean {
  return a.length === b.length && a.every((range, at) => range === b[at]);
}

/** Of several items of one range the last to name a resource holds; of several ranges the first. */
function withDefaults(spec: PodSpec, { limits: items }: LimitRange): PodSpec {
  const limits = new Map<string, number>();
  const requests = new Map<string, number>();
  for (const item of items) {
    if (item.type !== 'Container') continue;
    for (const [name, amount] of item.default) limits.set(name, amount);
    for (const [name, amount] of item.defaultRequest) requests.set(name, amount);
  }
  if (limits.size + requests.size === 0) return spec;
  const complete = (container: Container): Container => {
    const { resources } = container;
    const completed = {
      requests: completedBy(resources.requests, requests),
      limits: completedBy(resources.limits, limits),
    };
    return { ...container, resources: completed };
  };
  return { ...spec, containers: spec.containers.map(complete), initContainers: spec.initContainers.map(complete) };
}

function completedBy(stated: ResourceList, defaults: ResourceList): ResourceList {
  return new Map([...defaults, ...stated]);
}

/** A default limit below what a container requests itself makes the pod invalid (upstream `ValidateContainerResourceRequirements`). */
function overLimit({ containers, initContainers }: PodSpec): string | undefined {
  const problems = [...overLimits('containers', containers), ...overLimits('initContainers', initContainers)];
  return problems.length === 0 ? undefined : aggregate(problems);
}

function overLimits(field: string, containers: readonly Container[]): readonly string[] {
  return containers.flatMap(({ resources: { requests, limits } }, at) =>
    [...requests]
      .filter(([name, amount]) => amount > (limits.get(name) ?? Infinity))
      .map(
        ([name, amount]) =>
          `spec.${field}[${at}].resources.requests: Invalid value: "${formatResource(name, amount)}": ` +
          `must be less than or equal to ${name} limit of ${formatResource(name, limits.get(name)!)}`,
      ),
  );
}
