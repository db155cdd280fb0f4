/** What users and kubelets of a recording do, done to the simulation. */
import { withMetadata } from '../../apiserver/verbs.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import { storeName } from '../../apiserver/cluster-state.ts';
import type { PropagationPolicy } from '../../apiserver/requests.ts';
import {
  createRequest,
  deleteRequest,
  evictRequest,
  patchRequest,
  patchStatusRequest,
} from '../../apiserver/requests.ts';
import { decodeObject } from '../../api/decode/decode-object.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import { clusterScopedKinds, kinds } from '../../api/kinds.ts';
import type { Job } from '../../api/batch-v1.ts';
import type { Node, NodeSpec, Pod, PodTemplateSpec, Taint } from '../../api/core-v1.ts';
import type { ApiObject, Labels } from '../../api/meta-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { withBetaLabels } from '../../api/node-conditions.ts';
import { isPodReady } from '../../api/pod-conditions.ts';
import { statusWith } from '../../api/pod-status.ts';
import { assert } from '../../util/assert.ts';
import type { ActedServer } from './acted-server.ts';
import type { FakeKubelets } from './fake-kubelet.ts';
import type { FakeLeases } from './fake-leases.ts';
import { mergePatch } from './merge-patch.ts';
import { ownerInName } from './moments.ts';
import type { ObjectNames } from './object-names.ts';
import type { Manifest, Operation, RecordedTaint, Target } from './timeline-case.ts';

/** Kinds by the resource in their paths. */
const kindOfResource: ReadonlyMap<string, Kind> = new Map(
  kinds.map((kind) => [`${kind}s`.replace(/ys$/, 'ies').replace(/ss$/, 'sses').toLowerCase(), kind]),
);

const readyConditions = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
] as const;

/** What operations act on. */
export interface World {
  readonly server: ActedServer;
  readonly kubelets: FakeKubelets;
  readonly leases: FakeLeases;
  readonly names: ObjectNames;
  readonly namespace: string;
  /** Microseconds. */
  readonly now: () => number;
}

/** Carries out operations. */
export class Operations {
  private readonly world: World;
  /** Manifests as users wrote and changed them, by kind and name. */
  private readonly manifests = new Map<string, Manifest>();

  constructor(world: World) {
    this.world = world;
  }

  /** `lastLease` of a node that falls silent: virtual microseconds. */
  do(operation: Operation, lastLease: number | undefined): void {
    const { node } = operation;
    switch (operation.do) {
      case 'POST':
        return this.post(operation);
      case 'PATCH':
        return this.patch(operation);
      case 'DELETE':
        return this.delete(operation);
      case 'node goes silent':
      case 'kubelet stops for good':
        this.world.leases.silence(node!, this.world.now(), lastLease);
        return this.world.kubelets.silence(node!);
      case 'node returns':
        return this.nodeReturns(node!);
      case 'node reports Ready':
        return this.postNodeStatus(node!, operation.ready!);
      case 'node taints':
        return this.taint(node!, operation.add ?? [], operation.remove ?? []);
      case 'pod reports Ready':
        return this.podReportsReady(operation);
      default:
        return;
    }
  }

  /** A node registers: its kubelet posts that it is ready at once. */
  join(manifest: Manifest, phaseSeconds: number, isInstalled: boolean): void {
    const node = withConditions(this.decode('Node', manifest) as Node, true, this.world.server.nowSeconds);
    if (isInstalled) this.world.server.install('Node', settled(node));
    else this.world.server.as('kubelet', createRequest('Node', node));
    this.manifests.set(`Node/${node.metadata.name}`, manifest);
    this.world.leases.speak(node.metadata.name, this.world.now() + Math.round(phaseSeconds * 1e6));
  }

  private post({ path, body, target }: Operation): void {
    if (path!.endsWith('/eviction')) return this.evict(target!);
    const decoded = decodeObject(body);
    assert(decoded.ok, decoded.ok ? '' : decoded.problems.map(({ message }) => message).join('; '));
    this.manifests.set(`${body!.kind!}/${body!.metadata!.name!}`, body!);
    this.world.server.as('user', createRequest(decoded.kind, decoded.object as KindMap[Kind]));
  }

  private evict(target: Target): void {
    const pod = this.podFor(target);
    if (pod !== undefined) this.world.server.as('user via eviction', evictRequest(pod));
  }

  private patch(operation: Operation): void {
    const { kind, name, isStatus } = this.addressOf(operation);
    if (kind === 'Pod') return this.patchPod(operation, isStatus);
    if (operation.target !== undefined) return this.patchMade(kind, operation);
    const before = this.manifests.get(`${kind}/${name}`)!;
    const manifest = mergePatch(before, operation.body, operation.patchType === 'strategic') as Manifest;
    this.manifests.set(`${kind}/${name}`, manifest);
    if (kind === 'Node') return this.patchNode(name, manifest, operation.body!, isStatus);
    const next = this.decode(kind, manifest);
    const touched = touchedSpec(this.decode(kind, before), next, operation.body!);
    const change = (current: ApiObject): ApiObject => {
      const { labels, annotations } = next.metadata;
      const metadata = metadataWith(current.metadata, {
        ...(operation.body!.metadata?.labels && { labels }),
        ...(operation.body!.metadata?.annotations && { annotations }),
      });
      return withMetadata(withSpec(current, touched), metadata);
    };
    this.world.server.as('user', patchRequest(kind, this.namespaceOf(kind), storeName(kind, next), change as never));
  }

  /** Of an object that a controller has made only plain fields of the spec. */
  private patchMade(kind: Kind, { target, body }: Operation): void {
    const object = this.objectFor(target!);
    if (object === undefined) return;
    const fields = body!['spec'] as Readonly<Record<string, unknown>>;
    const change = (current: ApiObject): ApiObject => withSpec(current, fields);
    const { name } = object.metadata;
    this.world.server.as('user', patchRequest(kind, this.namespaceOf(kind), name, change as never));
  }

  private patchNode(name: string, manifest: Manifest, body: Manifest, isStatus: boolean): void {
    const next = this.decode('Node', manifest) as Node;
    if (isStatus) {
      const { capacity, allocatable } = next.status;
      const change = (node: Node): Node => ({ ...node, status: { ...node.status, capacity, allocatable } });
      return void this.world.server.as('user', patchStatusRequest('Node', '', name, change));
    }
    const spec = body['spec'] as Partial<NodeSpec> | undefined;
    const labels = body.metadata?.labels;
    const change = (node: Node): Node => ({
      ...node,
      metadata: metadataWith(
        node.metadata,
        labels === undefined ? {} : { labels: mergePatch(node.metadata.labels, labels, false) as Labels },
      ),
      spec: spec?.unschedulable === undefined ? node.spec : { ...node.spec, unschedulable: spec.unschedulable },
    });
    this.world.server.as('user', patchRequest('Node', '', name, change));
  }

  private patchPod(operation: Operation, isStatus: boolean): void {
    const pod =
      operation.target === undefined ? this.podNamed(this.addressOf(operation).name) : this.podFor(operation.target);
    if (pod === undefined) return;
    const { namespace, name } = pod.metadata;
    const body = operation.body as {
      readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels };
      readonly spec?: { readonly schedulingGates?: readonly { readonly name: string }[] | null };
      readonly status?: { readonly phase: Pod['status']['phase']; readonly reason?: string };
    };
    const change = (current: Pod): Pod => {
      const { labels, annotations } = body.metadata ?? {};
      const metadata = metadataWith(current.metadata, {
        ...(labels && { labels: mergePatch(current.metadata.labels, labels, false) as Labels }),
        ...(annotations && { annotations: mergePatch(current.metadata.annotations, annotations, false) as Labels }),
      });
      const schedulingGates = (body.spec?.schedulingGates ?? []).map((gate) => gate.name);
      return podWith(current, { metadata, ...(body.spec && { spec: { ...current.spec, schedulingGates } }) });
    };
    if (!isStatus) return void this.world.server.as('user', patchRequest('Pod', namespace, name, change));
    const status = (current: Pod): Pod =>
      podWith(current, {
        status: statusWith(current.status, { phase: body.status!.phase, reason: body.status!.reason ?? '' }),
      });
    this.world.server.as('user', patchStatusRequest('Pod', namespace, name, status));
  }

  private delete(operation: Operation): void {
    const { kind, name } = this.addressOf(operation);
    const target = operation.target && (this.objectFor(operation.target) as ApiObject | undefined);
    if (operation.target !== undefined && target === undefined) return;
    // Who does not say otherwise leaves the pods of a Job, which kubectl never does (upstream DefaultGarbageCollectionPolicy).
    const fallback = kind === 'Job' ? 'Orphan' : 'Background';
    const propagation = (operation.body?.['propagationPolicy'] ?? fallback) as PropagationPolicy;
    const grace = operation.body?.['gracePeriodSeconds'] as number | undefined;
    const options = { propagation, ...(grace !== undefined && { gracePeriodSeconds: grace }) };
    const stored = (target?.metadata.name ?? name) as string;
    this.world.server.as('user', deleteRequest(kind, this.namespaceOf(kind), stored, options));
  }

  private nodeReturns(nodeName: string): void {
    this.world.leases.speak(nodeName, this.world.now());
    this.postNodeStatus(nodeName, true);
    this.world.kubelets.speak(nodeName);
  }

  private postNodeStatus(nodeName: string, isReady: boolean): void {
    const { server } = this.world;
    const now = server.nowSeconds;
    server.as(
      'kubelet',
      patchStatusRequest('Node', '', nodeName, (node) => withConditions(node, isReady, now)),
    );
  }

  private taint(nodeName: string, add: readonly RecordedTaint[], remove: readonly RecordedTaint[]): void {
    const same = (a: RecordedTaint, b: RecordedTaint): boolean => a.key === b.key && a.effect === b.effect;
    const added = add.map(({ key, value = '', effect }): Taint => ({
      key,
      value,
      effect: effect as Taint['effect'],
      timeAdded: undefined,
    }));
    const change = (node: Node): Node => {
      const kept = node.spec.taints.filter((taint) => ![...add, ...remove].some((other) => same(taint, other)));
      return { ...node, spec: { ...node.spec, taints: [...kept, ...added] } };
    };
    this.world.server.as('user', patchRequest('Node', '', nodeName, change));
  }

  private podReportsReady({ target, ready }: Operation): void {
    const pod = this.podFor(target!);
    if (pod !== undefined) this.world.kubelets.postReady(pod.metadata.uid, ready!);
  }

  private objectFor(target: Target): ApiObject | undefined {
    if (target.kind === 'Pod') return this.podFor(target);
    const objects = [...this.world.server.state.list(target.kind as Kind)] as ApiObject[];
    return objects.find((object) => target.name === undefined || this.world.names.of(object) === target.name);
  }

  private podFor(target: Target): Pod | undefined {
    const { server, names, namespace } = this.world;
    const pods = [...server.state.list('Pod')].filter((pod) => pod.metadata.namespace === namespace);
    // Of those that fit the oldest: the store does not keep them in order.
    pods.sort((a, b) => a.metadata.uid - b.metadata.uid);
    const named = pods.find((pod) => target.name === names.of(pod) || target.name === pod.metadata.name);
    if (named !== undefined) return named;
    const fitting = pods.filter(
      (pod) =>
        (target.owner === undefined || ownerInName(names.of(pod)) === target.owner) &&
        (target.ready === undefined || isPodReady(pod) === target.ready) &&
        (target.phase === undefined || pod.status.phase === target.phase) &&
        (target.index === undefined ||
          pod.metadata.labels['batch.kubernetes.io/job-completion-index'] === String(target.index)) &&
        pod.metadata.deletionTimestamp === undefined,
    );
    const onNode = fitting.filter((pod) => target.node === undefined || pod.spec.nodeName === target.node);
    return onNode[0] ?? fitting[0];
  }

  private podNamed(name: string): Pod | undefined {
    return this.world.server.state.get('Pod', this.world.namespace, name);
  }

  private addressOf({ path }: Operation): { kind: Kind; name: string; isStatus: boolean } {
    const parts = path!.split('/');
    const isStatus = parts.at(-1) === 'status';
    if (isStatus) parts.pop();
    const name = parts.pop()!;
    return { kind: kindOfResource.get(parts.pop()!)!, name, isStatus };
  }

  private namespaceOf(kind: Kind): string {
    return clusterScopedKinds.has(kind) ? '' : this.world.namespace;
  }

  private decode(kind: Kind, manifest: Manifest): ApiObject {
    const decoded = decodeObject(withoutPhase(manifest));
    assert(decoded.ok && decoded.kind === kind, `${kind} ${JSON.stringify(manifest)}`);
    return decoded.object as ApiObject;
  }
}

/** A node that has been there for a while: the controllers have seen to its labels. */
function settled(node: Node): Node {
  return withMetadata(node, metadataWith(node.metadata, { labels: withBetaLabels(node.metadata.labels) }));
}

/** The fields of the spec that a patch names or alters; what others have written into the rest stays. */
function touchedSpec(before: ApiObject, next: ApiObject, body: Manifest): Readonly<Record<string, unknown>> {
  const [old, named] = [specOf(before), (body['spec'] ?? {}) as object];
  const isTouched = (field: string, value: unknown): boolean =>
    field in named || JSON.stringify(value) !== JSON.stringify(old[field]);
  return Object.fromEntries(Object.entries(specOf(next)).filter(([field, value]) => isTouched(field, value)));
}

/** The spec; of a kind that has none, the fields beside the metadata. */
function specOf(object: ApiObject): Readonly<Record<string, unknown>> {
  if ('spec' in object) return object.spec as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'metadata'));
}

function withSpec(current: ApiObject, fields: Readonly<Record<string, unknown>>): ApiObject {
  if (!('spec' in current)) return { ...current, ...fields };
  const spec = { ...specOf(current), ...fields };
  // Of a Job the server has labelled the template: a patch leaves that as it is.
  const isJob = current.kind === 'Job' && 'template' in fields;
  return { ...current, spec: isJob ? { ...spec, template: withLabelsOf(current as Job, fields) } : spec } as ApiObject;
}

function withLabelsOf({ spec }: Job, fields: Readonly<Record<string, unknown>>): PodTemplateSpec {
  const template = fields['template'] as PodTemplateSpec;
  return { ...template, labels: { ...spec.template.labels, ...template.labels } };
}

function withoutPhase(manifest: Manifest): Manifest {
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => name !== 'leasePhaseSeconds' && name !== 't'));
}

function withConditions(node: Node, isReady: boolean, now: number): Node {
  const ready = isReady
    ? (['Ready', 'True', 'KubeletReady'] as const)
    : (['Ready', 'False', 'KubeletNotReady'] as const);
  const conditions = [...readyConditions, ready].map(([type, status, reason]) => {
    const before = node.status.conditions.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, reason, message: '', lastTransitionTime } as const;
  });
  return { ...node, status: { ...node.status, conditions } };
}
