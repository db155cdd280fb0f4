/** Profiles that are there by name: what `spec.scheduler.profile` and `--profile` of comparisons accept. */
import { gpuMilli } from './devices/shared-gpus.ts';
import type { PluginRegistry } from './framework/define-plugin.ts';

type Raw = Readonly<Record<string, unknown>>;

const resources = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

const withStrategy = (scoringStrategy: Raw): Raw => ({
  pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy } }],
});

/** What pods need that share GPUs: a plugin that gives them, and scores that see them. */
const sharing = 'GpuShare';
const deviceArgs: Raw = {
  resources: [
    { name: 'cpu', weight: 1 },
    { name: gpuMilli, weight: 1 },
  ],
};

/** Named for the scoring strategy in which they differ from kube-scheduler without a file. */
const named: ReadonlyMap<string, Raw> = new Map([
  ['default', {}],
  ['least-allocated', withStrategy({ type: 'LeastAllocated', resources })],
  ['most-allocated', withStrategy({ type: 'MostAllocated', resources })],
  [
    'requested-to-capacity-ratio',
    withStrategy({
      type: 'RequestedToCapacityRatio',
      resources,
      requestedToCapacityRatio: {
        shape: [
          { utilization: 0, score: 0 },
          { utilization: 100, score: 10 },
        ],
      },
    }),
  ],
]);

/**
 * A KubeSchedulerConfiguration by name, as a file would hold it; undefined where nothing is called so. Beside the strategies of
 * NodeResourcesFit, every plugin of the registry is a profile in which no other one scores: `best-fit` is BestFit alone.
 *
 * @param hasShares the workload asks for shares of GPUs: they are given, and BestFit and DotProduct look at cpu and GPUs.
 */
export function policyProfile(name: string, registry: PluginRegistry, hasShares = false): unknown {
  const beside = hasShares ? [{ name: sharing }] : [];
  const strategy = named.get(name);
  if (strategy !== undefined)
    return configurationOf(hasShares ? { ...strategy, plugins: { multiPoint: { enabled: beside } } } : strategy);
  const plugin = [...registry.keys()].find((candidate) => kebabCase(candidate) === name);
  if (plugin === undefined) return undefined;
  const enabled = [{ name: plugin }];
  const looksAtDevices = hasShares && (plugin === 'BestFit' || plugin === 'DotProduct');
  return configurationOf({
    plugins: { multiPoint: { enabled: [...enabled, ...beside] }, score: { enabled, disabled: [{ name: '*' }] } },
    ...(looksAtDevices && { pluginConfig: [{ name: plugin, args: deviceArgs }] }),
  });
}

/** Names of the strategies, then of the plugins: for messages. */
export function policyProfileNames(registry: PluginRegistry): readonly string[] {
  return [...named.keys(), ...[...registry.keys()].map(kebabCase)];
}

function configurationOf(profile: Raw): unknown {
  return { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profiles: [profile] };
}

/** The profile of a plugin: `NodeResourcesFit` as `node-resources-fit`. */
export function kebabCase(name: string): string {
  return name.replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1-').toLowerCase();
}
