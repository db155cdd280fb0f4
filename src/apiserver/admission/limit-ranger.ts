import type { Container, LimitRange, Pod, PodSpec, ResourceList } from '../../api/core-v1.ts';
import { podWith } from '../pod-object.ts';
import type { AdmissionPlugin } from './admission.ts';
import { refuse } from './admission.ts';
import { limitRangeProblem } from './limit-range-constraints.ts';

/**
 * Upstream: plugin/pkg/admission/limitranger. Gives containers the namespace's default limits and requests, then refuses
 * what lies outside min and max (per container, and per pod as the sum of its containers).
 */
export function createLimitRanger(): AdmissionPlugin {
  /** Pods of one template under the same ranges keep sharing one spec. */
  const defaulted = new WeakMap<PodSpec, { readonly ranges: readonly LimitRange[]; readonly spec: PodSpec }>();
  return {
    name: 'LimitRanger',
    mutate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return object;
      const pod = object as Pod;
      const ranges = rangesOf(pod, reader.list('LimitRange'));
      if (ranges.length === 0) return object;
      let known = defaulted.get(pod.spec);
      if (known === undefined || !sameRanges(known.ranges, ranges)) {
        known = { ranges, spec: ranges.reduce(withDefaults, pod.spec) };
        defaulted.set(pod.spec, known);
      }
      return podWith(pod, { spec: known.spec }) as typeof object;
    },
    validate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return undefined;
      const pod = object as Pod;
      for (const range of rangesOf(pod, reader.list('LimitRange'))) {
        const problem = limitRangeProblem(pod.spec, range.limits);
        if (problem !== undefined) return refuse('Forbidden', `pods "${pod.metadata.name}" is forbidden: ${problem}`);
      }
      return undefined;
    },
  };
}

const noRanges: readonly LimitRange[] = [];

function rangesOf(pod: Pod, all: Iterable<LimitRange>): readonly LimitRange[] {
  let found: LimitRange[] | undefined;
  for (const range of all) if (range.metadata.namespace === pod.metadata.namespace) (found ??= []).push(range);
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
