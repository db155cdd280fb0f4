/** What is wrong with a profile beyond its fields: found by making its plugins (upstream `profile.NewMap`). */
import { RandomStream } from '../engine/random.ts';
import type { ConfigurationProblem, SchedulerConfiguration } from './configuration.ts';
import { SchedulerCache } from './cache.ts';
import type { PluginRegistry } from './framework/define-plugin.ts';
import { PodInfoFactory } from './framework/pod-info.ts';
import { Framework } from './framework/runtime.ts';
import type { FrameworkServices } from './framework/runtime.ts';
import { WaitingPods } from './framework/waiting-pods.ts';

/**
 * Plugins that do not work where they are enabled, stand somewhere twice, or are missing where one is needed; said of their
 * profile, in upstream's words.
 */
export function profileProblems(
  { profiles }: SchedulerConfiguration,
  registry: PluginRegistry,
): readonly ConfigurationProblem[] {
  return profiles.flatMap((profile, at) => {
    const subject = `creating profile for scheduler name ${profile.schedulerName}`;
    const { problems } = new Framework(profile, registry, emptyCluster());
    return problems.map((problem) => ({ path: ['profiles', at], message: `${subject}: ${problem}` }));
  });
}

/** What plugins are made with when nothing will be scheduled. */
function emptyCluster(): FrameworkServices {
  const podInfos = new PodInfoFactory();
  return {
    clock: { now: 0 },
    snapshot: new SchedulerCache(podInfos),
    cluster: { get: () => undefined, list: () => [], by: () => [] },
    nominator: { nominatedPods: () => [] },
    podInfos,
    waitingPods: new WaitingPods(() => () => undefined),
    random: (name) => new RandomStream(name, name),
    activate: () => undefined,
    send: () => undefined,
    after: () => () => undefined,
    onClusterChange: () => undefined,
    kubeEvent: () => undefined,
  };
}
