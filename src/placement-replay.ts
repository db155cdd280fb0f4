/**
 * The other composition root: a trace replayed in order, without a clock. Every pod is offered once, one after the other, to the scheduler's
 * library: it gets a node and devices, or it fails for good. No API server, kubelet or event has a part in it.
 *
 *   scenario ──▶ 1 offers and nodes in the order that the seed gives
 *                2 cache, plugins and the search of kube-scheduler
 *                3 offer after offer
 *                4 tables, figures, fingerprints
 */
import type { Pod } from './api/core-v1.ts';
import { bindSpec, podWith } from './apiserver/pod-object.ts';
import { Fingerprint } from './engine/fingerprint.ts';
import { RandomStreams } from './engine/random.ts';
import { PlacementLedger } from './metrics/placements/placement-ledger.ts';
import type { Scenario } from './scenario/scenario.ts';
import { SchedulingAlgorithm } from './scheduler/algorithm.ts';
import type { ScheduleResult } from './scheduler/node-search.ts';
import { SchedulerCache } from './scheduler/cache.ts';
import { DecisionExplainer } from './scheduler/explain-decision.ts';
import type { DecidedPod } from './scheduler/explain-decision.ts';
import type { DecisionOutcome, ExplainedDecision } from './scheduler/explained-decision.ts';
import { fitErrorMessage } from './scheduler/framework/fit-error.ts';
import type { ExpectedPods } from './scheduler/framework/handle.ts';
import { deviceAccounts } from './scheduler/devices/device-accounts.ts';
import { sharedGpus } from './scheduler/devices/shared-gpus.ts';
import { PodInfoFactory } from './scheduler/framework/pod-info.ts';
import { Framework } from './scheduler/framework/runtime.ts';
import type { AnswerMemory, FrameworkServices } from './scheduler/framework/framework-services.ts';
import { isSuccess } from './scheduler/framework/status.ts';
import { idleServices } from './scheduler/idle-services.ts';
import type { RunResult, SimulationOptions, SimulationStop } from './simulation.ts';
import { assert, assertPlugin } from './util/assert.ts';
import { offersOf } from './workload/traces/trace-offers.ts';
import type { TraceOffers } from './workload/traces/trace-offers.ts';
import type { TraceReplay } from './workload/traces/trace-replay.ts';

/** What a replay needs beside its scenario. */
export interface ReplayOptions extends Pick<SimulationOptions, 'createHash' | 'scheduler'> {
  /** Whether answers of node-local plugins are remembered, or also asked anew and compared; default `on`. */
  readonly memory?: AnswerMemory;
}

/** One replay, to be advanced in slices: the results do not depend on their length. */
export class PlacementReplay {
  /** What is wrong with the profile; with problems it must not be run. */
  readonly problems: readonly string[];
  readonly offerCount: number;
  private readonly offers: TraceOffers;
  private readonly podInfos = new PodInfoFactory();
  private readonly cache = new SchedulerCache(this.podInfos);
  private readonly framework: Framework;
  private readonly algorithm: SchedulingAlgorithm;
  private readonly decisions: Fingerprint;
  private readonly ledger: PlacementLedger;
  private next = 0;
  /** Looks on while a decision is explained. */
  private onDecided: ((pod: Pod, result: ScheduleResult) => void) | undefined = undefined;

  constructor(scenario: Scenario, options: ReplayOptions) {
    const { seed, replication, scheduler } = scenario;
    assert(isPlacementReplay(scenario), 'the scenario replays no trace');
    this.offers = offersOf(scenario.trace, seed, replication);
    this.offerCount = this.offers.pods.length;
    for (const node of this.offers.nodes) this.cache.addNode(node);
    this.cache.updateSnapshot();
    const streams = new RandomStreams(options.createHash, { seed, replication });
    const { configuration, registry } = options.scheduler;
    this.framework = new Framework(configuration.profiles[0]!, registry, this.services(streams, options.memory));
    this.problems = this.framework.problems;
    const { percentageOfNodesToScore } = configuration;
    const { tieBreak, tieSalt } = scheduler;
    this.algorithm = new SchedulingAlgorithm(this.cache, { tieBreak, tieSalt, percentageOfNodesToScore });
    this.decisions = new Fingerprint(options.createHash);
    this.ledger = new PlacementLedger(
      this.cache.nodes,
      deviceAccounts(this.framework, sharedGpus),
      this.offers.sample,
      this.podInfos,
    );
  }

  /** Offers so far. */
  get done(): number {
    return this.next;
  }

  /** Offers at most so many pods. `paused`: call again. */
  advance(maxOffers: number): SimulationStop {
    const until = Math.min(this.offerCount, this.next + maxOffers);
    while (this.next < until) this.offer(this.offers.pods[this.next++]!);
    return this.next < this.offerCount ? { reason: 'paused' } : { reason: 'empty' };
  }

  /** Tables, figures, fingerprints. Once per replay. */
  finish(stop: SimulationStop): RunResult {
    const { tables, figures } = this.ledger.collect();
    return {
      stop,
      endsAt: 0,
      eventCount: this.next,
      tables,
      figures,
      fingerprints: new Map([['decisions', this.decisions.digestHex()]]),
      checkpoints: [],
      violations: [],
      inertKinds: [],
      nodeCount: this.offers.nodes.length,
    };
  }

  /** Offers the next pod, and tells how it was decided. There must be one. */
  explainNext(): ExplainedDecision {
    const offer = this.next;
    const explainer = new DecisionExplainer(() => true);
    this.algorithm.observer = explainer;
    this.onDecided = (pod, result) => explainer.decided(this.decidedPod(pod, result), 0);
    const isPlaced = this.offer(this.offers.pods[this.next++]!);
    this.algorithm.observer = undefined;
    this.onDecided = undefined;
    const explained = explainer.explained!;
    return { ...explained, offer, outcome: this.reserved(explained.outcome, isPlaced) };
  }

  private decidedPod(pod: Pod, result: ScheduleResult): DecidedPod {
    const { framework, podInfos, cache } = this;
    const { evaluatedNodes, feasibleNodes } = result;
    const info = { podInfo: podInfos.podInfo(pod), attempts: 1 };
    const outcome =
      result.type === 'unschedulable'
        ? { result: result.type, message: fitErrorMessage(cache.nodes, result.diagnosis, '') }
        : result;
    return { info, framework, outcome, evaluatedNodes, feasibleNodes };
  }

  /** What became of the decision at Reserve. */
  private reserved(outcome: DecisionOutcome, isPlaced: boolean): DecisionOutcome {
    if (outcome.type !== 'scheduled') return outcome;
    if (isPlaced) return { ...outcome, devices: this.ledger.lastDevices };
    return { type: 'unschedulable', message: `${outcome.node} was chosen, and refused at Reserve` };
  }

  /** Whether the pod was placed. */
  private offer(pod: Pod): boolean {
    const { cache, framework, podInfos } = this;
    const result = this.algorithm.schedulePod(framework, pod);
    this.onDecided?.(pod, result);
    if (result.type === 'error') assertPlugin(false, result.status.plugin, `fails: ${result.status.message}`);
    if (result.type !== 'node') return this.failed(pod);
    const { node, state } = result;
    const assumed = podWith(pod, { spec: bindSpec(pod.spec, node.name) });
    const info = podInfos.podInfo(assumed);
    cache.assumePod(info);
    if (!isSuccess(framework.binding.runReserve(state, assumed, node.name))) {
      framework.binding.runUnreserve(state, assumed, node.name);
      cache.forgetPod(pod.metadata.uid);
      return this.failed(pod);
    }
    this.ledger.placed(info, node, result);
    this.decisions.add(this.next, node.index, ...this.ledger.lastDevices);
    return true;
  }

  private failed(pod: Pod): false {
    this.ledger.failed(pod);
    this.decisions.add(this.next, -1);
    return false;
  }

  private services(streams: RandomStreams, memory: AnswerMemory | undefined): FrameworkServices {
    const idle = idleServices(this.podInfos, this.cache);
    const expectedPods = (): readonly ExpectedPods[] =>
      this.offers.sample.map(({ spec, metadata: { annotations } }) => ({ spec, annotations, count: 1 }));
    return { ...idle, expectedPods, random: (name) => streams.get(name), ...(memory !== undefined && { memory }) };
  }
}

/** Whether a scenario is a replay in order rather than a simulation in time. */
export function isPlacementReplay(scenario: Scenario): scenario is Scenario & { readonly trace: TraceReplay } {
  return scenario.trace?.replay === 'inOrder';
}
