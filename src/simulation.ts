/**
 * The composition root: a whole run can be read here.
 *
 *   scenario ──▶ 1 virtual time, random streams, an empty cluster behind its API server
 *                2 observers: metrics and checks
 *                3 what is there before time starts
 *                4 components: scheduler, controllers, kubelets, faults, users
 *                5 time goes on; a handler reads listers, sends requests, posts its own later events
 *                6 tables, figures, fingerprints
 *
 * Components are strangers to each other: they meet in the API server. What is no matter of the API (a machine loses power, a
 * lease is renewed) goes through small interfaces that are handed in here.
 */
import { zoneOf } from './api/node-conditions.ts';
import { labelValue } from './api/meta-v1.ts';
import { admissionPlugins } from './apiserver/admission/registry.ts';
import { ApiServer } from './apiserver/apiserver.ts';
import type { Violation } from './checks/check.ts';
import { CheckSet } from './checks/registry.ts';
import { controllers } from './controllers/registry.ts';
import type { EngineLimits, EventObserver, RunStop } from './engine/engine.ts';
import { Engine } from './engine/engine.ts';
import type { SimTime } from './engine/time.ts';
import type { FaultNode } from './faults/fault.ts';
import { FaultInjector } from './faults/injector.ts';
import { RunFaultTargets } from './faults/run-fault-targets.ts';
import type { Behavior } from './kubelet/behavior.ts';
import { anyBehavior } from './kubelet/behavior.ts';
import { ElectedControllers, ElectedScheduler } from './elected-components.ts';
import { Kubelets } from './kubelet/kubelets.ts';
import { CustomMetrics } from './kubelet/custom-metrics.ts';
import { ResourceMetrics } from './kubelet/resource-metrics.ts';
import type { Metric, MetricDefinition, RunDescription, SchedulerCounters } from './metrics/metric.ts';
import { defaultStep } from './metrics/metric.ts';
import { collect, metrics, startMetrics } from './metrics/registry.ts';
import type { Facts } from './record/facts.ts';
import { Recorder } from './record/recorder.ts';
import type { Table } from './record/table.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { SchedulerConfiguration } from './scheduler/configuration.ts';
import type { PluginRegistry } from './scheduler/framework/define-plugin.ts';
import type { AnswerMemory } from './scheduler/framework/framework-services.ts';
import type { Scheduler } from './scheduler/scheduler.ts';
import type { HashFactory } from './util/hash.ts';
import type { ExpectedPods } from './scheduler/framework/handle.ts';
import { expectedPods } from './workload/expected-pods.ts';
import type { InertKind } from './workload/inert-kinds.ts';
import { countInertKinds } from './workload/inert-kinds.ts';
import { generatorLabel } from './workload/generator.ts';
import { installInitialState } from './workload/initial-state.ts';
import { nodesOfPools, poolLabel } from './workload/pool-nodes.ts';
import { Workload } from './workload/workload.ts';

/** What a run needs beside its scenario. */
export interface SimulationOptions {
  readonly createHash: HashFactory;
  /** Profiles, and the plugins that they name: in-tree ones and the user's own. */
  readonly scheduler: { readonly configuration: SchedulerConfiguration; readonly registry: PluginRegistry };
  /** `cheap`: invariants that follow the facts; `full`: the whole state is compared after every slice too. Default `cheap`. */
  readonly check?: 'off' | 'cheap' | 'full';
  /** Default: all of the registry. */
  readonly metrics?: readonly MetricDefinition[];
  /** Further observers; they must not influence the run. */
  readonly observers?: readonly Partial<Facts>[];
  readonly onEvent?: EventObserver;
  /** Whether answers of node-local plugins are remembered, or also asked anew and compared; default `on`. */
  readonly memory?: AnswerMemory;
}

/** Why a run ended: as the engine says, or because too many pods were there. */
export type SimulationStop = RunStop | { readonly reason: 'limit'; readonly limit: 'pods'; readonly message: string };

/** What a finished run came to. */
export interface RunResult {
  readonly stop: SimulationStop;
  /** End of the run, microseconds. */
  readonly endsAt: SimTime;
  readonly eventCount: number;
  readonly tables: ReadonlyMap<string, Table>;
  /** By the names of `summaryMetrics`; durations in integer microseconds. */
  readonly figures: ReadonlyMap<string, number>;
  /** SHA-256 by layer: decisions, draws, faults, trace. */
  readonly fingerprints: ReadonlyMap<string, string>;
  /** Digests of the trace after every 65,536 events. */
  readonly checkpoints: readonly string[];
  readonly violations: readonly Violation[];
  /** Stored kinds on which nothing acts. */
  readonly inertKinds: readonly InertKind[];
  readonly nodeCount: number;
}

/** Runs a scenario from beginning to end. */
export function runSimulation(scenario: Scenario, options: SimulationOptions): RunResult {
  const simulation = new Simulation(scenario, options);
  let stop: SimulationStop;
  do stop = simulation.advance(sliceEvents);
  while (stop.reason === 'paused');
  return simulation.finish(stop);
}

const sliceEvents = 65_536;

/** One run, to be advanced in slices: the results do not depend on their length. */
export class Simulation {
  readonly engine: Engine;
  readonly server: ApiServer;
  private readonly elected: ElectedScheduler;
  private readonly scenario: Scenario;
  private readonly metrics: readonly Metric[];
  private readonly checks: CheckSet | undefined;
  private readonly isFullyChecked: boolean;

  constructor(scenario: Scenario, options: SimulationOptions) {
    this.scenario = scenario;
    // 1 virtual time, random streams, an empty cluster behind its API server
    const engine = new Engine({
      seed: scenario.seed,
      replication: scenario.replication,
      createHash: options.createHash,
      limits: limitsOf(scenario),
    });
    const recorder = new Recorder();
    const server = new ApiServer({ engine, recorder, latency: scenario.latency, admission: admissionPlugins() });
    this.engine = engine;
    this.server = server;
    if (options.onEvent !== undefined) engine.onEvent = options.onEvent;

    // 2 observers
    const { check = 'cheap' } = options;
    this.metrics = startMetrics(this.describeRun(), recorder, options.metrics ?? metrics);
    this.checks = check === 'off' ? undefined : new CheckSet(() => engine.now);
    this.checks?.observe(recorder);
    this.isFullyChecked = check === 'full';
    for (const observer of options.observers ?? []) recorder.observe(observer);

    // 3 what is there before time starts
    const nodes = nodesOfPools(scenario.cluster.nodePools).map((object) => ({ kind: 'Node', object }) as const);
    installInitialState(server, [...nodes, ...scenario.cluster.objects]);

    // 4 components
    const behaviors = [...generatorBehaviors(scenario), ...scenario.behaviors];
    const kubelets = new Kubelets({
      server,
      behaviors,
      images: scenario.images,
      registry: scenario.registry,
      kubelet: scenario.kubelet,
    });
    const { tieBreak, tieSalt, cycleCost } = scenario.scheduler;
    const { memory = 'on' } = options;
    const expected = (): readonly ExpectedPods[] => this.expectedPods();
    this.elected = new ElectedScheduler({
      ...{ server, ...options.scheduler, tieBreak, tieSalt, cycleCost, memory },
      expectedPods: expected,
    });
    const isReachable = (nodeName: string): boolean => kubelets.isReachable(nodeName);
    const podMetrics = new ResourceMetrics({ server, behaviors, isReachable });
    const definitions = controllers.filter(({ name }) => !scenario.controllers.disable.includes(name));
    const customMetrics = new CustomMetrics(scenario.metrics, podMetrics);
    const managed = new ElectedControllers(definitions, server, { heartbeats: kubelets, podMetrics, customMetrics });
    const processes = { 'kube-scheduler': this.elected, 'kube-controller-manager': managed };
    const injector = new FaultInjector(engine, recorder, new RunFaultTargets(kubelets.machines, server, processes));
    const workload = new Workload(server, scenario.actions, scenario);

    kubelets.start();
    this.elected.start();
    managed.start();
    injector.start(scenario.faults, this.faultNodes(), scenario.horizon);
    workload.start();
  }

  /** The scheduler that leads, or led last. */
  get scheduler(): Scheduler {
    return this.elected.scheduler;
  }

  /** 5 Lets time go on by at most so many events. `paused`: call again. */
  advance(maxEvents: number): SimulationStop {
    const stop = this.engine.run({ until: this.scenario.horizon, maxEvents });
    if (this.isFullyChecked) this.checks?.verify(this.server.state);
    const { pods } = this.scenario.limits;
    const podCount = this.server.state.store('Pod').size;
    if (stop.reason !== 'paused' || pods === undefined || podCount <= pods) return stop;
    return {
      reason: 'limit',
      limit: 'pods',
      message: `${podCount} pods at ${this.engine.now} us, at most ${pods} allowed`,
    };
  }

  /** 6 Tables, figures, fingerprints. Once per run. */
  finish(stop: SimulationStop): RunResult {
    const { engine, server } = this;
    const endsAt = stop.reason === 'empty' ? this.scenario.horizon : engine.now;
    const { tables, figures } = collect(this.metrics, endsAt);
    return {
      stop,
      endsAt,
      eventCount: engine.eventCount,
      tables,
      figures,
      fingerprints: engine.digests(),
      checkpoints: engine.trace.checkpoints,
      violations: this.checks?.verify(server.state) ?? [],
      inertKinds: countInertKinds(server.state),
      nodeCount: server.state.store('Node').size,
    };
  }

  private describeRun(): RunDescription {
    const { scenario } = this;
    const { horizon, outputs } = scenario;
    const node = (name: string) => this.server.state.get('Node', '', name);
    return {
      engineNow: () => this.engine.now,
      horizon,
      step: outputs.step ?? defaultStep(horizon),
      zoneOf: (name) => zoneNameOf(node(name)),
      expectedPods: () => this.expectedPods(),
      schedulerCounters: () => this.schedulerCounters(),
      poolOf: (name) => labelValue(node(name)?.metadata.labels ?? {}, poolLabel) ?? '',
    };
  }

  /** One expectation for policies and for the measures of what they do. */
  private expectedPods(): readonly ExpectedPods[] {
    return expectedPods({ ...this.scenario, objects: this.scenario.cluster.objects });
  }

  private schedulerCounters(): SchedulerCounters {
    const { active, backoff, gated, unschedulable } = this.scheduler.counts();
    const counts = { active, backoff, gated, unschedulable };
    return {
      pendingPods: Object.entries(counts).map(([queue, count]) => ({ queue, count })),
      evaluations: this.elected.evaluations(),
    };
  }

  /** Faults see the nodes that are there at the start, so that their schedule cannot depend on what the run does. */
  private faultNodes(): readonly FaultNode[] {
    const nodes = [...this.server.state.list('Node')].map((node) => {
      const { name, labels } = node.metadata;
      return { name, labels, zone: zoneOf(node) };
    });
    return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function zoneNameOf(node: Parameters<typeof zoneOf>[0] | undefined): string {
  return node === undefined ? '' : zoneOf(node);
}

function limitsOf({ limits }: Scenario): Partial<EngineLimits> {
  return {
    ...(limits.events !== undefined && { events: limits.events }),
    ...(limits.eventsPerInstant !== undefined && { eventsAtInstant: limits.eventsPerInstant }),
  };
}

/** The run time that a generator states holds for its pods before any other behaviour. */
function generatorBehaviors({ generators }: Scenario): readonly Behavior[] {
  return generators.flatMap(({ name, runDuration }): Behavior[] => {
    if (runDuration === undefined) return [];
    const selector = { matchLabels: { [generatorLabel]: name }, matchExpressions: [] };
    return [{ ...anyBehavior, selector, runDuration }];
  });
}
