/** What `kube-scheduler --write-config-to` writes: the configuration with all that was left out. */
import { isRawObject } from '../api/decode/field-reader.ts';
import type { RawObject } from '../api/decode/field-reader.ts';
import type { SchedulerConfiguration } from '../scheduler/configuration.ts';
import { emptyPluginSet, enabledPlugins, extensionPoints } from '../scheduler/framework/profile.ts';
import type { PluginSet, ProfileConfiguration } from '../scheduler/framework/profile.ts';
import { completedArgs, withoutNulls } from './completed-args.ts';

const clientConnection = {
  acceptContentTypes: '',
  burst: 100,
  contentType: 'application/vnd.kubernetes.protobuf',
  kubeconfig: '',
  qps: 50,
};
const leaderElection = {
  leaderElect: true,
  leaseDuration: '15s',
  renewDeadline: '10s',
  resourceLock: 'leases',
  resourceName: 'kube-scheduler',
  resourceNamespace: 'kube-system',
  retryPeriod: '2s',
};
const general = { enableContentionProfiling: true, enableProfiling: true, parallelism: 16 };

/**
 * The complete configuration as plain data in kubescheduler.config.k8s.io/v1.
 *
 * @param raw as the user wrote it, without mistakes; undefined = none.
 * @param configuration what was read from it.
 */
export function completedConfiguration(raw: unknown, configuration: SchedulerConfiguration): RawObject {
  const given = withoutNulls(isRawObject(raw) ? raw : {});
  const profiles = rawObjects(given['profiles']);
  return {
    ...general,
    ...given,
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: completed(clientConnection, given['clientConnection']),
    leaderElection: completed(leaderElection, given['leaderElection']),
    percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    podInitialBackoffSeconds: configuration.podInitialBackoffSeconds,
    podMaxBackoffSeconds: configuration.podMaxBackoffSeconds,
    profiles: configuration.profiles.map((profile, at) => completedProfile(profile, profiles[at])),
  };
}

function completed(defaults: RawObject, given: unknown): RawObject {
  return { ...defaults, ...withoutNulls(isRawObject(given) ? given : {}) };
}

function completedProfile(profile: ProfileConfiguration, given: RawObject | undefined): RawObject {
  const { schedulerName, percentageOfNodesToScore, plugins } = profile;
  const sets = ['multiPoint', ...extensionPoints] as const;
  return {
    ...(percentageOfNodesToScore !== undefined && { percentageOfNodesToScore }),
    pluginConfig: completedPluginConfig(profile, rawObjects(given?.['pluginConfig'])),
    plugins: Object.fromEntries(sets.map((name) => [name, pluginSetOf(plugins.get(name) ?? emptyPluginSet)])),
    schedulerName,
  };
}

/** What the user configured, in his order; then the args of the other enabled plugins by name. */
function completedPluginConfig({ plugins }: ProfileConfiguration, given: readonly RawObject[]): readonly RawObject[] {
  const named = new Set(given.map(({ name }) => name));
  const others = enabledPlugins(plugins).filter((name) => !named.has(name));
  return [
    ...given.map(({ name, args }) => configOf(String(name), args)),
    ...others
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => configOf(name, undefined))
      .filter(({ args }) => args !== undefined),
  ];
}

function configOf(name: string, given: unknown): RawObject {
  const args = completedArgs(name, given ?? undefined);
  return args === undefined ? { name } : { args, name };
}

function pluginSetOf({ enabled, disabled }: PluginSet): RawObject {
  return {
    ...(disabled.length > 0 && { disabled: disabled.map((name) => ({ name, weight: 0 })) }),
    ...(enabled.length > 0 && { enabled: enabled.map(({ name, weight }) => ({ name, weight })) }),
  };
}

function rawObjects(list: unknown): readonly RawObject[] {
  return Array.isArray(list) ? list.filter(isRawObject) : [];
}
