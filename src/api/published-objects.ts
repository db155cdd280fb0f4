/** What controllers keep in every namespace: stored as kinds that are not modelled, so that quotas count them. */
import type { CustomObject } from './custom.ts';
import type { ApiObject } from './meta-v1.ts';
import { newObjectMeta } from './meta-v1.ts';

/** Kind and name of an object that every active namespace has. */
export interface Published {
  readonly kind: string;
  readonly name: string;
}

/** RootCACertConfigMapName: with it pods know the API server's certificate. */
export const rootCertificate: Published = { kind: 'ConfigMap', name: 'kube-root-ca.crt' };
/** Account of pods that name none. */
export const defaultAccount: Published = { kind: 'ServiceAccount', name: 'default' };

/** All of them. */
export const publishedObjects: readonly Published[] = [rootCertificate, defaultAccount];

/** Such an object in a namespace. */
export function publishedObject({ kind, name }: Published, namespace: string): CustomObject {
  const apiVersion = 'v1';
  return { apiVersion, kind, metadata: newObjectMeta({ namespace, name }), body: { apiVersion, kind } };
}

/** Whether an object is that one, in whatever namespace. */
export function isPublished({ apiVersion, kind, metadata }: ApiObject, published: Published): boolean {
  return apiVersion === 'v1' && kind === published.kind && metadata.name === published.name;
}
