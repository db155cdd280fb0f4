/**
 * The API server with its etcd: the only writer of cluster state. A request that arrives is admitted, checked against the
 * stored version and committed; the change then travels to every watcher. Refusals are values.
 */
import type { Job } from '../api/batch-v1.ts';
import type { Pod, PodSpec } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import type { Engine } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import type { Recorder } from '../record/recorder.ts';
import { assert } from '../util/assert.ts';
import type { AdmissionPlugin, AdmittedOperation } from './admission/admission.ts';
import { isRefusal } from './admission/admission.ts';
import { Client } from './client.ts';
import type { ClientOptions } from './client.ts';
import { ClusterState, byNode } from './cluster-state.ts';
import { deleteObject, isFinalized, isMarkedFirst, markedAsDisrupted } from './deletion.ts';
import { budgetVerdict } from './eviction-budget.ts';
import { Informer } from './informer.ts';
import { withJobSelector } from './job-defaults.ts';
import type { LatencyProfile } from './latency.ts';
import { MatchLabelKeys } from './match-label-keys.ts';
import type { Outcome } from './outcome.ts';
import { alreadyExists, notFound } from './outcome.ts';
import { chargeQuotas, noCharge } from './quota-charge.ts';
import type { QuotaCharge } from './quota-charge.ts';
import { PodLevelDefaults } from './pod-level-defaults.ts';
import { PodStorage, bindSpec, isPod, sharedSpec, withMetadata } from './pod-object.ts';
import type { ApiRequest, ApiResponse } from './requests.ts';
import { refuseUpdate } from './validation.ts';
import {
  TopologyLabels,
  bindPod,
  checkPreconditions,
  nextGeneration,
  prepareNew,
  withSpecOf,
  withStatusOf,
} from './verbs.ts';

/** What an API server stands on. */
export interface ApiServerOptions {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly latency: LatencyProfile;
  readonly admission: readonly AdmissionPlugin[];
}

/** What faults do to the control plane; written by the fault injector only. */
export interface ApiServerCondition {
  /** Nobody answers: every request that arrives is refused with Unavailable. */
  available: boolean;
  /** etcd has no leader: reads work, writes are refused. */
  writable: boolean;
  /** Added to the way of every request, microseconds. */
  extraLatencyUs: number;
  /** Added to the way of every watch event, microseconds. */
  extraWatchLatencyUs: number;
}

/** The front door of a cluster's state. */
export class ApiServer {
  readonly state = new ClusterState();
  readonly condition: ApiServerCondition = {
    available: true,
    writable: true,
    extraLatencyUs: 0,
    extraWatchLatencyUs: 0,
  };
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly latency: LatencyProfile;
  private readonly admission: readonly AdmissionPlugin[];
  private readonly topology = new TopologyLabels();
  private readonly matchLabelKeys = new MatchLabelKeys();
  private readonly podLevel = new PodLevelDefaults();
  private readonly pods = new PodStorage();
  private lastVersion = 0;
  private lastUid = 0;
  /** Who asked for what is being carried out; empty = nobody. */
  private committer = '';

  constructor(options: ApiServerOptions) {
    this.engine = options.engine;
    this.recorder = options.recorder;
    this.latency = options.latency;
    this.admission = options.admission;
  }

  /** A client of a component, with its own rate limit and random stream. */
  client(options: ClientOptions): Client {
    return new Client(this, options);
  }

  /** A watch of one kind for one component; `phase` is the component's event phase. */
  informer<K extends Kind>(component: string, phase: number, kind: K): Informer<K> {
    const random = this.engine.random(`apiserver/watch/${component}/${kind}`);
    const { watch } = this.latency;
    const latency = (): number => Math.round(watch.sample(random)) + this.condition.extraWatchLatencyUs;
    return new Informer(component, phase, this.engine, this.state.store(kind), latency);
  }

  /** The API's present time, whole seconds. */
  get nowSeconds(): number {
    return Math.floor(this.engine.now / SECOND);
  }

  /**
   * Carries out a request at this instant. Called by clients when the request has arrived, and directly only to lay the
   * ground before time starts. `by` is the name of the client: observers hear it with the commit.
   */
  execute<K extends Kind>(request: ApiRequest<K>, by = ''): ApiResponse<KindMap[K]> {
    this.committer = by;
    if (!this.condition.available) return unavailable(`connect: connection refused`);
    if (!this.condition.writable && request.verb !== 'get') return unavailable('etcdserver: no leader');
    const outcome = this.decide(request);
    if (outcome.type === 'refused') return outcome.response as ApiResponse<KindMap[K]>;
    if (outcome.type === 'unchanged') return { code: 'OK', object: outcome.object, message: '' };
    return {
      code: request.verb === 'create' ? 'Created' : 'OK',
      object: this.commit(request.kind, outcome),
      message: '',
    };
  }

  /** What a request is about, as it is stored at present. */
  stored({ kind, namespace, name, uid }: ApiRequest): ApiObject | undefined {
    const object = this.state.get(kind, namespace, name);
    return object !== undefined && (uid === 0 || object.metadata.uid === uid) ? object : undefined;
  }

  /**
   * How often etcd is written for a request, as far as is known by now: quotas are charged first, and what they refuse is not written;
   * a pod without grace is marked before it is removed.
   */
  writesOf(request: ApiRequest): number {
    if (request.verb === 'delete') {
      const stored = this.stored(request);
      return stored !== undefined && isMarkedFirst(stored, request.gracePeriodSeconds) ? 2 : 1;
    }
    if (request.verb === 'get') return 0;
    const { refusal, quotas } = this.chargeOf(request);
    return refusal === undefined ? 1 + quotas.length : 0;
  }

  /** What quotas would say to a request now. */
  private chargeOf(request: ApiRequest): QuotaCharge {
    const { verb, argument } = request;
    if (verb === 'create') return chargeQuotas(request.object!, this.state, this.nowSeconds);
    const stored = verb === 'update' || verb === 'patch' ? this.stored(request) : undefined;
    if (stored === undefined || this.state.store('ResourceQuota').size === 0) return noCharge;
    const next = request.object ?? request.patch!(stored as KindMap[Kind], argument);
    return chargeQuotas(next, this.state, this.nowSeconds, stored);
  }

  /** Puts an object of the initial state into the store as it is (a pod's match label keys merged): no admission, no request, before time starts. */
  install<K extends Kind>(kind: K, object: KindMap[K]): KindMap[K] {
    this.committer = '';
    const identity = { uid: ++this.lastUid, creationTimestamp: this.nowSeconds };
    const labelled = this.withMatchLabelKeys(withMetadata(object, metadataWith(object.metadata, identity)));
    const installed = isPod(labelled) ? (this.podLevel.installed(labelled) as KindMap[K]) : labelled;
    const isIncomplete = installed.kind === 'Job' && (installed as Job).spec.selector === undefined;
    return this.commit(kind, {
      type: 'written',
      object: isIncomplete ? (withJobSelector(installed as Job) as KindMap[K]) : installed,
    });
  }

  private decide<K extends Kind>(request: ApiRequest<K>): Outcome<KindMap[K]> {
    const { kind, namespace, name } = request;
    if (request.verb === 'create') return this.create(request);
    const stored = this.state.get(kind, namespace, name);
    if (stored === undefined) return notFound(kind, name);
    const conflict = checkPreconditions(request as unknown as ApiRequest, stored);
    if (conflict !== undefined) return conflict;
    switch (request.verb) {
      case 'get':
        return { type: 'unchanged', object: stored };
      case 'update':
        return this.replace(kind, stored, request.object!);
      case 'updateStatus':
        return this.replaceStatus(stored, request.object!);
      case 'patch':
        return this.replace(kind, stored, request.patch!(stored, request.argument));
      case 'patchStatus':
        return this.replaceStatus(stored, request.patch!(stored, request.argument));
      case 'bind':
        return this.bind(stored as Pod, request.nodeName) as Outcome<KindMap[K]>;
      case 'evict':
        return this.evict(stored as Pod, request.gracePeriodSeconds) as Outcome<KindMap[K]>;
      case 'delete':
        return this.remove(kind, stored, request);
    }
  }

  private create<K extends Kind>(request: ApiRequest<K>): Outcome<KindMap[K]> {
    const { kind, namespace, name } = request;
    assert(request.object !== undefined, 'create without an object');
    if (this.state.get(kind, namespace, name) !== undefined) return alreadyExists(kind, name);
    const prepared = prepareNew(kind, request.object, ++this.lastUid, this.nowSeconds);
    const mutated = this.mutate(kind, this.withMatchLabelKeys(prepared), 'create');
    const admitted = isRefusal(mutated) ? mutated : this.withPodLevelDefaults(mutated);
    if (isRefusal(admitted)) return { type: 'refused', response: admitted };
    const refusal = this.validate(kind, admitted, 'create');
    if (refusal !== undefined) return { type: 'refused', response: refusal };
    const charge = chargeQuotas(admitted, this.state, this.nowSeconds);
    if (charge.refusal !== undefined) return charge.refusal;
    for (const quota of charge.quotas) this.commit('ResourceQuota', { type: 'written', object: quota });
    return { type: 'written', object: admitted };
  }

  private withMatchLabelKeys<T extends ApiObject>(object: T): T {
    return isPod(object) ? (this.matchLabelKeys.merge(object) as ApiObject as T) : object;
  }

  private withPodLevelDefaults<T extends ApiObject>(object: T): T | ApiResponse {
    return isPod(object) ? (this.podLevel.complete(object) as ApiObject as T | ApiResponse) : object;
  }

  private mutate<K extends Kind>(
    kind: K,
    object: KindMap[K],
    operation: 'create' | 'update',
  ): KindMap[K] | ApiResponse {
    let admitted = object;
    for (const plugin of this.admission) {
      const next = plugin.mutate?.(kind, admitted, operation, this.state) ?? admitted;
      if (isRefusal(next)) return next;
      admitted = next;
    }
    return admitted;
  }

  private validate<K extends Kind>(kind: K, object: KindMap[K], operation: AdmittedOperation): ApiResponse | undefined {
    for (const plugin of this.admission) {
      const refusal = plugin.validate?.(kind, object, operation, this.state);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  private remove<K extends Kind>(kind: K, stored: KindMap[K], request: ApiRequest<K>): Outcome<KindMap[K]> {
    const refusal = this.validate(kind, stored, 'delete');
    return refusal === undefined
      ? deleteObject(stored, request, this.nowSeconds)
      : { type: 'refused', response: refusal };
  }

  private replace<K extends Kind>(kind: K, stored: KindMap[K], next: KindMap[K]): Outcome<KindMap[K]> {
    if (next === stored) return { type: 'unchanged', object: stored };
    const admitted = this.mutate(kind, withStatusOf(next, stored), 'update');
    if (isRefusal(admitted)) return { type: 'refused', response: admitted };
    // Validating admission hears of valid updates only.
    const refusal = refuseUpdate(kind, stored, admitted) ?? this.validate(kind, admitted, 'update');
    if (refusal !== undefined) return { type: 'refused', response: refusal };
    const charge = chargeQuotas(admitted, this.state, this.nowSeconds, stored);
    if (charge.refusal !== undefined) return charge.refusal;
    for (const quota of charge.quotas) this.commit('ResourceQuota', { type: 'written', object: quota });
    const metadata = metadataWith(admitted.metadata, { generation: nextGeneration(stored, admitted) });
    const object = withMetadata(admitted, metadata);
    return isFinalized(object) ? { type: 'removed', object: stored } : { type: 'written', object };
  }

  private replaceStatus<T extends ApiObject>(stored: T, next: T): Outcome<T> {
    return next === stored
      ? { type: 'unchanged', object: stored }
      : { type: 'written', object: withSpecOf(next, stored) };
  }

  /** Asks the budgets of the pod first; the grant, the reason and the deletion are one write each. */
  private evict(pod: Pod, gracePeriodSeconds: number): Outcome<Pod> {
    const verdict = budgetVerdict(pod, this.state, this.nowSeconds);
    if (verdict.refusal !== undefined) return verdict.refusal;
    if (verdict.budget !== undefined) this.commit('PodDisruptionBudget', { type: 'written', object: verdict.budget });
    const marked = markedAsDisrupted(pod, this.nowSeconds);
    const stored = marked === pod ? pod : this.commit('Pod', { type: 'written', object: marked });
    return deleteObject(stored, { gracePeriodSeconds, propagation: 'Background' }, this.nowSeconds);
  }

  private bind(pod: Pod, nodeName: string): Outcome<Pod> {
    const node = this.state.get('Node', '', nodeName);
    return bindPod(pod, node, this.boundSpec(pod.spec, nodeName), this.nowSeconds, this.topology);
  }

  /** The spec of a bound pod; pods of one template on one node share theirs. */
  private boundSpec(spec: PodSpec, nodeName: string): PodSpec {
    for (const sibling of this.state.by('Pod', byNode, nodeName)) {
      if (sharedSpec(sibling.spec) === spec && sibling.spec !== spec) return sibling.spec;
    }
    return bindSpec(spec, nodeName);
  }

  /** Writes to etcd: the next resourceVersion, the log, the observers. */
  private commit<K extends Kind>(
    kind: K,
    outcome: { readonly type: 'written' | 'removed'; readonly object: KindMap[K] },
  ): KindMap[K] {
    const store = this.state.store(kind);
    const version = ++this.lastVersion;
    const { object } = outcome;
    const before = this.storedVersion(kind, object);
    const after = outcome.type === 'removed' ? undefined : this.stamped(object, before, version);
    const slot = store.commit(before, after, version);
    this.recorder.committed(kind, slot, before, after, this.committer);
    return after ?? object;
  }

  /** The object with its new version; pods are given their compact stored form. */
  private stamped<T extends ApiObject>(object: T, before: T | undefined, resourceVersion: number): T {
    return isPod(object)
      ? (this.pods.stored(object, before as Pod | undefined, resourceVersion) as ApiObject as T)
      : { ...object, metadata: metadataWith(object.metadata, { resourceVersion }) };
  }

  private storedVersion<K extends Kind>(kind: K, object: KindMap[K]): KindMap[K] | undefined {
    const store = this.state.store(kind);
    return store.get(object.metadata.namespace, store.keyNameOf(object));
  }
}

function unavailable(message: string): ApiResponse<never> {
  return { code: 'Unavailable', object: undefined, message };
}
