/** A small control plane for tests of controllers: engine, API server, chosen controllers, and kubelets that only pretend. */
import { deleteRequest, createRequest, patchRequest, patchStatusRequest, bindRequest } from '../apiserver/requests.ts';
import { byController } from '../apiserver/cluster-state.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { ReplicaSet } from '../api/apps-v1.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import { kinds } from '../api/kinds.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, ConditionStatus, Uid } from '../api/meta-v1.ts';
import { isPodReady, isPodTerminal } from '../api/pod-conditions.ts';
import type { ContainerStatus, PodStatus } from '../api/pod-status.ts';
import { observeCondition, statusWith } from '../api/pod-status.ts';
import type { NodeHeartbeats } from '../controllers/controller.ts';
import { ControllerProcess } from '../controllers/controller-process.ts';
import { controllers } from '../controllers/registry.ts';
import type { ControllerRunner } from '../controllers/runner.ts';
import { SECOND } from '../engine/time.ts';
import type { KubeEvent } from '../record/facts.ts';
import type { ApiHarness } from './api-harness.ts';
import { makeApi } from './api-harness.ts';
import { makeNode } from './builders.ts';

/** What the pretended kubelet does with a pod; microseconds, undefined = never. */
export interface PodBehavior {
  /** From creation to Running. */
  readonly startAfter: number | undefined;
  /** From Running to Ready. */
  readonly readyAfter: number | undefined;
  /** From Running to the end. */
  readonly exitAfter: number | undefined;
  readonly exitCode: number;
  /** From the request of a deletion to the end. */
  readonly stopAfter: number | undefined;
}

const defaultBehavior: PodBehavior = {
  startAfter: 0,
  readyAfter: 0,
  exitAfter: undefined,
  exitCode: 0,
  stopAfter: SECOND,
};

export interface ControlPlaneOptions {
  /** Names of the registry; all by default. */
  readonly controllers?: readonly string[];
  readonly latency?: LatencyProfile;
  readonly seed?: string;
  /** Ready nodes n0, n1 ...; 3 by default. */
  readonly nodes?: number | readonly Node[];
  readonly behavior?: (pod: Pod) => Partial<PodBehavior>;
  /** Whether pods are bound and run; true by default. */
  readonly hasKubelets?: boolean;
}

/** A node that is ready, or what else is said of it. */
export function makeReadyNode(name: string, zone = '', status: ConditionStatus = 'True'): Node {
  const labels = zone === '' ? {} : { 'topology.kubernetes.io/zone': zone };
  const conditions = [{ type: 'Ready', status, lastTransitionTime: 0, reason: '', message: '' }];
  return makeNode(name, { labels, status: { conditions } });
}

/** Renewals every ten seconds from a phase on, until the node falls silent. */
export class FakeHeartbeats implements NodeHeartbeats {
  readonly periodUs = 10 * SECOND;
  private readonly phases = new Map<string, number>();
  private readonly silentSince = new Map<string, number>();
  private readonly listeners: ((nodeName: string, isRenewing: boolean) => void)[] = [];

  setPhase(nodeName: string, phaseUs: number): void {
    this.phases.set(nodeName, phaseUs);
  }

  lastRenewal(nodeName: string, now: number): number {
    const until = Math.min(now, this.silentSince.get(nodeName) ?? now);
    const phase = this.phases.get(nodeName) ?? 0;
    if (until < phase) return -1;
    return phase + Math.floor((until - phase) / this.periodUs) * this.periodUs;
  }

  onChange(listener: (nodeName: string, isRenewing: boolean) => void): void {
    this.listeners.push(listener);
  }

  silence(nodeName: string, now: number): void {
    this.silentSince.set(nodeName, now);
    for (const listener of this.listeners) listener(nodeName, false);
  }

  /** Renews at once and every ten seconds from then. */
  speak(nodeName: string, now: number): void {
    this.silentSince.delete(nodeName);
    this.phases.set(nodeName, now);
    for (const listener of this.listeners) listener(nodeName, true);
  }
}

export class ControlPlane {
  readonly api: ApiHarness;
  readonly heartbeats = new FakeHeartbeats();
  readonly events: (KubeEvent & { readonly time: number })[] = [];
  readonly runners: readonly ControllerRunner[];
  /** Writes so far, reads not counted. */
  writeCount = 0;
  private readonly actions: (() => void)[] = [];
  private readonly act: number;

  constructor(options: ControlPlaneOptions = {}) {
    const { latency, seed, nodes = 3, hasKubelets = true } = options;
    this.api = makeApi({ ...(latency && { latency }), ...(seed !== undefined && { seed }) });
    const { engine, recorder, server } = this.api;
    const list = typeof nodes === 'number' ? Array.from({ length: nodes }, (_, at) => makeReadyNode(`n${at}`)) : nodes;
    for (const node of list) server.install('Node', node);
    recorder.observe({
      kubeEvent: (event) => void this.events.push({ ...event, time: engine.now }),
      committed: () => void this.writeCount++,
    });
    this.act = engine.register({ name: 'test/action', phase: 0, handle: (at) => this.actions[at]!() });
    const wanted = options.controllers ?? controllers.map(({ name }) => name);
    const definitions = wanted.map((name) => controllers.find((known) => known.name === name)!);
    const process = new ControllerProcess(definitions, server, { heartbeats: this.heartbeats });
    this.runners = process.runners;
    if (hasKubelets) new FakeKubelets(this, options.behavior ?? (() => ({})), list);
    process.start();
  }

  /** Virtual seconds. */
  get seconds(): number {
    return this.api.engine.now / SECOND;
  }

  /** Lets time go on, seconds since the start. */
  runTo(seconds: number): this {
    // Something happens at the end, so that the clock goes there also when nothing else does.
    this.at(seconds, () => undefined);
    const stop = this.api.engine.run({ until: Math.round(seconds * SECOND) });
    if (stop.reason === 'limit') throw new Error(stop.message);
    return this;
  }

  /** Does something at a time, seconds. */
  at(seconds: number, action: () => void): this {
    this.api.engine.at(Math.round(seconds * SECOND), this.act, this.actions.push(action) - 1);
    return this;
  }

  create<K extends Kind>(object: KindMap[K]): KindMap[K] {
    const kind = kinds.find((known) => known === object.kind) ?? 'Custom';
    const response = this.api.server.execute(createRequest(kind as K, object));
    if (response.object === undefined) throw new Error(response.message);
    return response.object;
  }

  /** Changes the spec of an object. */
  change<K extends 'Deployment' | 'ReplicaSet' | 'ReplicationController' | 'Job' | 'CronJob' | 'Node'>(
    kind: K,
    name: string,
    change: (spec: KindMap[K]['spec']) => KindMap[K]['spec'],
    namespace = kind === 'Node' ? '' : 'shop',
  ): void {
    const patch = (current: KindMap[K]): KindMap[K] => ({ ...current, spec: change(current.spec) });
    const response = this.api.server.execute(patchRequest<K>(kind, namespace, name, patch));
    if (response.object === undefined) throw new Error(response.message);
  }

  delete(kind: Kind, name: string, options: Parameters<typeof deleteRequest>[3] = {}, namespace = 'shop'): void {
    const response = this.api.server.execute(deleteRequest(kind, namespace, name, options));
    if (response.object === undefined) throw new Error(response.message);
  }

  get<K extends Kind>(kind: K, name: string, namespace = 'shop'): KindMap[K] | undefined {
    return this.api.server.state.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K): KindMap[K][] {
    return [...this.api.server.state.list(kind)];
  }

  /** The objects that an owner controls. */
  ownedBy<K extends 'Pod' | 'ReplicaSet' | 'Job' | 'EndpointSlice'>(kind: K, owner: Uid): KindMap[K][] {
    return [...this.api.server.state.by(kind, byController, owner)];
  }

  /** ReplicaSets of a Deployment in the order of their creation. */
  setsOf(deploymentName: string): ReplicaSet[] {
    const owner = this.get('Deployment', deploymentName)!.metadata.uid;
    return this.ownedBy('ReplicaSet', owner).sort((a, b) => a.metadata.uid - b.metadata.uid);
  }

  /** Posts the Ready condition of a node, as its kubelet would. */
  postReady(nodeName: string, status: ConditionStatus): void {
    const patch = (node: Node): Node => {
      const others = node.status.conditions.filter(({ type }) => type !== 'Ready');
      const lastTransitionTime = Math.floor(this.seconds);
      const conditions = [...others, { type: 'Ready', status, lastTransitionTime, reason: '', message: '' }];
      return { ...node, status: { ...node.status, conditions } };
    };
    this.api.server.execute(patchStatusRequest('Node', '', nodeName, patch));
  }

  /** A node's kubelet says nothing any more. */
  silence(nodeName: string): void {
    this.heartbeats.silence(nodeName, this.api.engine.now);
  }

  /** A silent kubelet is back: it renews its lease and posts that it is ready. */
  revive(nodeName: string): void {
    this.heartbeats.speak(nodeName, this.api.engine.now);
    this.postReady(nodeName, 'True');
  }

  /** Tells every committed version of a kind from now on. */
  observe<K extends Kind>(
    wanted: K,
    tell: (before: KindMap[K] | undefined, after: KindMap[K] | undefined, seconds: number) => void,
  ): this {
    this.api.recorder.observe({
      committed: (kind, _slot, before: ApiObject | undefined, after: ApiObject | undefined) => {
        if ((kind as Kind) === wanted) tell(before as KindMap[K], after as KindMap[K], this.seconds);
      },
    });
    return this;
  }
}

/** Binds each new pod to the next node and plays its life, one event for each step. */
class FakeKubelets {
  private readonly plane: ControlPlane;
  private readonly behavior: (pod: Pod) => Partial<PodBehavior>;
  private readonly nodeNames: readonly string[];
  private readonly stepsByName: Record<'start' | 'ready' | 'exit' | 'stop', number>;
  private readonly pods = new Map<Uid, readonly [namespace: string, name: string]>();
  /** Asked for once for each pod. */
  private readonly behaviors = new Map<Uid, PodBehavior>();
  private boundCount = 0;

  constructor(plane: ControlPlane, behavior: (pod: Pod) => Partial<PodBehavior>, nodes: readonly Node[]) {
    this.plane = plane;
    this.behavior = behavior;
    this.nodeNames = nodes.map(({ metadata }) => metadata.name);
    const { engine, recorder } = plane.api;
    const step = (name: string, handle: (uid: Uid) => void): number =>
      engine.register({ name: `fake-kubelet/${name}`, phase: 1, handle });
    this.stepsByName = {
      start: step('start', (uid) => this.onStart(uid)),
      ready: step('ready', (uid) => this.onReady(uid)),
      exit: step('exit', (uid) => this.onExit(uid)),
      stop: step('stop', (uid) => this.onStop(uid)),
    };
    recorder.observe({
      committed: (kind, _slot, before: ApiObject | undefined, after: ApiObject | undefined) => {
        if (kind === 'Pod') this.onPod(before as Pod | undefined, after as Pod | undefined);
      },
    });
  }

  private behaviorOf(pod: Pod): PodBehavior {
    const { uid } = pod.metadata;
    let behavior = this.behaviors.get(uid);
    if (behavior === undefined) this.behaviors.set(uid, (behavior = { ...defaultBehavior, ...this.behavior(pod) }));
    return behavior;
  }

  private post(step: keyof FakeKubelets['stepsByName'], pod: Pod, delayUs: number | undefined): void {
    if (delayUs !== undefined) this.plane.api.engine.after(delayUs, this.stepsByName[step], pod.metadata.uid);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    if (after === undefined) return void this.pods.delete(before!.metadata.uid);
    const { uid, namespace, name, deletionTimestamp } = after.metadata;
    if (before === undefined) {
      this.pods.set(uid, [namespace, name]);
      this.post('start', after, this.behaviorOf(after).startAfter);
    } else if (
      deletionTimestamp !== undefined &&
      before.metadata.deletionTimestamp === undefined &&
      !isPodTerminal(after)
    )
      this.post('stop', after, this.behaviorOf(after).stopAfter);
  }

  private podOf(uid: Uid): Pod | undefined {
    const address = this.pods.get(uid);
    const pod = address && this.plane.get('Pod', address[1], address[0]);
    return pod?.metadata.uid === uid ? pod : undefined;
  }

  private onStart(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const node = this.nodeNames[this.boundCount++ % this.nodeNames.length]!;
    if (pod.spec.nodeName === '') this.plane.api.server.execute(bindRequest(pod, node));
    this.write(uid, (status, now) => ({
      phase: 'Running',
      startTime: now,
      podIP: this.boundCount,
      ready: observeCondition(status.ready, false, now),
    }));
    const { readyAfter, exitAfter } = this.behaviorOf(pod);
    this.post('ready', pod, readyAfter);
    this.post('exit', pod, exitAfter);
  }

  private onReady(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || isPodTerminal(pod)) return;
    this.write(uid, (status, now) => ({ ready: observeCondition(status.ready, true, now) }));
  }

  private onExit(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined || isPodTerminal(pod)) return;
    this.finish(pod, this.behaviorOf(pod).exitCode);
  }

  private onStop(uid: Uid): void {
    const pod = this.podOf(uid);
    if (pod === undefined) return;
    if (!isPodTerminal(pod)) this.finish(pod, 137);
    const { namespace, name } = pod.metadata;
    this.plane.api.server.execute(deleteRequest('Pod', namespace, name, { gracePeriodSeconds: 0, uid }));
  }

  private finish(pod: Pod, exitCode: number): void {
    this.write(pod.metadata.uid, (status, now) => ({
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      ready: observeCondition(status.ready, false, now),
      containerStatuses: [terminated(exitCode, now)],
    }));
  }

  private write(uid: Uid, change: (status: PodStatus, now: number) => Partial<PodStatus>): void {
    const [namespace, name] = this.pods.get(uid)!;
    const now = Math.floor(this.plane.seconds);
    const patch = (pod: Pod): Pod => podWith(pod, { status: statusWith(pod.status, change(pod.status, now)) });
    this.plane.api.server.execute(patchStatusRequest('Pod', namespace, name, patch, undefined, uid));
  }
}

function terminated(exitCode: number, finishedAt: number): ContainerStatus {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  const state = { phase: 'terminated', reason, message: '', exitCode, startedAt: 0, finishedAt } as const;
  return { index: 0, state, lastState: undefined, restartCount: 0, ready: false, started: false };
}

/** Number of pods that are ready and not being deleted. */
export function countReady(pods: readonly Pod[]): number {
  return pods.filter((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
}
