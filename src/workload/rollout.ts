/** `kubectl rollout undo`: the template of an earlier revision becomes the present one (kubectl/pkg/polymorphichelpers/rollback.go). */
import { byController } from '../apiserver/cluster-state.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';
import { resourceName } from '../apiserver/verbs.ts';
import { getRequest, patchRequest } from '../apiserver/requests.ts';
import type { PodTemplateSpec } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Uid } from '../api/meta-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import { ask } from './script.ts';
import type { Script } from './script.ts';
import type { WorkloadReference } from './user-action.ts';
import { patchFor, templatePatch } from './user-patches.ts';

/** Annotation of a ReplicaSet with the number of its revision. */
const revisionAnnotation = 'deployment.kubernetes.io/revision';
/** Label that the Deployment controller adds to the template of its ReplicaSets. */
const hashLabel = 'pod-template-hash';

interface Revision {
  readonly number: number;
  readonly template: PodTemplateSpec;
}

/** Goes back to a revision, 0 = the one before the newest; returns why not, or an empty text. */
export function* undo(state: ClusterState, target: WorkloadReference, toRevision: number): Script<string> {
  const { kind, namespace, name } = target;
  if (kind !== 'Deployment' && kind !== 'StatefulSet' && kind !== 'DaemonSet')
    return `no rollbacker has been implemented for "${kind}"`;
  const { object, message } = yield* ask(getRequest(kind, namespace, name));
  if (object === undefined) return message;
  if (object.kind === 'Deployment' && object.spec.paused)
    return "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again";
  const { uid } = object.metadata;
  const revisions = kind === 'Deployment' ? revisionsOfDeployment(state, uid) : revisionsOfSet(state, uid);
  const ordered = [...revisions].sort((a, b) => a.number - b.number);
  const found = toRevision === 0 ? ordered.at(-2) : ordered.find(({ number }) => number === toRevision);
  if (found === undefined) return missing(target, toRevision);
  if (semanticEqual(found.template, object.spec.template)) {
    // kubectl says so and counts it as done.
    return '';
  }
  const patch = patchRequest(kind, namespace, name, patchFor<typeof kind>(templatePatch), found.template);
  return (yield* ask(patch)).message;
}

function missing({ kind, name }: WorkloadReference, toRevision: number): string {
  if (toRevision > 0) return `unable to find specified revision ${toRevision} in history`;
  if (kind === 'Deployment') return `no rollout history found for ${resourceName(kind)} "${name}"`;
  return 'no last revision to roll back to';
}

function revisionsOfDeployment(state: ClusterState, uid: Uid): readonly Revision[] {
  return [...state.by('ReplicaSet', byController, uid)].map(({ metadata, spec: { template } }) => {
    const labels = labelsOf(sortedLabels(template.labels).filter(([key]) => key !== hashLabel));
    const number = Number(labelValue(metadata.annotations, revisionAnnotation) ?? 0);
    return { number, template: { ...template, labels } };
  });
}

function revisionsOfSet(state: ClusterState, uid: Uid): readonly Revision[] {
  const stored = [...state.by('ControllerRevision', byController, uid)];
  return stored.map(({ revision, data }) => ({ number: revision, template: data }));
}
