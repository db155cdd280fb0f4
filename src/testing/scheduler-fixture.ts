/** A small cluster with the real cache and framework, without API server and time: what tests of plugins stand on. */
import type { Namespace, Node, Pod } from '../api/core-v1.ts';
import { decodeNamespace, decodeNode } from '../api/decode/core-v1.ts';
import { FieldPosition } from '../api/decode/field-position.ts';
import { FieldReader } from '../api/decode/field-reader.ts';
import { decodePod } from '../api/decode/pod.ts';
import { statedResources } from '../api/decode/pod-level-resources.ts';
import { decodePodDisruptionBudget } from '../api/decode/policy-v1.ts';
import type { PodDisruptionBudget } from '../api/policy-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { bindSpec, newPod, podWith } from '../apiserver/pod-object.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import { RandomStreams } from '../engine/random.ts';
import { SchedulerCache } from '../scheduler/cache.ts';
import { readSchedulerConfiguration } from '../scheduler/configuration.ts';
import type { ConfigurationProblem, SchedulerConfiguration } from '../scheduler/configuration.ts';
import { CycleState } from '../scheduler/framework/cycle-state.ts';
import { pluginRegistry } from '../scheduler/framework/define-plugin.ts';
import type { PluginDefinition, PluginRegistry } from '../scheduler/framework/define-plugin.ts';
import type { Plugin } from '../scheduler/framework/interface.ts';
import type { NodeInfo } from '../scheduler/framework/node-info.ts';
import { PodInfoFactory } from '../scheduler/framework/pod-info.ts';
import { Framework } from '../scheduler/framework/runtime.ts';
import type { ExpectedPods } from '../scheduler/framework/handle.ts';
import type { FrameworkServices } from '../scheduler/framework/framework-services.ts';
import { Status, codeNames } from '../scheduler/framework/status.ts';
import { WaitingPods } from '../scheduler/framework/waiting-pods.ts';
import { Nominator } from '../scheduler/nominator.ts';
import { inTreePlugins } from '../scheduler/plugins/registry.ts';
import { assert } from '../util/assert.ts';
import { FixtureCluster } from './fixture-cluster.ts';
import { nodeSha256 } from './sha256.ts';

type Manifest = Readonly<Record<string, unknown>>;

/** A node or a pod in the words of a manifest; problems of the decoder are passed over. */
function readerOf(manifest: unknown): FieldReader {
  return new FieldReader(manifest as Manifest, new FieldPosition([], '', [], []));
}

/** A node from a manifest. */
export function nodeFrom(manifest: unknown): Node {
  return decodeNode(readerOf(manifest));
}

/** A namespace from a manifest. */
export function namespaceFrom(manifest: unknown): Namespace {
  return decodeNamespace(readerOf(manifest));
}

/** A budget from a manifest. */
export function budgetFrom(manifest: unknown): PodDisruptionBudget {
  return decodePodDisruptionBudget(readerOf(manifest));
}

/** A pod from a manifest, with this uid. The recorded scheduler was given its pods as they are: no API server had completed their own resources. */
export function podFrom(manifest: unknown, uid: number): Pod {
  const reader = readerOf(manifest);
  const { metadata, spec, status } = decodePod(reader);
  const own = reader.object('spec')?.object('resources');
  const resources = own && statedResources(own);
  return newPod(metadataWith(metadata, { uid }), { ...spec, resources }, status);
}

/** The in-tree plugins and, where given, more. */
export function testRegistry(...more: readonly PluginDefinition[]): PluginRegistry {
  return pluginRegistry(inTreePlugins, more);
}

/** The verdict of one filter: `ok`, `skipped`, or code and reasons. */
export function verdictText(status: Status | undefined): string {
  return status === undefined ? 'ok' : `${codeNames[status.code]}: ${status.message}`;
}

export class SchedulerFixture {
  /** Microseconds; tests move it. */
  readonly clock = { now: 0 };
  readonly podInfos = new PodInfoFactory();
  readonly cache = new SchedulerCache(this.podInfos);
  readonly nominator = new Nominator();
  /** Objects besides nodes and pods. */
  readonly cluster = new FixtureCluster();
  readonly configuration: SchedulerConfiguration;
  readonly problems: readonly ConfigurationProblem[];
  readonly frameworks = new Map<string, Framework>();
  /** What plugins are told of the workload to come, at their first cycle. */
  readonly expectedPods: ExpectedPods[] = [];
  /** Requests that plugins have sent; each was answered with OK, or with what `respond` says. */
  readonly sent: ApiRequest[] = [];
  respond: (request: ApiRequest) => ApiResponse = () => ({ code: 'OK', object: undefined, message: '' });
  private lastUid = 0;

  /** @param config a KubeSchedulerConfiguration; undefined = the default one. */
  constructor(config?: unknown, registry: PluginRegistry = testRegistry()) {
    const { configuration, problems } = readSchedulerConfiguration(config, registry);
    this.configuration = configuration;
    this.problems = problems;
    const services = this.services();
    for (const profile of configuration.profiles) {
      this.frameworks.set(profile.schedulerName, new Framework(profile, registry, services));
    }
  }

  /** The first profile. */
  get framework(): Framework {
    return [...this.frameworks.values()][0]!;
  }

  plugin(name: string): Plugin {
    return this.framework.plugin(name)!;
  }

  /** Adds a node: its name, and parts of a manifest. */
  node(name: string, parts: { labels?: Manifest; spec?: Manifest; status?: Manifest } = {}): Node {
    const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, ...parts.status };
    const node = nodeFrom({ metadata: { name, labels: parts.labels ?? {} }, spec: parts.spec ?? {}, status });
    this.cache.addNode(node);
    return node;
  }

  /** A pod that waits: its spec as in a manifest (one container if it names none). */
  pod(spec: Manifest = {}, parts: { metadata?: Manifest; status?: Manifest } = {}): Pod {
    const uid = ++this.lastUid;
    const metadata = { name: `pod-${uid}`, namespace: 'default', ...parts.metadata };
    const full = { containers: [{ name: 'c', image: 'app:1' }], ...spec };
    return podFrom({ metadata, spec: full, status: parts.status ?? {} }, uid);
  }

  /** A pod with one container and these requests. */
  podWithRequests(requests: Manifest, spec: Manifest = {}): Pod {
    return this.pod({ containers: [{ name: 'c', image: 'app:1', resources: { requests } }], ...spec });
  }

  /** Puts a pod on a node. */
  bind(pod: Pod, nodeName: string): Pod {
    const bound = podWith(pod, { spec: bindSpec(pod.spec, nodeName) });
    this.cache.addPod(bound);
    return bound;
  }

  /** The snapshot's nodes, brought up to date. */
  get nodes(): readonly NodeInfo[] {
    this.cache.updateSnapshot();
    return this.cache.nodes;
  }

  /** What one plugin's PreFilter and Filter say about each node. */
  verdicts(plugin: string, pod: Pod): ReadonlyMap<string, string> {
    const entry = this.plugin(plugin);
    const state = new CycleState();
    const nodes = this.nodes;
    const before = entry.preFilter?.(state, pod, nodes);
    if (before instanceof Status) return new Map(nodes.map((node) => [node.name, verdictText(before)]));
    return new Map(nodes.map((node) => [node.name, verdictText(entry.filter!(state, pod, node))]));
  }

  /** Raw and normalized scores of one plugin over all nodes; undefined when it skips. */
  scores(plugin: string, pod: Pod): { raw: readonly number[]; normalized: readonly number[] } | Status | undefined {
    const entry = this.plugin(plugin);
    const state = new CycleState();
    const nodes = this.nodes;
    const before = entry.preScore?.(state, pod, nodes);
    if (before !== undefined) return codeNames[before.code] === 'Skip' ? undefined : before;
    const raw = nodes.map((node) => entry.score!(state, pod, node) as number);
    const scores = Float64Array.from(raw);
    entry.normalizeScore?.(state, pod, scores, nodes);
    return { raw, normalized: [...scores] };
  }

  /** Raw scores of one plugin that neither skips nor fails. */
  rawScores(plugin: string, pod: Pod): readonly number[] {
    return this.scoresOf(plugin, pod).raw;
  }

  /** Normalized scores of one plugin that neither skips nor fails. */
  normalizedScores(plugin: string, pod: Pod): readonly number[] {
    return this.scoresOf(plugin, pod).normalized;
  }

  private scoresOf(plugin: string, pod: Pod): { raw: readonly number[]; normalized: readonly number[] } {
    const scores = this.scores(plugin, pod);
    assert(scores !== undefined && !(scores instanceof Status), `${plugin} gives no scores`);
    return scores;
  }

  private services(): FrameworkServices {
    const streams = new RandomStreams(nodeSha256, { seed: 'test', replication: 0 });
    return {
      clock: this.clock,
      snapshot: this.cache,
      cluster: this.cluster,
      nominator: this.nominator,
      podInfos: this.podInfos,
      waitingPods: new WaitingPods(() => () => undefined),
      expectedPods: () => this.expectedPods,
      random: (name) => streams.get(name),
      activate: () => undefined,
      send: (request, onResponse) => {
        this.sent.push(request as unknown as ApiRequest);
        onResponse?.(this.respond(request as unknown as ApiRequest) as ApiResponse<never>);
      },
      after: () => () => undefined,
      onClusterChange: () => undefined,
      kubeEvent: () => undefined,
      preemptionAttempt: () => undefined,
    };
  }
}
