/** What the scheduler writes to pods. */
import type { Pod } from '../api/core-v1.ts';
import { isConditionTrue, observeCondition, statusWith } from '../api/pod-status.ts';
import type { ApiRequest, ResponseCode } from '../apiserver/requests.ts';
import { patchStatusRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';

interface StatusChange {
  /** Message of PodScheduled=False; undefined = the condition stays. */
  readonly message: string | undefined;
  /** undefined = the nomination stays. */
  readonly nominatedNodeName: string | undefined;
  /** Whole seconds. */
  readonly nowSeconds: number;
}

/** The patch after a failed attempt; undefined when the status says all that already. */
export function unschedulablePatch(pod: Pod, change: StatusChange): ApiRequest<'Pod'> | undefined {
  if (changeStatus(pod, change) === pod) return undefined;
  const { namespace, name, uid } = pod.metadata;
  return patchStatusRequest('Pod', namespace, name, changeStatus, change, uid);
}

/** The patch before a binding cycle that may take long. */
export function nominationPatch(pod: Pod, nominatedNodeName: string): ApiRequest<'Pod'> | undefined {
  return unschedulablePatch(pod, { message: undefined, nominatedNodeName, nowSeconds: 0 });
}

function changeStatus(pod: Pod, argument: unknown): Pod {
  const { message, nominatedNodeName, nowSeconds } = argument as StatusChange;
  const { status } = pod;
  const nomination = nominatedNodeName ?? status.nominatedNodeName;
  const isFalse = status.podScheduled >= 0 && !isConditionTrue(status.podScheduled);
  const isSaid = message === undefined || (isFalse && status.schedulingMessage === message);
  if (isSaid && nomination === status.nominatedNodeName) return pod;
  const podScheduled =
    message === undefined ? status.podScheduled : observeCondition(status.podScheduled, false, nowSeconds);
  const schedulingMessage = message ?? status.schedulingMessage;
  const change = { podScheduled, schedulingMessage, nominatedNodeName: nomination };
  return podWith(pod, { status: statusWith(status, change) });
}

/** Answers after which upstream tries again: the server could not be reached (and Conflict for status patches). */
export function isRetriable(request: ApiRequest, code: ResponseCode): boolean {
  if (request.verb === 'delete' || request.verb === 'get') return false;
  return code === 'Unavailable' || (code === 'Conflict' && request.verb === 'patchStatus');
}
