/** What every scheduler plugin must keep to, whatever it decides; `plugins/conformance.test.ts` runs it on all of them. */
import fc from 'fast-check';
import type { Pod } from '../api/core-v1.ts';
import { CycleState } from '../scheduler/framework/cycle-state.ts';
import type { PluginDefinition } from '../scheduler/framework/define-plugin.ts';
import { nodeScoreMax } from '../scheduler/framework/interface.ts';
import type { Plugin } from '../scheduler/framework/interface.ts';
import type { NodeInfo } from '../scheduler/framework/node-info.ts';
import { Status, isSkip } from '../scheduler/framework/status.ts';
import { SchedulerFixture, deepFreeze, testRegistry, verdictText } from './scheduler-fixture.ts';

/** A drawn cluster: nodes with pods on them, and a pod that waits. */
export interface DrawnWorld {
  readonly nodes: readonly DrawnNode[];
  readonly bound: readonly DrawnPod[];
  readonly waiting: DrawnPod;
}

/** A drawn node; cpu in cores, memory in GiB. */
export interface DrawnNode {
  readonly cpu: number;
  readonly memory: number;
  readonly gpus: number;
  readonly pods: number;
  readonly zone: string;
  readonly taints: readonly object[];
  readonly unschedulable: boolean;
  readonly image: boolean;
}

/** A drawn pod; cpu in milliCPU, memory in MiB, undefined = not named. */
export interface DrawnPod {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly gpus: number;
  readonly port: number;
  readonly zone: string | undefined;
  readonly tolerates: boolean;
  readonly gates: readonly object[];
  readonly app: string;
  /** What it wants, by zone, with pods of its own app. */
  readonly company: 'podAffinity' | 'podAntiAffinity' | undefined;
  /** Topology spread constraints. */
  readonly spread: readonly object[];
}

const zones = ['a', 'b', 'c'];
const taint = fc.record({
  key: fc.constantFrom('x', 'y'),
  effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
});
const drawnNode: fc.Arbitrary<DrawnNode> = fc.record({
  cpu: fc.integer({ min: 0, max: 16 }),
  memory: fc.integer({ min: 0, max: 64 }),
  gpus: fc.integer({ min: 0, max: 4 }),
  pods: fc.integer({ min: 0, max: 8 }),
  zone: fc.constantFrom(...zones),
  taints: fc.uniqueArray(taint, { maxLength: 2, selector: ({ key, effect }) => `${key}:${effect}` }),
  unschedulable: fc.boolean(),
  image: fc.boolean(),
});

/** Over all pods: none has the label. */
function spreadConstraint(topologyKey: string, whenUnsatisfiable: string): object {
  const labelSelector = { matchExpressions: [{ key: 'unknown', operator: 'DoesNotExist' }] };
  return { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector };
}

const drawnPod: fc.Arbitrary<DrawnPod> = fc.record({
  cpu: fc.option(fc.integer({ min: 0, max: 9000 }), { nil: undefined }),
  memory: fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: undefined }),
  gpus: fc.integer({ min: 0, max: 3 }),
  port: fc.constantFrom(0, 0, 80, 81),
  zone: fc.option(fc.constantFrom(...zones), { nil: undefined }),
  tolerates: fc.boolean(),
  gates: fc.constantFrom([], [{ name: 'g' }]),
  app: fc.constantFrom('a', 'b'),
  company: fc.constantFrom(undefined, undefined, 'podAffinity', 'podAntiAffinity'),
  spread: fc.subarray([spreadConstraint('zone', 'DoNotSchedule'), spreadConstraint('zone', 'ScheduleAnyway')]),
});

/** Worlds of up to six nodes and eight pods. */
export const drawnWorlds: fc.Arbitrary<DrawnWorld> = fc.record({
  nodes: fc.array(drawnNode, { minLength: 1, maxLength: 6 }),
  bound: fc.array(drawnPod, { maxLength: 8 }),
  waiting: drawnPod,
});

/** A built world and one plugin in it. */
export class PluginTrial {
  readonly plugin: Plugin;
  readonly nodes: readonly NodeInfo[];
  readonly pod: Pod;
  private readonly fixture: SchedulerFixture;

  constructor(definition: PluginDefinition, world: DrawnWorld) {
    const fixture = new SchedulerFixture(configurationWith(definition.name), testRegistry(definition));
    this.fixture = fixture;
    this.plugin = fixture.plugin(definition.name);
    for (const [at, node] of world.nodes.entries()) deepFreeze(fixture.node(`n${at}`, nodeParts(node)));
    for (const [at, pod] of world.bound.entries()) {
      deepFreeze(fixture.bind(drawnPodIn(fixture, pod), `n${at % world.nodes.length}`));
    }
    this.pod = deepFreeze(drawnPodIn(fixture, world.waiting));
    this.nodes = fixture.nodes;
  }

  /** All answers of the plugin about the waiting pod, as text. */
  answers(): string {
    const { plugin, pod, nodes } = this;
    const parts: string[] = [`preEnqueue ${verdictText(plugin.preEnqueue?.(pod))}`];
    const state = new CycleState();
    parts.push(`preFilter ${this.preFilterText(state)}`);
    if (plugin.filter !== undefined) parts.push(...this.verdicts(state));
    const before = plugin.preScore?.(state, pod, nodes);
    parts.push(`preScore ${verdictText(before)}`);
    if (plugin.score !== undefined && before === undefined) parts.push(this.scores(state).join());
    return parts.join('\n');
  }

  /** Verdicts after PreFilter has run. */
  verdicts(state: CycleState, nodes: readonly NodeInfo[] = this.nodes): string[] {
    return nodes.map((node) => verdictText(this.plugin.filter!(state, this.pod, node)));
  }

  private preFilterText(state: CycleState): string {
    const answer = this.plugin.preFilter?.(state, this.pod, this.nodes);
    if (answer === undefined || answer instanceof Status) return verdictText(answer);
    return [...answer.nodeNames].join();
  }

  /** Whether PreFilter skips; then the filter must pass every node. */
  skipsFilter(state: CycleState): boolean {
    const answer = this.plugin.preFilter?.(state, this.pod, this.nodes);
    return answer instanceof Status && isSkip(answer);
  }

  /** Normalized scores over all nodes; PreScore must have run. */
  scores(state: CycleState): readonly number[] {
    const raw = this.nodes.map((node) => this.plugin.score!(state, this.pod, node) as number);
    const scores = Float64Array.from(raw);
    this.plugin.normalizeScore?.(state, this.pod, scores, this.nodes);
    return [...scores];
  }

  /** Raw scores of each node by itself, and of all at once; both empty where the plugin skips or has no `scoreNodes`. */
  rawScores(): readonly [single: readonly number[], together: readonly number[]] {
    const { plugin, pod, nodes } = this;
    const state = new CycleState();
    if (plugin.scoreNodes === undefined || plugin.preScore?.(state, pod, nodes) !== undefined) return [[], []];
    const together = new Float64Array(nodes.length).fill(-1);
    plugin.scoreNodes(state, pod, nodes, together);
    return [nodes.map((node) => plugin.score!(state, pod, node) as number), [...together]];
  }

  /** Scores outside of 0..100 or between integers; empty = none, or the plugin skips. */
  badScores(): readonly number[] {
    const state = new CycleState();
    this.plugin.preFilter?.(state, this.pod, this.nodes);
    if (this.plugin.score === undefined || this.plugin.preScore?.(state, this.pod, this.nodes) !== undefined) return [];
    return this.scores(state).filter((score) => !Number.isInteger(score) || score < 0 || score > nodeScoreMax);
  }

  /** Verdicts before a what-if pod is added to the first node, and after it is removed again. */
  addAndRemove(): readonly [before: string, after: string] {
    const state = new CycleState();
    const { plugin, pod, fixture } = this;
    if (plugin.filter === undefined || this.skipsFilter(state)) return ['', ''];
    const before = this.verdicts(state).join();
    const copy = state.clone();
    const node = this.nodes[0]!.clone();
    const guest = fixture.podInfos.podInfo(fixture.bind(fixture.podWithRequests({ cpu: '1' }), 'elsewhere'));
    node.addPod(guest);
    plugin.addPod?.(copy, pod, guest, node);
    node.removePod(guest.pod);
    plugin.removePod?.(copy, pod, guest, node);
    return [before, this.verdicts(copy, [node, ...this.nodes.slice(1)]).join()];
  }
}

/** In-tree plugins are enabled already; others are added. */
function configurationWith(name: string): unknown {
  const isSorter = name.endsWith('Sort');
  const plugins = isSorter ? {} : { multiPoint: { enabled: [{ name }] } };
  const apiVersion = 'kubescheduler.config.k8s.io/v1';
  return { apiVersion, kind: 'KubeSchedulerConfiguration', profiles: [{ plugins }] };
}

/** Labels, spec and status of a drawn node, as in a manifest. */
export function nodeParts({ cpu, memory, gpus, pods, zone, taints, unschedulable, image }: DrawnNode): object {
  const allocatable = { cpu: `${cpu}`, memory: `${memory}Gi`, pods: `${pods}`, 'example.com/gpu': `${gpus}` };
  const images = image ? [{ names: ['app:1'], sizeBytes: 300_000_000 }] : [];
  return { labels: { zone }, spec: { taints, unschedulable }, status: { allocatable, images } };
}

/** The drawn pod, in the namespace `default`. */
export function drawnPodIn(fixture: SchedulerFixture, pod: DrawnPod): Pod {
  return fixture.pod(podSpec(pod), { metadata: { labels: { app: pod.app } } });
}

function podSpec(pod: DrawnPod): Record<string, unknown> {
  const { cpu, memory, gpus, port, zone, tolerates, gates, app, company, spread } = pod;
  const requests = {
    ...(cpu !== undefined && { cpu: `${cpu}m` }),
    ...(memory !== undefined && { memory: `${memory}Mi` }),
    ...(gpus > 0 && { 'example.com/gpu': `${gpus}` }),
  };
  const ports = port === 0 ? [] : [{ containerPort: port, hostPort: port }];
  const term = { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] };
  const terms = [{ weight: 10, preference: term }];
  const others = { topologyKey: 'zone', labelSelector: { matchLabels: { app } } };
  const wanted = {
    requiredDuringSchedulingIgnoredDuringExecution: [others],
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: others }],
  };
  return {
    containers: [{ name: 'c', image: 'app:1', resources: { requests }, ports }],
    tolerations: tolerates ? [{ key: 'x', operator: 'Exists' }] : [],
    schedulingGates: gates,
    topologySpreadConstraints: spread,
    ...(zone !== undefined && { nodeSelector: { zone } }),
    affinity: {
      ...(zone !== undefined && { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms } }),
      ...(company !== undefined && { [company]: wanted }),
    },
  };
}
