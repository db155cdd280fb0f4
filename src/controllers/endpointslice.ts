/** EndpointSlice controller (upstream pkg/controller/endpointslice): which pods stand behind each Service. */
import { byController } from '../apiserver/cluster-state.ts';
import { sharedSpec } from '../apiserver/pod-object.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import { createRequest, deleteRequest, isSuccess, updateRequest } from '../apiserver/requests.ts';
import type { Pod, PodSpec, Service, ServicePort } from '../api/core-v1.ts';
import type { Endpoint, EndpointSlice } from '../api/discovery-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf, newObjectMeta } from '../api/meta-v1.ts';
import { zoneOf } from '../api/node-conditions.ts';
import { isPodReady, isPodTerminal, podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import type { EndpointGroup, EndpointPorts, NewSlice, SlicePlan } from './endpoint-packing.ts';
import { planSlices, portsKey } from './endpoint-packing.ts';
import { StaleCacheGuard } from './expectations.ts';
import { tell } from './pod-control.ts';
import { podNameSuffix } from './pod-names.ts';
import { controllerReference, ownerKey } from './ownership.ts';
import { ServiceMembers } from './service-members.ts';

/** Slices that somebody else has changed are put right after this time. */
const foreignChangeDelayUs = SECOND;

export const endpointSlice: ControllerDefinition = {
  name: 'endpointslice-controller',
  description: 'keeps the EndpointSlices of each Service with a selector',
  eventSource: 'endpoint-slice-controller',
  workers: 5,
  maxRetries: 15,
  retry: { baseDelayUs: SECOND, maxDelayUs: 1000 * SECOND, hasSharedBucket: true },
  create: (context) => new EndpointSliceController(context),
};

class EndpointSliceController implements Controller {
  private readonly context: ControllerContext;
  private readonly members: ServiceMembers;
  private readonly guard: StaleCacheGuard;
  /** Lists that this controller has made, by which it knows its own writes. */
  private readonly own = new WeakSet<readonly Endpoint[]>();
  private readonly removing = new Set<Uid>();
  private readonly sliceCounts = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.members = new ServiceMembers(context.informer('Pod'));
    this.guard = new StaleCacheGuard(context.informer('EndpointSlice'));
  }

  watch(): void {
    this.context.informer('Service').onChange((before, after) => this.onService(before, after));
    this.context.informer('Node');
    this.context.informer('Pod').onChange(
      (before, after, slot) => this.onPod(before, after, slot),
      (before, after) => this.concernsEndpoints(before, after),
    );
    this.context.informer('EndpointSlice').onChange(
      (before, after) => this.onForeignChange((after ?? before)!),
      (before, after) => this.isForeign(before, after),
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const service = this.context.informer('Service').get(key.slice(0, slash), key.slice(slash + 1));
    if (service === undefined || service.selector === undefined || service.type === 'ExternalName') return synced;
    if (this.guard.isStale(key)) return { failed: 'the cache is older than own writes' };
    const { now } = this.context;
    const { pods, completeAt } = this.members.of(service, now);
    const { groups, missingNode } = this.groupEndpoints(service, pods);
    const slices = this.context
      .informer('EndpointSlice')
      .by(byController, service.metadata.uid)
      .filter((slice) => slice.metadata.deletionTimestamp === undefined);
    const refusal = yield* this.carryOut(key, service, planSlices(slices, groups));
    if (refusal !== undefined) {
      const { namespace, name } = service.metadata;
      const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${refusal}`;
      tell(this.context, service, 'Warning', 'FailedToUpdateEndpointSlices', message);
      return { failed: refusal };
    }
    if (missingNode !== undefined) return { failed: `node "${missingNode}" not found` };
    return completeAt > now ? { requeueAfterUs: completeAt - now } : synced;
  }

  private onService(before: Service | undefined, after: Service | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) {
      this.members.remove(before!);
      this.guard.forget(key);
      return;
    }
    this.members.set(after);
    this.context.enqueue(key);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined, slot: number): void {
    for (const key of this.members.update(before, after, slot)) this.context.enqueue(key);
  }

  /** Pods without an address are in no slice; of the others only some fields show there. */
  private concernsEndpoints(before: Pod | undefined, after: Pod | undefined): boolean {
    if (!hasAddress(before) && !hasAddress(after)) return false;
    const isChanged =
      before === undefined ||
      after === undefined ||
      before.status.podIP !== after.status.podIP ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
      before.metadata.labels !== after.metadata.labels ||
      isPodReady(before) !== isPodReady(after) ||
      isPodTerminal(before) !== isPodTerminal(after);
    return isChanged && (this.isSelected(before) || this.isSelected(after));
  }

  private isSelected(pod: Pod | undefined): boolean {
    return pod !== undefined && this.members.matching(pod.metadata.namespace, pod.metadata.labels).length > 0;
  }

  private isForeign(before: EndpointSlice | undefined, after: EndpointSlice | undefined): boolean {
    if (controllerOf((after ?? before)!)?.kind !== 'Service') return false;
    return after === undefined ? !this.removing.has(before!.metadata.uid) : !this.own.has(after.endpoints);
  }

  private onForeignChange(slice: EndpointSlice): void {
    const key = ownerKey(slice, 'Service');
    if (key !== undefined) this.context.enqueueAfter(key, foreignChangeDelayUs);
  }

  /** The endpoints that a Service should have, by their ports; and a node that is not known, if a pod is on one. */
  private groupEndpoints(
    service: Service,
    pods: readonly Pod[],
  ): { readonly groups: ReadonlyMap<string, EndpointGroup>; readonly missingNode: string | undefined } {
    const groups = new Map<string, EndpointGroup>();
    const groupOfSpec = new Map<PodSpec, EndpointGroup>();
    let missingNode: string | undefined;
    for (const pod of pods) {
      if (!hasAddress(pod) || isPodTerminal(pod)) continue;
      const node = this.context.informer('Node').get('', pod.spec.nodeName);
      if (node === undefined && !service.publishNotReadyAddresses) {
        missingNode ??= pod.spec.nodeName;
        continue;
      }
      const spec = sharedSpec(pod.spec);
      let group = groupOfSpec.get(spec);
      if (group === undefined) groupOfSpec.set(spec, (group = groupFor(groups, portsOf(service, spec))));
      group.endpoints.set(pod.metadata.uid, endpointOf(service, pod, node === undefined ? '' : zoneOf(node)));
    }
    return { groups, missingNode };
  }

  /** Creates, updates and deletes in turn; returns the message of the first refusal. */
  private *carryOut(key: string, service: Service, plan: SlicePlan): Step<string | undefined> {
    for (const contents of plan.create) {
      const refusal = yield* this.create(key, service, contents);
      if (refusal !== undefined) return refusal;
    }
    for (const { slice, endpoints, ports } of plan.update) {
      this.own.add(endpoints);
      const refusal = this.heard(key, yield* send(updateRequest('EndpointSlice', { ...slice, endpoints, ports })));
      if (refusal !== undefined) return refusal;
    }
    for (const slice of plan.remove) {
      const { namespace, name, uid } = slice.metadata;
      this.removing.add(uid);
      const response = yield* send(deleteRequest('EndpointSlice', namespace, name));
      if (!isSuccess(response) && response.code !== 'NotFound') return response.message;
    }
    return undefined;
  }

  private *create(key: string, service: Service, contents: NewSlice): Step<string | undefined> {
    const { namespace, name } = service.metadata;
    this.own.add(contents.endpoints);
    for (;;) {
      const count = this.sliceCounts.get(key) ?? 0;
      this.sliceCounts.set(key, count + 1);
      const metadata = newObjectMeta({
        name: `${name}-${podNameSuffix(key, count)}`,
        namespace,
        labels: {
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          'kubernetes.io/service-name': name,
        },
        ownerReferences: [controllerReference(service)],
      });
      const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...contents } as const;
      const response = yield* send(createRequest('EndpointSlice', slice));
      if (response.code !== 'AlreadyExists') return this.heard(key, response);
    }
  }

  private heard(key: string, response: ApiResponse<EndpointSlice>): string | undefined {
    this.guard.wrote(key, response);
    return isSuccess(response) ? undefined : response.message;
  }
}

function hasAddress(pod: Pod | undefined): boolean {
  return pod !== undefined && pod.status.podIP >= 0;
}

function groupFor(groups: Map<string, EndpointGroup>, ports: EndpointPorts): EndpointGroup {
  const key = portsKey(ports);
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { ports, endpoints: new Map() }));
  return group;
}

/** A pod that is ready and going still serves those who find nobody better. */
function endpointOf({ publishNotReadyAddresses }: Service, pod: Pod, zone: string): Endpoint {
  const { uid, name, deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  return {
    podUid: uid,
    podName: name,
    nodeName: pod.spec.nodeName,
    zone,
    ready: publishNotReadyAddresses || (serving && !terminating),
    serving,
    terminating,
  };
}

/** The ports that a pod of this template offers for a Service; a name that none of its containers knows is left out. */
function portsOf(service: Service, spec: PodSpec): EndpointPorts {
  return service.ports.flatMap((port) => {
    const number = targetPortOf(port, spec);
    return number === undefined ? [] : [{ name: port.name, protocol: port.protocol, port: number }];
  });
}

function targetPortOf(
  { targetPort, protocol }: ServicePort,
  { containers, initContainers }: PodSpec,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports } of [...containers, ...sidecars]) {
    const found = ports.find((port) => port.name === targetPort && port.protocol === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}
