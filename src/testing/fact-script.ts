/** A short hand-made run for the tests of metrics and checks: objects are committed as the API server does, without one. */
import type { Deployment, ReplicaSet } from '../api/apps-v1.ts';
import { newDeploymentStatus, newReplicaSetStatus } from '../api/apps-v1.ts';
import type { Job } from '../api/batch-v1.ts';
import { newJobStatus } from '../api/batch-v1.ts';
import type { Node, Pod, PodTemplateSpec } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, ConditionStatus, OwnerReference } from '../api/meta-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import type { PodStatus } from '../api/pod-status.ts';
import { packCondition, statusWith } from '../api/pod-status.ts';
import { ClusterState } from '../apiserver/cluster-state.ts';
import { bindSpec, newPod, podWith } from '../apiserver/pod-object.ts';
import { SECOND } from '../engine/time.ts';
import type { Metric, MetricDefinition, RunDescription } from '../metrics/metric.ts';
import { startMetrics } from '../metrics/registry.ts';
import { Recorder } from '../record/recorder.ts';
import type { Cell, Table } from '../record/table.ts';
import { makeNode, makePod } from './builders.ts';
import type { Amounts } from './builders.ts';

/** A table as records: the cells of each row by column. */
export function recordsOf(table: Table | undefined): Record<string, Cell>[] {
  if (table === undefined) return [];
  return [...table.rows].map((row) => Object.fromEntries(table.columns.map(({ name }, at) => [name, row[at]])));
}

export class FactScript {
  readonly recorder = new Recorder();
  readonly state = new ClusterState();
  /** Microseconds. */
  now = 0;
  readonly run: RunDescription;
  private version = 0;
  private uid = 0;

  constructor(options: Partial<RunDescription> = {}) {
    this.run = {
      engineNow: () => this.now,
      horizon: 100 * SECOND,
      step: 10 * SECOND,
      zoneOf: (name) => `zone-of-${name}`,
      poolOf: () => 'general',
      ...options,
    };
  }

  /** Starts a metric before anything is committed. */
  start(definition: MetricDefinition): Metric {
    return startMetrics(this.run, this.recorder, [definition])[0]!;
  }

  /** Moves to an instant, in seconds. */
  at(seconds: number): this {
    this.now = Math.round(seconds * SECOND);
    return this;
  }

  /** Commits a new version, or creates the object; gives it as stored. */
  put<K extends Kind>(kind: K, object: KindMap[K], by = ''): KindMap[K] {
    const { namespace, name } = object.metadata;
    const before = this.state.get(kind, namespace, name);
    const uid = before?.metadata.uid ?? ++this.uid;
    const after = stamped(object, uid, ++this.version);
    const slot = this.state.store(kind).commit(before, after, this.version);
    this.recorder.committed(kind, slot, before, after, by);
    return after;
  }

  remove<K extends Kind>(kind: K, object: KindMap[K], by = ''): void {
    const before = this.state.get(kind, object.metadata.namespace, object.metadata.name)!;
    const slot = this.state.store(kind).commit(before, undefined, ++this.version);
    this.recorder.committed(kind, slot, before, undefined, by);
  }

  /** `pressure`: the condition by which its kubelet tells of one; empty = of none. */
  node(
    name: string,
    ready: ConditionStatus,
    allocatable: Amounts = {},
    taints: Node['spec']['taints'] = [],
    pressure = '',
  ): Node {
    const rest = { lastTransitionTime: 0, reason: '', message: '' };
    const conditions = [
      { type: 'Ready', status: ready, ...rest },
      ...(pressure === '' ? [] : [{ type: pressure, status: 'True' as const, ...rest }]),
    ];
    return this.put(
      'Node',
      makeNode(name, { allocatable, status: statusOf(allocatable, conditions), spec: { taints } }),
    );
  }

  pod(name: string, requests: Amounts = {}, owner?: ApiObject, nodeName = ''): Pod {
    const ownerReferences = owner === undefined ? [] : [ownerOf(owner)];
    return this.put('Pod', makePod(name, { requests, metadata: { ownerReferences }, spec: { nodeName } }));
  }

  bind(pod: Pod, nodeName: string): Pod {
    return this.put('Pod', podWith(this.stored(pod), { spec: bindSpec(pod.spec, nodeName) }));
  }

  status(pod: Pod, parts: Partial<PodStatus>): Pod {
    const stored = this.stored(pod);
    return this.put('Pod', podWith(stored, { status: statusWith(stored.status, parts) }));
  }

  /** Phase Running, and condition Ready as told. */
  running(pod: Pod, isReady: boolean): Pod {
    return this.status(pod, { phase: 'Running', ready: packCondition(isReady, Math.floor(this.now / SECOND)) });
  }

  /** Marks the pod for deletion. */
  terminate(pod: Pod, by = ''): Pod {
    const stored = this.stored(pod);
    const metadata = metadataWith(stored.metadata, { deletionTimestamp: 1 });
    return this.put('Pod', podWith(stored, { metadata }), by);
  }

  deployment(name: string, replicas: number): Deployment {
    const spec = { replicas, template: emptyTemplate } as Deployment['spec'];
    const status = newDeploymentStatus;
    return this.put('Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: metaOf(name), spec, status });
  }

  replicaSet(name: string, replicas: number, owner?: ApiObject): ReplicaSet {
    const metadata = metaOf(name, owner);
    const spec = { replicas, template: emptyTemplate } as ReplicaSet['spec'];
    return this.put('ReplicaSet', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata,
      spec,
      status: newReplicaSetStatus,
    });
  }

  job(name: string, spec: Partial<Job['spec']>, outcome?: 'Complete' | 'Failed'): Job {
    const conditions =
      outcome === undefined
        ? []
        : [{ type: outcome, status: 'True' as const, lastTransitionTime: 0, reason: '', message: '' }];
    const metadata = metaOf(name);
    const status = { ...newJobStatus, conditions };
    return this.put('Job', { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: spec as Job['spec'], status });
  }

  private stored(pod: Pod): Pod {
    return this.state.get('Pod', pod.metadata.namespace, pod.metadata.name)!;
  }
}

const emptyTemplate = { labels: {}, annotations: {}, spec: { containers: [] } } as unknown as PodTemplateSpec;

function metaOf(name: string, owner?: ApiObject): ApiObject['metadata'] {
  return newObjectMeta({ name, namespace: 'default', ownerReferences: owner === undefined ? [] : [ownerOf(owner)] });
}

function ownerOf({ apiVersion, kind, metadata: { name, uid } }: ApiObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function statusOf(allocatable: Amounts, conditions: Node['status']['conditions']): Node['status'] {
  return { ...makeNode('x', { allocatable }).status, conditions };
}

function stamped<T extends ApiObject>(object: T, uid: number, resourceVersion: number): T {
  const metadata = metadataWith(object.metadata, { uid, resourceVersion });
  if (object.kind !== 'Pod') return { ...object, metadata };
  const { spec, status } = object as unknown as Pod;
  return newPod(metadata, spec, status) as unknown as T;
}
