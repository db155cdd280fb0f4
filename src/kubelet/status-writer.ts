/** How kubelets write to the API server: one patch for each change, the last one followed by a delete where one was asked for. */
import type { Client, ResponseHandler } from '../apiserver/client.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import { deleteRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Kind } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { NodeMachine } from './node-machine.ts';
import { rejectionPatch, reportPatch } from './status-patch.ts';
import type { EndReason, PodReport } from './report-types.ts';

/** Sends the statuses of pods, and keeps what found no API server. */
export class StatusWriter implements ResponseHandler {
  readonly hearsRefusalsOnly = true;
  private readonly client: Client;
  private readonly now: () => number;
  /** By node index, oldest first; only of nodes whose requests were refused. */
  private readonly unsent = new Map<number, ApiRequest[]>();

  constructor(client: Client, now: () => number) {
    this.client = client;
    this.now = now;
  }

  /** A refusal because nobody answered is kept until `resend`; others say that the pod is gone. */
  onResponse(nodeIndex: number, response: ApiResponse, request: ApiRequest): void {
    if (response.code !== 'Unavailable') return;
    const requests = this.unsent.get(nodeIndex);
    if (requests === undefined) this.unsent.set(nodeIndex, [request]);
    else requests.push(request);
  }

  /** The pod's status. */
  report(node: NodeMachine, pod: Pod, report: PodReport): void {
    const { namespace, name, uid } = pod.metadata;
    this.send(node, patchStatusRequest('Pod', namespace, name, reportPatch, report, uid));
  }

  /** Failed, without ever having been started. */
  reject(node: NodeMachine, pod: Pod, why: EndReason, at: number): void {
    const { namespace, name, uid } = pod.metadata;
    this.send(node, patchStatusRequest('Pod', namespace, name, rejectionPatch, { ...why, at }, uid));
  }

  /** Removes the object of a pod that has ended. */
  remove(node: NodeMachine, pod: Pod): void {
    const { namespace, name, uid } = pod.metadata;
    this.send(node, deleteRequest('Pod', namespace, name, { gracePeriodSeconds: 0, uid }));
  }

  /** Sends again what found no API server. */
  resend(node: NodeMachine): void {
    const requests = this.unsent.get(node.index);
    if (requests === undefined) return;
    this.unsent.delete(node.index);
    for (const request of requests) this.send(node, request);
  }

  /** Whether something about this pod is still to be sent again. */
  hasUnsent(node: NodeMachine, uid: Uid): boolean {
    return this.unsent.get(node.index)?.some((request) => request.uid === uid) ?? false;
  }

  /** Upstream reads the pod before it patches it: two requests of the node's limit. */
  private send<K extends Kind>(node: NodeMachine, request: ApiRequest<K>): void {
    if (request.verb === 'patchStatus') node.flow.limit?.reserve(this.now());
    this.client.send(request, this, node.index, node.flow);
  }
}
