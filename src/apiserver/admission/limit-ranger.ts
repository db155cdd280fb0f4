import type { Container, LimitRange, LimitRangeItem, Pod, PodSpec, ResourceList } from '../../api/core-v1.ts';
import { podWith } from '../pod-object.ts';
import type { AdmissionPlugin } from './admission.ts';
import { refuse } from './admission.ts';

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
      const known = defaulted.get(pod.spec);
      if (known !== undefined && sameRanges(known.ranges, ranges))
        return podWith(pod, { spec: known.spec }) as typeof object;
      const spec = withDefaults(pod.spec, ranges);
      defaulted.set(pod.spec, { ranges, spec });
      return podWith(pod, { spec }) as typeof object;
    },
    validate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return undefined;
      const pod = object as Pod;
      for (const range of rangesOf(pod, reader.list('LimitRange'))) {
        const problem = firstViolation(pod.spec, range.limits);
        if (problem !== undefined) return refuse('Forbidden', `pods "${pod.metadata.name}" is forbidden: ${problem}`);
      }
      return undefined;
    },
  };
}

function rangesOf(pod: Pod, all: Iterable<LimitRange>): readonly LimitRange[] {
  const found: LimitRange[] = [];
  for (const range of all) if (range.metadata.namespace === pod.metadata.namespace) found.push(range);
  return found;
}

function sameRanges(a: readonly LimitRange[], b: readonly LimitRange[]): boolean {
  return a.length === b.length && a.every((range, at) => range === b[at]);
}

function withDefaults(spec: PodSpec, ranges: readonly LimitRange[]): PodSpec {
  const items = ranges.flatMap((range) => range.limits).filter((item) => item.type === 'Container');
  const complete = (container: Container): Container => {
    const requests = new Map(container.resources.requests);
    const limits = new Map(container.resources.limits);
    for (const item of items) {
      addMissing(limits, item.default);
      addMissing(requests, item.defaultRequest);
    }
    addMissing(requests, limits);
    return { ...container, resources: { requests, limits } };
  };
  return { ...spec, containers: spec.containers.map(complete), initContainers: spec.initContainers.map(complete) };
}

function addMissing(into: Map<string, number>, from: ResourceList): void {
  for (const [name, amount] of from) if (!into.has(name)) into.set(name, amount);
}

function firstViolation(spec: PodSpec, items: readonly LimitRangeItem[]): string | undefined {
  for (const item of items) {
    if (item.type === 'Container') {
      for (const { resources } of [...spec.containers, ...spec.initContainers]) {
        const problem = outside(item, 'Container', resources.requests, resources.limits);
        if (problem !== undefined) return problem;
      }
    } else if (item.type === 'Pod') {
      const sum = (pick: (container: Container) => ResourceList): ResourceList => total(spec.containers.map(pick));
      const problem = outside(
        item,
        'Pod',
        sum((c) => c.resources.requests),
        sum((c) => c.resources.limits),
      );
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function total(lists: readonly ResourceList[]): ResourceList {
  const sum = new Map<string, number>();
  for (const list of lists) for (const [name, amount] of list) sum.set(name, (sum.get(name) ?? 0) + amount);
  return sum;
}

function outside(item: LimitRangeItem, type: string, requests: ResourceList, limits: ResourceList): string | undefined {
  for (const [name, least] of item.min) {
    const request = requests.get(name);
    if (request === undefined)
      return `minimum ${name} usage per ${type} is ${print(name, least)}.  No request is specified`;
    if (request < least)
      return `minimum ${name} usage per ${type} is ${print(name, least)}, but request is ${print(name, request)}`;
  }
  for (const [name, most] of item.max) {
    const limit = limits.get(name);
    if (limit === undefined) return `maximum ${name} usage per ${type} is ${print(name, most)}.  No limit is specified`;
    if (limit > most)
      return `maximum ${name} usage per ${type} is ${print(name, most)}, but limit is ${print(name, limit)}`;
  }
  return undefined;
}

function print(name: string, amount: number): string {
  return name === 'cpu' ? `${amount}m` : String(amount);
}
