/** What the user's verbs change in an object. A patch that finds nothing to change returns the object itself. */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Node, PodTemplateSpec } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import type { WorkloadKind } from './user-action.ts';

type Workload = KindMap[WorkloadKind];

/** `kubectl scale`: the replicas, of a Job its parallelism. The argument is a count. */
export function scalePatch(current: Workload, argument: unknown): Workload {
  const count = argument as number;
  if (current.kind === 'Job') {
    return current.spec.parallelism === count ? current : { ...current, spec: { ...current.spec, parallelism: count } };
  }
  // A DaemonSet has no number of its own: the schema offers no such action.
  if (current.kind === 'DaemonSet' || current.spec.replicas === count) return current;
  return { ...current, spec: { ...current.spec, replicas: count } } as Workload;
}

/** The container whose image changes, or undefined for all main containers. */
export interface ImageChange {
  readonly container: string | undefined;
  readonly image: string;
}

/** `kubectl set image`; the argument is an `ImageChange`. */
export function imagePatch(current: Workload, argument: unknown): Workload {
  const { container: name, image } = argument as ImageChange;
  const { template } = current.spec;
  const isMeant = (container: { readonly name: string; readonly image: string }): boolean =>
    (name === undefined || container.name === name) && container.image !== image;
  if (!template.spec.containers.some(isMeant)) return current;
  const containers = template.spec.containers.map((entry) => (isMeant(entry) ? { ...entry, image } : entry));
  return withTemplate(current, { ...template, spec: { ...template.spec, containers } });
}

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/** `kubectl rollout restart`: an annotation makes the template another one; the argument is its value. */
export function restartPatch(current: Workload, argument: unknown): Workload {
  const { template } = current.spec;
  if (labelValue(template.annotations, restartedAt) === argument) return current;
  return withTemplate(current, {
    ...template,
    annotations: { ...template.annotations, [restartedAt]: argument as string },
  });
}

/** `kubectl rollout undo`: the argument is the template. */
export function templatePatch(current: Workload, argument: unknown): Workload {
  return withTemplate(current, argument as PodTemplateSpec);
}

/** `kubectl rollout pause` and `resume`; the argument says whether it is to be paused. */
export function pausePatch(current: Workload, argument: unknown): Workload {
  const paused = argument as boolean;
  if (current.kind !== 'Deployment' || current.spec.paused === paused) return current;
  return { ...current, spec: { ...current.spec, paused } };
}

function withTemplate(current: Workload, template: PodTemplateSpec): Workload {
  return { ...current, spec: { ...current.spec, template } } as Workload;
}

/** `kubectl cordon` and `uncordon`; the argument says whether no new pods may come. */
export function cordonPatch(current: Node, argument: unknown): Node {
  const unschedulable = argument as boolean;
  return current.spec.unschedulable === unschedulable
    ? current
    : { ...current, spec: { ...current.spec, unschedulable } };
}

/** Gives a patch of several kinds the type for one of them. */
export function patchFor<K extends Kind>(
  patch: (current: never, argument: unknown) => unknown,
): (current: KindMap[K], argument: unknown) => KindMap[K] {
  return patch as unknown as (current: KindMap[K], argument: unknown) => KindMap[K];
}
