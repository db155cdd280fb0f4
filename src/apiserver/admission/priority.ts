import type { Pod, PodSpec } from '../../api/core-v1.ts';
import type { PriorityClass } from '../../api/scheduling-v1.ts';
import { podWith } from '../pod-object.ts';
import type { AdmissionPlugin, AdmissionReader } from './admission.ts';
import { refuse } from './admission.ts';

/** Upstream: pkg/apis/scheduling/v1/helpers.go. */
const systemClasses: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** Upstream: plugin/pkg/admission/priority. Turns the class name of a new pod into its number and preemption policy. */
export function createPriority(): AdmissionPlugin {
  /** Pods of one template keep sharing one spec; checked against the class, which may have been replaced. */
  const resolved = new WeakMap<PodSpec, PodSpec>();
  return {
    name: 'Priority',
    mutate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return object;
      const pod = object as Pod;
      const className = pod.spec.priorityClassName;
      const found = className === '' ? globalDefault(reader) : classNamed(className, reader);
      if (found === undefined && className !== '') {
        return refuse(
          'Forbidden',
          `pods "${pod.metadata.name}" is forbidden: no PriorityClass with name ${className} was found`,
        );
      }
      if (found === undefined || sameAs(pod.spec, found)) return object;
      let spec = resolved.get(pod.spec);
      if (spec === undefined || !sameAs(spec, found)) {
        spec = {
          ...pod.spec,
          priorityClassName: found.name,
          priority: found.value,
          preemptionPolicy: found.preemptionPolicy,
        };
        resolved.set(pod.spec, spec);
      }
      return podWith(pod, { spec }) as typeof object;
    },
  };
}

interface ResolvedClass {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
}

function classNamed(name: string, reader: AdmissionReader): ResolvedClass | undefined {
  const system = systemClasses.get(name);
  if (system !== undefined) return { name, value: system, preemptionPolicy: 'PreemptLowerPriority' };
  const stored = reader.get('PriorityClass', '', name);
  return stored && { name, value: stored.value, preemptionPolicy: stored.preemptionPolicy };
}

/** Of several global defaults the one with the lowest value holds. */
function globalDefault(reader: AdmissionReader): ResolvedClass | undefined {
  let best: PriorityClass | undefined;
  for (const stored of reader.list('PriorityClass')) {
    if (stored.globalDefault && (best === undefined || stored.value < best.value)) best = stored;
  }
  return best && { name: best.metadata.name, value: best.value, preemptionPolicy: best.preemptionPolicy };
}

function sameAs(spec: PodSpec, found: ResolvedClass): boolean {
  const { priorityClassName, priority: value, preemptionPolicy } = spec;
  return priorityClassName === found.name && value === found.value && preemptionPolicy === found.preemptionPolicy;
}
