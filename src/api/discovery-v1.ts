import type { ApiObject, Uid } from './meta-v1.ts';

export interface Endpoint {
  readonly podUid: Uid;
  readonly podName: string;
  readonly nodeName: string;
  readonly zone: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** discovery.k8s.io/v1 EndpointSlice (at most 100 endpoints each). */
export interface EndpointSlice extends ApiObject {
  readonly apiVersion: 'discovery.k8s.io/v1';
  readonly kind: 'EndpointSlice';
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}
