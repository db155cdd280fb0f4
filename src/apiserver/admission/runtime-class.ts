import type { Pod, PodSpec, Toleration } from '../../api/core-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import { sortedLabels } from '../../api/labels.ts';
import type { RuntimeClass } from '../../api/node-v1.ts';
import { semanticEqual } from '../../util/semantic-equal.ts';
import { podWith } from '../pod-object.ts';
import type { AdmissionPlugin, AdmissionReader } from './admission.ts';
import { nameInRequest, refuse } from './admission.ts';

/** Why a pod is refused that names a class which does not exist. */
export function unknownRuntimeClass(name: string): string {
  return `pod rejected: RuntimeClass "${name}" not found`;
}

/** Why a pod is refused that has an overhead of its own making. */
export const overheadWithoutClass =
  'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';

/** Upstream: plugin/pkg/admission/runtimeclass. Gives a new pod the overhead, node labels and tolerations of its class. */
export function createRuntimeClass(): AdmissionPlugin {
  /** Pods of one template keep sharing one spec; a class is compared, since it may have been replaced. */
  const known = new WeakMap<PodSpec, { readonly runtimeClass: RuntimeClass; readonly spec: PodSpec }>();
  return {
    name: 'RuntimeClass',
    mutate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return object;
      const pod = object as Pod;
      if (pod.spec.runtimeClassName === '') return object;
      const runtimeClass = classOf(pod, reader);
      const problem =
        runtimeClass === undefined
          ? unknownRuntimeClass(pod.spec.runtimeClassName)
          : contradiction(pod.spec, runtimeClass);
      if (problem !== undefined) return refuse('Forbidden', `pods "${nameInRequest(pod)}" is forbidden: ${problem}`);
      let completed = known.get(pod.spec);
      if (completed?.runtimeClass !== runtimeClass) {
        completed = { runtimeClass: runtimeClass!, spec: completedBy(pod.spec, runtimeClass!) };
        known.set(pod.spec, completed);
      }
      return podWith(pod, { spec: completed!.spec }) as typeof object;
    },
    validate(kind, object, operation, reader) {
      if (kind !== 'Pod' || operation !== 'create') return undefined;
      const pod = object as Pod;
      if (pod.spec.overhead.size === 0 || classOf(pod, reader)?.overhead !== undefined) return undefined;
      return refuse('Forbidden', `pods "${pod.metadata.name}" is forbidden: ${overheadWithoutClass}`);
    },
  };
}

function classOf({ spec }: Pod, reader: AdmissionReader): RuntimeClass | undefined {
  return spec.runtimeClassName === '' ? undefined : reader.get('RuntimeClass', '', spec.runtimeClassName);
}

function contradiction({ overhead, nodeSelector }: PodSpec, runtimeClass: RuntimeClass): string | undefined {
  const isOwn = overhead.size > 0 && runtimeClass.overhead !== undefined;
  if (isOwn && !semanticEqual(overhead, runtimeClass.overhead))
    return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
  for (const [key, value] of sortedLabels(runtimeClass.nodeSelector)) {
    const own = labelValue(nodeSelector, key);
    if (own === undefined || own === value) continue;
    return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
  }
  return undefined;
}

function completedBy(spec: PodSpec, { overhead, nodeSelector, tolerations }: RuntimeClass): PodSpec {
  return {
    ...spec,
    overhead: overhead ?? spec.overhead,
    nodeSelector: { ...spec.nodeSelector, ...nodeSelector },
    tolerations: mergedTolerations([...spec.tolerations, ...tolerations]),
  };
}

/** Of tolerations of which one says all that another says, the wider one is kept (`MergeTolerations`). */
function mergedTolerations(all: readonly Toleration[]): readonly Toleration[] {
  const merged: Toleration[] = [];
  for (const [at, toleration] of all.entries()) {
    const isIn = (wider: Toleration): boolean => isSuperset(wider, toleration);
    const isLater = (wider: Toleration): boolean => !semanticEqual(wider, toleration) && isIn(wider);
    if (!merged.some(isIn) && !all.slice(at + 1).some(isLater)) merged.push(toleration);
  }
  return merged;
}

function isSuperset(wider: Toleration, toleration: Toleration): boolean {
  if (semanticEqual(wider, toleration)) return true;
  const isOfAllKeys = wider.key === '' && wider.operator === 'Exists';
  if (wider.key !== toleration.key && !isOfAllKeys) return false;
  if (wider.effect !== toleration.effect && wider.effect !== '') return false;
  if (wider.effect === 'NoExecute' && !isAsLong(wider.tolerationSeconds, toleration.tolerationSeconds)) return false;
  return wider.operator === 'Exists' || (toleration.operator === 'Equal' && wider.value === toleration.value);
}

function isAsLong(wider: number | undefined, seconds: number | undefined): boolean {
  return wider === undefined || (seconds !== undefined && seconds <= wider);
}
