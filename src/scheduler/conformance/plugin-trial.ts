/** One plugin in one drawn cluster: real cache and framework, without API server and time. */
import type { Pod } from '../../api/core-v1.ts';
import { decodeNode } from '../../api/decode/core-v1.ts';
import { FieldPosition } from '../../api/decode/field-position.ts';
import { FieldReader } from '../../api/decode/field-reader.ts';
import { decodePod } from '../../api/decode/pod.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { newPod } from '../../apiserver/pod-object.ts';
import { RandomStream } from '../../engine/random.ts';
import { SchedulerCache } from '../cache.ts';
import { readSchedulerConfiguration } from '../configuration.ts';
import type { SchedulerConfiguration } from '../configuration.ts';
import type { PluginDefinition, PluginRegistry } from '../framework/define-plugin.ts';
import { pluginRegistry } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { PodInfoFactory } from '../framework/pod-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { Framework } from '../framework/runtime.ts';
import { deepFreeze } from '../../util/deep-freeze.ts';
import { textOfValue } from '../../util/value-text.ts';
import { idleServices } from '../idle-services.ts';
import { inTreePlugins } from '../plugins/registry.ts';
import type { DrawnWorld, Manifest } from './drawn-world.ts';

/** What all trials of one plugin have in common. */
export interface TrialSetup {
  readonly name: string;
  readonly registry: PluginRegistry;
  readonly configuration: SchedulerConfiguration;
  readonly problems: readonly string[];
}

/** A profile with this plugin alone, configured with the args if there are any. */
export function setupOf(definition: PluginDefinition, args: unknown): TrialSetup {
  const { name } = definition;
  const registry = pluginRegistry(inTreePlugins, [definition]);
  const raw = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [
      {
        plugins: { multiPoint: { enabled: [{ name }], disabled: [{ name: '*' }] } },
        pluginConfig: args === undefined ? [] : [{ name, args }],
      },
    ],
  };
  const { configuration, problems } = readSchedulerConfiguration(raw, registry);
  return { name, registry, configuration, problems: problems.map(({ message }) => message) };
}

/** A plugin, what it is asked about, and how often it drew a random number. */
export class PluginTrial {
  /** What is wrong with the configuration; then nothing may be asked. */
  readonly problems: readonly string[];
  readonly nodes: readonly NodeInfo[];
  readonly pod: Pod;
  private readonly framework: Framework;
  private readonly name: string;
  private readonly podInfos = new PodInfoFactory();
  private readonly cache = new SchedulerCache(this.podInfos);
  private readonly streams = new Map<string, RandomStream>();
  private uid = 0;

  constructor({ name, registry, configuration, problems }: TrialSetup, world: DrawnWorld) {
    this.name = name;
    for (const manifest of world.nodes) this.cache.addNode(deepFreeze(decodeNode(readerOf(manifest))));
    for (const manifest of world.bound) this.cache.addPod(deepFreeze(this.podFrom(manifest)));
    this.cache.updateSnapshot();
    this.nodes = this.cache.nodes;
    this.pod = deepFreeze(this.podFrom(world.waiting));
    const services = { ...idleServices(this.podInfos, this.cache), random: (name: string) => this.random(name) };
    this.framework = new Framework(configuration.profiles[0]!, registry, services);
    // Alone the plugin makes no whole profile, and need not.
    const own = this.framework.problems.filter((problem) => !/^(only one queue sort|at least one bind)/.test(problem));
    this.problems = [...problems, ...own];
  }

  get plugin(): Plugin {
    return this.framework.plugin(this.name)!;
  }

  get drawCount(): number {
    return [...this.streams.values()].reduce((sum, { drawCount }) => sum + drawCount, 0);
  }

  podInfo(pod: Pod): PodInfo {
    return this.podInfos.podInfo(pod);
  }

  /** Another pod, as what-ifs put it on a node. */
  guest(manifest: Manifest): PodInfo {
    return this.podInfo(deepFreeze(this.podFrom(manifest)));
  }

  /** Everything that a plugin is shown and must leave as it is, as text. */
  inputsText(): string {
    return textOfValue([this.nodes, this.pod, this.podInfo(this.pod).needs]);
  }

  private podFrom(manifest: Manifest): Pod {
    const { metadata, spec, status } = decodePod(readerOf(manifest));
    return newPod(metadataWith(metadata, { uid: ++this.uid }), spec, status);
  }

  private random(name: string): RandomStream {
    let stream = this.streams.get(name);
    if (stream === undefined) this.streams.set(name, (stream = new RandomStream(name, name)));
    return stream;
  }
}

function readerOf(manifest: Manifest): FieldReader {
  return new FieldReader(manifest, new FieldPosition([], '', [], []));
}
