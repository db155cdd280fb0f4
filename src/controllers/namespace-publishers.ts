/**
 * Controllers that keep one object in every namespace: the root certificate (upstream pkg/controller/certificates/rootcacertpublisher)
 * and the account of pods that name none (pkg/controller/serviceaccount). What the objects hold is nothing here; that they are there is what
 * quotas count.
 */
import { customKeyName } from '../apiserver/cluster-state.ts';
import { createRequest, isSuccess } from '../apiserver/requests.ts';
import type { Published } from '../api/published-objects.ts';
import { defaultAccount, isPublished, publishedObject, rootCertificate } from '../api/published-objects.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { isNamespaceTerminating } from './pod-control.ts';

export const rootCertificatePublisher: ControllerDefinition = {
  name: 'root-ca-certificate-publisher-controller',
  description: 'keeps the ConfigMap kube-root-ca.crt in every namespace',
  workers: 1,
  create: (context) => new NamespacePublisher(context, rootCertificate),
};

export const serviceAccount: ControllerDefinition = {
  name: 'serviceaccount-controller',
  description: 'keeps the ServiceAccount default in every namespace',
  workers: 1,
  create: (context) => new NamespacePublisher(context, defaultAccount),
};

class NamespacePublisher implements Controller {
  private readonly context: ControllerContext;
  private readonly published: Published;

  constructor(context: ControllerContext, published: Published) {
    this.context = context;
    this.published = published;
  }

  watch(): void {
    const { context } = this;
    context.informer('Namespace').onChange(
      (_before, after) => context.enqueue(after!.metadata.name),
      (_before, after) => after !== undefined,
    );
    context.informer('Custom').onChange(
      (before) => context.enqueue(before!.metadata.namespace),
      (before, after) => after === undefined && isPublished(before!, this.published),
    );
  }

  *reconcile(namespace: string): Step<SyncResult> {
    if (this.context.informer('Namespace').get('', namespace)?.phase !== 'Active') return synced;
    const object = publishedObject(this.published, namespace);
    if (this.context.informer('Custom').get(namespace, customKeyName(object)) !== undefined) return synced;
    const response = yield* send(createRequest('Custom', object));
    const isGone = response.code === 'NotFound' || isNamespaceTerminating(response);
    return isSuccess(response) || isGone ? synced : { failed: response.message };
  }
}
