/** Creating and deleting the pods of a workload (upstream pkg/controller/controller_utils.go, RealPodControl and slowStartBatch). */
import type { Pod, PodTemplateSpec } from '../api/core-v1.ts';
import type { ApiObject, Labels, OwnerReference, Uid } from '../api/meta-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { newPodStatus } from '../api/pod-status.ts';
import { newPod } from '../apiserver/pod-object.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import { createRequest, deleteRequest, isSuccess } from '../apiserver/requests.ts';
import type { ControllerContext, Step } from './controller.ts';
import { sendAll } from './controller.ts';

/** Creations and deletions of one sync. */
export const burstReplicas = 500;
/** Upstream maxNameGenerationCreateAttempts. */
const nameAttempts = 8;

/** What all pods of one owner share: one value each, never copied per pod. */
export interface SharedPodParts {
  readonly template: PodTemplateSpec;
  readonly ownerReferences: readonly OwnerReference[];
  readonly finalizers: readonly string[];
}

/** A new pod; labels and annotations are those of the template unless it has its own. */
export function podFromParts(
  parts: SharedPodParts,
  namespace: string,
  name: string,
  labels: Labels = parts.template.labels,
  annotations: Labels = parts.template.annotations,
): Pod {
  const { ownerReferences, finalizers, template } = parts;
  const metadata = newObjectMeta({ name, namespace, labels, annotations, ownerReferences, finalizers });
  return newPod(metadata, template.spec, newPodStatus);
}

/** Pods to be made for one owner, and who wants to know how it went. */
export interface PodCreation<T> {
  readonly owner: ApiObject;
  /** A new pod under a name that was not tried before. */
  podOf(item: T): Pod;
  onCreated(response: ApiResponse<Pod>): void;
  /** So many of the pods will not come: refused, or never sent. */
  onMissing(count: number): void;
}

/**
 * Creates one pod for each item in batches of 1, 2, 4 ... parallel requests, and stops after a batch with a refusal.
 *
 * @returns the message of the first refusal.
 */
export function* createPods<T>(
  context: ControllerContext,
  creation: PodCreation<T>,
  items: readonly T[],
): Step<string | undefined> {
  let refusal: string | undefined;
  let sent = 0;
  for (let size = 1; sent < items.length && refusal === undefined; size *= 2) {
    const batch = items.slice(sent, sent + size);
    sent += batch.length;
    for (const response of yield* createBatch(creation, batch)) {
      const problem = hearCreation(context, creation, response);
      refusal ??= problem;
    }
  }
  if (sent < items.length) creation.onMissing(items.length - sent);
  return refusal;
}

function* createBatch<T>(creation: PodCreation<T>, items: readonly T[]): Step<readonly ApiResponse<Pod>[]> {
  const request = (item: T) => createRequest('Pod', creation.podOf(item));
  const responses = [...(yield* sendAll(items.map(request)))];
  for (let attempt = 1; attempt < nameAttempts; attempt++) {
    const taken = responses.flatMap(({ code }, at) => (code === 'AlreadyExists' ? [at] : []));
    if (taken.length === 0) break;
    const again = yield* sendAll(taken.map((at) => request(items[at]!)));
    for (const [index, at] of taken.entries()) responses[at] = again[index]!;
  }
  return responses;
}

/** Says what became of one creation; a namespace that goes away is no mistake of anybody. */
function hearCreation<T>(
  context: ControllerContext,
  creation: PodCreation<T>,
  response: ApiResponse<Pod>,
): string | undefined {
  const { owner } = creation;
  if (isSuccess(response)) {
    creation.onCreated(response);
    tell(context, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${response.object!.metadata.name}`);
    return undefined;
  }
  if (isNamespaceTerminating(response)) return undefined;
  creation.onMissing(1);
  tell(context, owner, 'Warning', 'FailedCreate', `Error creating: ${response.message}`);
  return response.message;
}

/** Whether a creation was refused because its namespace is going (upstream cause NamespaceTerminating). */
export function isNamespaceTerminating(response: ApiResponse): boolean {
  return response.code === 'Forbidden' && saysTerminating(response.message);
}

/** Whether a refusal says that its namespace is going. */
export function saysTerminating(message: string): boolean {
  return message.endsWith('because it is being terminated');
}

/** Who wants to know which deletions went wrong. */
export interface PodDeletion {
  readonly owner: ApiObject;
  readonly onDeleted?: (response: ApiResponse<Pod>) => void;
  /** The pod was not deleted by this request: gone already, or refused. */
  readonly onMissing?: (uid: Uid) => void;
}

/**
 * Deletes pods in parallel.
 *
 * @returns the message of the first refusal; a pod that is gone already is none.
 */
export function* deletePods(
  context: ControllerContext,
  deletion: PodDeletion,
  pods: readonly Pod[],
): Step<string | undefined> {
  const requests = pods.map(({ metadata }) => deleteRequest('Pod', metadata.namespace, metadata.name));
  let refusal: string | undefined;
  for (const [at, response] of (yield* sendAll(requests)).entries()) {
    const { name, uid } = pods[at]!.metadata;
    if (isSuccess(response)) {
      deletion.onDeleted?.(response);
      tell(context, deletion.owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      continue;
    }
    deletion.onMissing?.(uid);
    if (response.code === 'NotFound') continue;
    refusal ??= response.message;
    tell(context, deletion.owner, 'Warning', 'FailedDelete', `Error deleting: ${response.message}`);
  }
  return refusal;
}

/** Tells a Kubernetes Event about an object. */
export function tell(
  context: ControllerContext,
  about: ApiObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const { namespace, name } = about.metadata;
  context.kubeEvent({ type, reason, message, involvedKind: about.kind, namespace, name });
}
