/** What preemption writes to pods (`ps/framework/preemption/executor.go`, `ps/util/utils.go`). */
import type { Pod } from '../../api/core-v1.ts';
import type { Condition, Timestamp } from '../../api/meta-v1.ts';
import { statusWith } from '../../api/pod-status.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import { deleteRequest, patchStatusRequest } from '../../apiserver/requests.ts';
import type { ApiRequest } from '../../apiserver/requests.ts';

/** Takes a nomination back. */
export function clearNominationRequest({ metadata }: Pod): ApiRequest<'Pod'> {
  return patchStatusRequest('Pod', metadata.namespace, metadata.name, withoutNomination, undefined, metadata.uid);
}

function withoutNomination(pod: Pod): Pod {
  if (pod.status.nominatedNodeName === '') return pod;
  return podWith(pod, { status: statusWith(pod.status, { nominatedNodeName: '' }) });
}

/**
 * Says on a victim why it is deleted.
 *
 * @param schedulerName of the preemptor.
 * @param now whole seconds.
 */
export function disruptionRequest({ metadata }: Pod, schedulerName: string, now: Timestamp): ApiRequest<'Pod'> {
  const condition: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: now,
    reason: 'PreemptionByScheduler',
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
  };
  return patchStatusRequest('Pod', metadata.namespace, metadata.name, withCondition, condition, metadata.uid);
}

/** The condition in its place; the time of an equal status stays. */
function withCondition(pod: Pod, argument: unknown): Pod {
  const condition = argument as Condition;
  const { otherConditions: before } = pod.status;
  const at = before.findIndex(({ type }) => type === condition.type);
  const present = before[at];
  if (present?.reason === condition.reason && present.message === condition.message) return pod;
  const isSame = present?.status === condition.status;
  const next = isSame ? { ...condition, lastTransitionTime: present.lastTransitionTime } : condition;
  const otherConditions = at < 0 ? [...before, next] : before.with(at, next);
  return podWith(pod, { status: statusWith(pod.status, { otherConditions }) });
}

/** Deletes a victim with the grace it asks for. */
export function deleteVictimRequest({ metadata }: Pod): ApiRequest<'Pod'> {
  return deleteRequest('Pod', metadata.namespace, metadata.name);
}
