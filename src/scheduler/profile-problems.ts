/** What is wrong with a profile beyond its fields: found by making its plugins (upstream `profile.NewMap`). */
import type { ConfigurationProblem, SchedulerConfiguration } from './configuration.ts';
import type { PluginRegistry } from './framework/define-plugin.ts';
import { Framework } from './framework/runtime.ts';
import { idleServices } from './idle-services.ts';

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
    const { problems } = new Framework(profile, registry, idleServices());
    return problems.map((problem) => ({ path: ['profiles', at], message: `${subject}: ${problem}` }));
  });
}
