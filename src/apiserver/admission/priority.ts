import type { Pod, PodSpec } from '../../api/core-v1.ts';
import { systemPriorityClasses, unknownPriorityClass } from '../../api/scheduling-v1.ts';
import type { PriorityClass } from '../../api/scheduling-v1.ts';
import { podWith } from '../pod-object.ts';
import type { AdmissionPlugin, AdmissionReader } from './admission.ts';
import { nameInRequest, refuse } from './admission.ts';

/**
 * Upstream: plugin/pkg/admission/priority. Turns the class name of a new pod into its number and preemption policy, and lets one
 * class only be the default. A pod's priority 0 and policy PreemptLowerPriority count as not stated.
 */
export function createPriority(): AdmissionPlugin {
  /** Pods of one template keep sharing one spec; checked against the class, which may have been replaced. */
  const resolved = new WeakMap<PodSpec, PodSpec>();
  return {
    name: 'Priority',
    mutate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return object;
      const pod = object as Pod;
      const className = pod.spec.priorityClassName;
      const found = className === '' ? (globalDefault(reader) ?? noClass) : classNamed(className, reader);
      const problem = found === undefined ? unknownPriorityClass(className) : contradiction(pod.spec, found);
      if (problem !== undefined) return refuse('Forbidden', `pods "${nameInRequest(pod)}" is forbidden: ${problem}`);
      if (sameAs(pod.spec, found!)) return object;
      let spec = resolved.get(pod.spec);
      if (spec === undefined || !sameAs(spec, found!)) {
        const { name: priorityClassName, value: priority, preemptionPolicy } = found!;
        spec = { ...pod.spec, priorityClassName, priority, preemptionPolicy };
        resolved.set(pod.spec, spec);
      }
      return podWith(pod, { spec }) as typeof object;
    },
    validate(kind, object, operation, reader) {
      if (kind !== 'PriorityClass' || operation === 'delete') return undefined;
      const { metadata, globalDefault: isDefault } = object as PriorityClass;
      const other = isDefault ? otherDefault(metadata.name, reader) : undefined;
      if (other === undefined) return undefined;
      const problem = `PriorityClass ${other} is already marked as default. Only one default can exist`;
      return refuse('Forbidden', `priorityclasses.scheduling.k8s.io "${metadata.name}" is forbidden: ${problem}`);
    },
  };
}

interface ResolvedClass {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
}

const noClass: ResolvedClass = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' };

function classNamed(name: string, reader: AdmissionReader): ResolvedClass | undefined {
  const system = systemPriorityClasses.get(name);
  if (system !== undefined) return { name, value: system, preemptionPolicy: 'PreemptLowerPriority' };
  const stored = reader.get('PriorityClass', '', name);
  return stored && { name, value: stored.value, preemptionPolicy: stored.preemptionPolicy };
}

/** What a pod states itself has to agree with its class. */
function contradiction({ priority, preemptionPolicy }: PodSpec, found: ResolvedClass): string | undefined {
  if (priority !== 0 && priority !== found.value) {
    return `the integer value of priority (${priority}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`;
  }
  if (preemptionPolicy === 'Never' && found.preemptionPolicy !== 'Never') {
    return `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${found.preemptionPolicy} from the given PriorityClass name`;
  }
  return undefined;
}

/** Of several global defaults the one with the lowest value holds. */
function globalDefault(reader: AdmissionReader): ResolvedClass | undefined {
  let best: PriorityClass | undefined;
  for (const stored of reader.list('PriorityClass')) {
    if (stored.globalDefault && (best === undefined || stored.value < best.value)) best = stored;
  }
  return best && { name: best.metadata.name, value: best.value, preemptionPolicy: best.preemptionPolicy };
}

function otherDefault(name: string, reader: AdmissionReader): string | undefined {
  for (const stored of reader.list('PriorityClass')) {
    if (stored.globalDefault && stored.metadata.name !== name) return stored.metadata.name;
  }
  return undefined;
}

function sameAs(spec: PodSpec, found: ResolvedClass): boolean {
  const { priorityClassName, priority: value, preemptionPolicy } = spec;
  return priorityClassName === found.name && value === found.value && preemptionPolicy === found.preemptionPolicy;
}
