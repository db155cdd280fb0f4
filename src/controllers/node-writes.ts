/** How controllers write taints and labels of nodes (upstream pkg/controller/controller_utils.go, pkg/controller/util/node). */
import { getRequest, isSuccess, patchOfRequest, patchRequest } from '../apiserver/requests.ts';
import type { ApiResponse, Patch } from '../apiserver/requests.ts';
import type { Node } from '../api/core-v1.ts';
import { MILLISECOND } from '../engine/time.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send, sleep } from './controller.ts';

/** updateTaintBackoff: so many tries, one to two of these spans apart. */
const conflictTries = 5;
const conflictRetryUs = 100 * MILLISECOND;

/**
 * Reads a node and changes its taints, if there is anything to change: taints have no merge key, so the write holds for the version
 * that was read, and is tried again when somebody else was faster.
 */
export function* writeTaints(
  context: ControllerContext,
  nodeName: string,
  patch: Patch<Node>,
  argument?: unknown,
): Step<ApiResponse<Node>> {
  for (let attempt = 1; ; attempt++) {
    const read = yield* send(getRequest('Node', '', nodeName));
    if (!isSuccess(read) || patch(read.object!, argument) === read.object) return read;
    const response = yield* send(patchOfRequest('Node', read.object!, patch, argument));
    if (response.code !== 'Conflict' || attempt === conflictTries) return response;
    yield* sleep(Math.round(conflictRetryUs * (1 + context.random('conflict').double())));
  }
}

/** Reads a node and changes its labels, whatever else has changed meanwhile. */
export function* writeLabels(nodeName: string, patch: Patch<Node>): Step<ApiResponse<Node>> {
  const read = yield* send(getRequest('Node', '', nodeName));
  return isSuccess(read) ? yield* send(patchRequest('Node', '', nodeName, patch)) : read;
}
