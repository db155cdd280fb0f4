/** The scheduler that a scenario asks for: its configuration read against the plugins that there are. */
import { readSchedulerConfiguration } from '../scheduler/configuration.ts';
import type { SchedulerConfiguration } from '../scheduler/configuration.ts';
import type { PluginDefinition, PluginRegistry } from '../scheduler/framework/define-plugin.ts';
import { pluginRegistry } from '../scheduler/framework/define-plugin.ts';
import { enabledPlugins } from '../scheduler/framework/profile.ts';
import { inTreePlugins } from '../scheduler/plugins/registry.ts';
import { kebabCase, policyProfile, policyProfileNames } from '../scheduler/policy-profiles.ts';
import { profileProblems } from '../scheduler/profile-problems.ts';
import type { Diagnostic, Finding } from './diagnostics.ts';
import { nearest } from '../util/suggest.ts';
import { DiagnosticList } from './diagnostics.ts';
import * as messages from './messages.ts';
import type { Scenario } from './scenario.ts';

/** What the scheduler runs with, or why it does not. */
export interface SchedulerSetupResult {
  /** Undefined where there are errors. */
  readonly setup: { readonly configuration: SchedulerConfiguration; readonly registry: PluginRegistry } | undefined;
  readonly errors: readonly Diagnostic[];
}

/** What a scenario says of it; without a trace nothing is said of shared GPUs. */
type SchedulerAsked = Pick<Scenario, 'scheduler'> & Partial<Pick<Scenario, 'trace'>>;

/**
 * Reads the scheduler's configuration. `plugins` are the user's own, from the modules that the scenario names; one with the
 * name of an in-tree plugin takes its place.
 */
export function readSchedulerSetup(
  scenario: SchedulerAsked,
  plugins: readonly PluginDefinition[],
): SchedulerSetupResult {
  const registry = pluginRegistry(inTreePlugins, plugins);
  const diagnostics = new DiagnosticList();
  const { config, profile } = scenario.scheduler;
  const raw = rawConfiguration(scenario, registry);
  if (profile !== undefined && raw === undefined) {
    diagnostics.add(unknownProfile(profile.name, plugins, registry), profile.namedAt);
    return { setup: undefined, errors: diagnostics.errors };
  }
  const { configuration, problems: fieldProblems } = readSchedulerConfiguration(raw, registry);
  const problems = fieldProblems.length > 0 ? fieldProblems : profileProblems(configuration, registry);
  for (const { path, message } of problems) {
    const finding = messages.schedulerConfiguration(message);
    const place = profile?.namedAt ?? config?.locate(path, message.includes('unknown field') ? 'key' : 'value');
    diagnostics.add(finding, place ?? { file: '', line: 1, column: 1, endColumn: 1, excerpt: '' });
  }
  if (scenario.trace?.replay === 'inOrder' && hasShares(scenario) && !givesShares(configuration)) {
    const message = 'the pods of the trace ask for GPUs, and no plugin gives them: enable GpuShare at multiPoint';
    const place = config?.locate([], 'key') ?? { file: '', line: 1, column: 1, endColumn: 1, excerpt: '' };
    diagnostics.add(messages.schedulerConfiguration(message), place);
  }
  return { setup: diagnostics.hasErrors ? undefined : { configuration, registry }, errors: diagnostics.errors };
}

function unknownProfile(name: string, plugins: readonly PluginDefinition[], registry: PluginRegistry): Finding {
  const known = policyProfileNames(registry);
  if (plugins.length === 0 || nearest(name, known) !== undefined) return messages.noSuch('profile', name, known);
  const own = plugins.map((plugin) => plugin.name);
  return messages.noPluginProfile(name, own, own.map(kebabCase));
}

/** The configuration as a file would hold it; undefined = none is given, or no profile is called so. */
export function rawConfiguration(scenario: SchedulerAsked, registry: PluginRegistry): unknown {
  const { config, profile } = scenario.scheduler;
  return profile === undefined ? config?.raw : policyProfile(profile.name, registry, hasShares(scenario));
}

function hasShares({ trace }: SchedulerAsked): boolean {
  return trace?.pods.some(({ devices }) => devices !== undefined) ?? false;
}

function givesShares({ profiles }: SchedulerConfiguration): boolean {
  return profiles.every(({ plugins }) => enabledPlugins(plugins).includes('GpuShare'));
}
