/**
 * kube-scheduler as a component: its watches, its queue, and the loop that takes one pod after another. A decision is
 * taken at the instant at which the pod is popped; its virtual cost passes before it is carried out; binding goes on by
 * itself while the next pod is decided.
 */
import type { Kind } from '../api/kinds.ts';
import type { ApiServer } from '../apiserver/apiserver.ts';
import { Informers } from '../apiserver/informers.ts';
import type { Engine, EventId, HandlerId } from '../engine/engine.ts';
import type { Fingerprint } from '../engine/fingerprint.ts';
import { SECOND } from '../engine/time.ts';
import type { SimTime } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import { assert } from '../util/assert.ts';
import { SchedulingAlgorithm } from './algorithm.ts';
import type { SearchObserver } from './algorithm.ts';
import { SchedulerCache } from './cache.ts';
import type { SchedulerConfiguration } from './configuration.ts';
import { EventHandlers, isPodOfInterest } from './event-handlers.ts';
import { EventSeries } from './event-series.ts';
import { ClusterFork } from './framework/cluster-fork.ts';
import type { PluginRegistry } from './framework/define-plugin.ts';
import { PodInfoFactory } from './framework/pod-info.ts';
import { Framework } from './framework/runtime.ts';
import type { ExpectedPods } from './framework/handle.ts';
import type { AnswerMemory, FrameworkServices } from './framework/framework-services.ts';
import { WhatIf } from './framework/what-if.ts';
import { WaitingPods } from './framework/waiting-pods.ts';
import type { Nominator } from './nominator.ts';
import { actionOf, watchedKinds } from './object-events.ts';
import type { WatchedKind } from './object-events.ts';
import { ScheduleOne } from './schedule-one.ts';
import type { Decision } from './schedule-one.ts';
import { SchedulerClient, Timers } from './scheduler-client.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import type { TieBreak } from './select-host.ts';

/** Name of the scheduler's client and of its watches. */
const schedulerComponent = 'kube-scheduler';

/** Virtual cost of one scheduling cycle, microseconds: `constant + perNode * evaluated nodes`. */
export interface CycleCost {
  readonly constant: number;
  readonly perNode: number;
}

/**
 * Fitted to the thresholds of upstream's benchmark `scheduler_perf`: DaemonSet pods on 15,000 nodes, where one node is
 * looked at, 1,100 pods/s (0.9 ms a pod); SchedulingBasic on 5,000 nodes, where 500 are, 680 to 810 pods/s (1.3 ms).
 */
export const defaultCycleCost: CycleCost = { constant: 900, perNode: 0.85 };

/** What a scheduler is made of. */
export interface SchedulerComponentOptions {
  readonly server: ApiServer;
  readonly configuration: SchedulerConfiguration;
  /** In-tree plugins and the user's own. */
  readonly registry: PluginRegistry;
  readonly tieBreak: TieBreak;
  /** See `AlgorithmOptions`. */
  readonly tieSalt?: number;
  /** undefined = `defaultCycleCost`. */
  readonly cycleCost: CycleCost | undefined;
  /** Whether answers of node-local plugins are remembered; default `on`. */
  readonly memory?: AnswerMemory;
  /** The pods that the scenario says will come; absent = nobody knows. */
  readonly expectedPods?: () => readonly ExpectedPods[];
}

/** Kinds that plugins look up. */
const listedKinds = [
  'Namespace',
  'Service',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
  'PodDisruptionBudget',
] as const satisfies readonly Kind[];

/** Looks on while decisions are taken, as `explain` does, and must change nothing. */
export interface DecisionObserver extends SearchObserver {
  /** A decision was taken and is not carried out yet: the cluster is as the decision saw it. */
  decided(decision: Decision, now: SimTime): void;
}

/** The component: make it, `start` it, and let time run. */
export class Scheduler {
  /** What is wrong with the profiles, in upstream's words; with problems it must not be started. */
  readonly problems: readonly string[];
  private readonly engine: Engine;
  private readonly cost: CycleCost;
  private readonly informers: Informers;
  private readonly client: SchedulerClient;
  private readonly registry: PluginRegistry;
  private readonly expectedPods: () => readonly ExpectedPods[];
  private readonly podInfos: PodInfoFactory;
  private readonly cache: SchedulerCache;
  private readonly frameworks = new Map<string, Framework>();
  private readonly queue: SchedulingQueue;
  private readonly handlers: EventHandlers;
  private readonly algorithm: SchedulingAlgorithm;
  private readonly scheduleOne: ScheduleOne;
  private readonly decisions: Fingerprint;
  private readonly cycleEvent: HandlerId;
  private readonly carryOutEvent: HandlerId;
  private readonly flushEvent: HandlerId;
  /** Who looks on. */
  observer: DecisionObserver | undefined;
  /** A cycle is posted or under way. */
  private isBusy = false;
  private pending: Decision | undefined;
  private pendingCostUs = 0;
  private flushAt = -1;
  private flushId: EventId | undefined;

  constructor(options: SchedulerComponentOptions) {
    const { server, configuration } = options;
    const { engine, recorder } = server;
    this.engine = engine;
    this.cost = options.cycleCost ?? defaultCycleCost;
    this.informers = new Informers(server, schedulerComponent, EventPhase.apiserver);
    this.decisions = engine.fingerprint('decisions');
    this.registry = options.registry;
    this.expectedPods = options.expectedPods ?? (() => []);
    const podInfos = new PodInfoFactory();
    this.podInfos = podInfos;
    this.cache = new SchedulerCache(podInfos);
    const timers = new Timers(`${schedulerComponent}/timer`, EventPhase.scheduler, engine);
    const client = this.createClient(server, configuration, timers);
    this.client = client;
    const waitingPods = new WaitingPods(timers.after);
    const services = {
      ...this.frameworkServices(server, client, timers, podInfos, waitingPods),
      memory: options.memory ?? 'on',
      expectedPods: this.expectedPods,
    };
    this.problems = this.createFrameworks(configuration, options.registry, services);
    this.queue = this.createQueue(configuration, podInfos);
    this.algorithm = new SchedulingAlgorithm(this.cache, {
      tieBreak: options.tieBreak,
      tieSalt: options.tieSalt ?? 0,
      percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    });
    const { cache, queue, frameworks, algorithm, informers: cluster } = this;
    this.handlers = new EventHandlers({ clock: engine, cache, queue, frameworks, waitingPods, recorder });
    const onQueueChanged = (): void => this.onQueueChanged();
    const failures = new EventSeries();
    const parts = {
      clock: engine,
      cache,
      queue,
      algorithm,
      client,
      recorder,
      cluster,
      podInfos,
      failures,
      onQueueChanged,
    };
    this.scheduleOne = new ScheduleOne(parts);
    const register = (name: string, handle: () => void): HandlerId =>
      engine.register({ name: `${schedulerComponent}/${name}`, phase: EventPhase.scheduler, handle });
    this.cycleEvent = register('cycle', () => this.onCycle());
    this.carryOutEvent = register('carry-out', () => this.onCarryOut());
    this.flushEvent = register('flush', () => this.onFlush());
  }

  /** To be called before time starts: builds cache and queue from what is installed, and begins to watch. */
  start(): void {
    const nodes = this.informers.of('Node');
    const pods = this.informers.of('Pod');
    // Plugins read these through listers; upstream watches them from the start.
    for (const kind of listedKinds) this.informers.of(kind);
    for (const node of nodes.list()) this.handlers.onNode(undefined, node);
    for (const pod of pods.list()) this.handlers.onPod(undefined, pod);
    nodes.onChange((before, after) => {
      this.handlers.onNode(before, after);
      this.onQueueChanged();
    });
    pods.onChange(
      (before, after) => {
        this.handlers.onPod(before, after);
        this.onQueueChanged();
      },
      isPodOfInterest,
      (_, after) => this.handlers.onPodPassedOver(after),
    );
    for (const kind of watchedKinds) this.watch(kind);
    this.onQueueChanged();
  }

  /** The process is gone: what it knew, had decided and was binding is lost. */
  stop(): void {
    this.informers.close();
    this.client.close();
    for (const handler of [this.cycleEvent, this.carryOutEvent, this.flushEvent]) this.engine.retire(handler);
  }

  /** Tells the queue of the changes of a kind that some plugin registered; others are not watched. */
  private watch(kind: WatchedKind): void {
    const actions = this.handlers.registeredActions(kind);
    if (actions === 0) return;
    this.informers.of(kind).onChange(
      (before, after) => {
        this.handlers.onObject(kind, before, after);
        this.onQueueChanged();
      },
      (before, after) => (actionOf(before, after) & actions) !== 0,
    );
  }

  /** From now on somebody looks on; the run stays as it is. */
  observe(observer: DecisionObserver): void {
    this.observer = observer;
    this.algorithm.observer = observer;
  }

  /** Numbers of pods as in the metric `scheduler_pending_pods`. */
  counts(): ReturnType<SchedulingQueue['counts']> {
    return this.queue.counts();
  }

  /**
   * The cluster as the scheduler sees it at this instant, forked, with the plugins of one profile: drain, controllers and autoscalers
   * ask it and drop it.
   */
  whatIf(schedulerName: string): WhatIf {
    const { cache, engine } = this;
    const profile = this.frameworks.get(schedulerName)?.profile;
    assert(profile !== undefined, `no profile serves ${schedulerName}`);
    const fork = new ClusterFork({ nodes: cache.presentNodes(), image: (name) => cache.image(name) });
    const { registry, informers: cluster, podInfos, expectedPods } = this;
    const { nominator } = this.queue;
    return new WhatIf(fork, { profile, registry, cluster, podInfos, nominator, expectedPods, now: engine.now });
  }

  /** How often plugins were asked, profile by profile. */
  evaluations(): readonly { profile: string; plugin: string; point: string; count: number }[] {
    return [...this.frameworks].flatMap(([profile, { evaluations }]) =>
      evaluations.entries().map((entry) => ({ profile, ...entry })),
    );
  }

  private createClient(
    server: ApiServer,
    { clientQueriesPerSecond: queriesPerSecond, clientBurst: burst }: SchedulerConfiguration,
    timers: Timers,
  ): SchedulerClient {
    const options = { name: schedulerComponent, phase: EventPhase.scheduler, queriesPerSecond, burst };
    return new SchedulerClient(server.client(options), this.engine, timers);
  }

  private frameworkServices(
    { engine, recorder }: ApiServer,
    client: SchedulerClient,
    timers: Timers,
    podInfos: PodInfoFactory,
    waitingPods: WaitingPods,
  ): Omit<FrameworkServices, 'expectedPods'> {
    // The queue is made later.
    const nominator = (): Nominator => this.queue.nominator;
    return {
      clock: engine,
      snapshot: this.cache,
      cluster: this.informers,
      nominator: {
        get isEmpty() {
          return nominator().isEmpty;
        },
        nominatedPods: (nodeName) => nominator().nominatedPods(nodeName),
      },
      podInfos,
      waitingPods,
      random: (name) => engine.random(name),
      activate: (pods) => {
        this.queue.activate(pods, engine.now);
        this.onQueueChanged();
      },
      send: (request, onResponse) => client.send(request, onResponse),
      after: timers.after,
      onClusterChange: (kind, handler, interest) => this.informers.of(kind).onChange(handler, interest),
      kubeEvent: (event) => recorder.kubeEvent(event),
      preemptionAttempt: (attempt) => recorder.preemptionAttempt(attempt),
    };
  }

  private createFrameworks(
    { profiles }: SchedulerConfiguration,
    registry: PluginRegistry,
    services: FrameworkServices,
  ): readonly string[] {
    const problems: string[] = [];
    for (const profile of profiles) {
      const framework = new Framework(profile, registry, services);
      this.frameworks.set(profile.schedulerName, framework);
      const prefix = `creating profile for scheduler name ${profile.schedulerName}: `;
      problems.push(...framework.problems.map((problem) => prefix + problem));
    }
    return problems;
  }

  private createQueue(configuration: SchedulerConfiguration, podInfos: PodInfoFactory): SchedulingQueue {
    const backoff = {
      initialUs: configuration.podInitialBackoffSeconds * SECOND,
      maxUs: configuration.podMaxBackoffSeconds * SECOND,
    };
    return new SchedulingQueue(this.frameworks, podInfos, { backoff, startedAt: this.engine.now });
  }

  /** Wakes the loop and sets the next flush. */
  private onQueueChanged(): void {
    this.wake();
    this.armFlush();
  }

  private wake(): void {
    if (this.isBusy || !this.queue.hasNext) return;
    this.isBusy = true;
    this.engine.after(0, this.cycleEvent, 0);
  }

  /** One scheduling cycle: takes the next pod and decides. */
  private onCycle(): void {
    // Changes that made no event are in the accounts all the same, each in its turn.
    this.informers.of('Pod').catchUp();
    for (let info = this.queue.pop(); info !== undefined; info = this.queue.pop()) {
      const framework = this.frameworks.get(info.podInfo.pod.spec.schedulerName)!;
      const decision = this.scheduleOne.decide(info, framework);
      if (decision === undefined) continue;
      this.record(decision);
      this.observer?.decided(decision, this.engine.now);
      this.pending = decision;
      this.pendingCostUs = Math.round(this.cost.constant + this.cost.perNode * decision.evaluatedNodes);
      if (this.pendingCostUs === 0) this.onCarryOut();
      else this.engine.after(this.pendingCostUs, this.carryOutEvent, 0);
      return;
    }
    this.isBusy = false;
  }

  private record({ info, outcome }: Decision): void {
    const { uid } = info.podInfo.pod.metadata;
    const isPlaced = 'type' in outcome && outcome.type === 'node';
    this.decisions.add(uid, isPlaced ? outcome.node.node!.metadata.uid : 0, this.engine.now);
  }

  private onCarryOut(): void {
    const decision = this.pending!;
    this.pending = undefined;
    this.scheduleOne.carryOut(decision, this.pendingCostUs, this.release);
  }

  /** The loop may go on. */
  private readonly release = (): void => {
    this.isBusy = false;
    this.onQueueChanged();
  };

  private onFlush(): void {
    this.flushAt = -1;
    this.flushId = undefined;
    this.queue.flush(this.engine.now);
    this.onQueueChanged();
  }

  /** One event stands for the timers of the real queue: it is posted only where a flush would find something. */
  private armFlush(): void {
    const next = this.queue.nextFlushAt(this.engine.now);
    if (next === undefined || next === this.flushAt) return;
    if (this.flushId !== undefined) {
      if (this.flushAt < next) return;
      this.engine.cancel(this.flushId);
    }
    this.flushAt = next;
    this.flushId = this.engine.at(next, this.flushEvent, 0);
  }
}
