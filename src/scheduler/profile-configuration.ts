/** One profile of a KubeSchedulerConfiguration, merged with the default one (`ps/apis/config/v1/default_plugins.go`). */
import type { FieldReader } from '../api/decode/field-reader.ts';
import { nearest } from '../util/suggest.ts';
import type { ArgsProblem, PluginDefinition, PluginRegistry } from './framework/define-plugin.ts';
import { emptyPluginSet, enabledPlugins, extensionPoints } from './framework/profile.ts';
import type { PluginEntry, PluginSet, PluginSetName, ProfileConfiguration } from './framework/profile.ts';
import { defaultMultiPoint, notModelledPlugins } from './plugins/default-profiles.ts';

/** Name of the profile that serves pods which name no scheduler. */
export const defaultSchedulerName = 'default-scheduler';

const profileFields: ReadonlySet<string> = new Set([
  'schedulerName',
  'percentageOfNodesToScore',
  'plugins',
  'pluginConfig',
]);
const setNames: readonly PluginSetName[] = ['multiPoint', ...extensionPoints];
const setNamesKnown: ReadonlySet<string> = new Set(setNames);
const setFields: ReadonlySet<string> = new Set(['enabled', 'disabled']);
const enabledFields: ReadonlySet<string> = new Set(['name', 'weight']);
const configFields: ReadonlySet<string> = new Set(['name', 'args']);
/** Plugins that upstream has removed; naming them is an error of its own. */
const removedPlugins: readonly string[] = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits'];

/**
 * Reads one profile.
 *
 * @param fallbackName schedulerName where none is given; empty = it must be given.
 * @param percentage the profile's own percentageOfNodesToScore; undefined = the scheduler's.
 */
export function readProfile(
  reader: FieldReader,
  fallbackName: string,
  registry: PluginRegistry,
  percentage: number | undefined,
): ProfileConfiguration {
  reader.warnUnknown(profileFields);
  const plugins = readPlugins(reader, registry);
  const schedulerName = reader.text('schedulerName');
  return {
    schedulerName: schedulerName === '' ? fallbackName : schedulerName,
    percentageOfNodesToScore: percentage,
    plugins,
    args: readArgs(reader, registry, enabledPlugins(plugins)),
  };
}

function readPlugins(reader: FieldReader, registry: PluginRegistry): ReadonlyMap<PluginSetName, PluginSet> {
  const given = reader.object('plugins');
  given?.warnUnknown(setNamesKnown);
  const plugins = new Map<PluginSetName, PluginSet>();
  for (const name of setNames) {
    const custom = readSet(given?.object(name), registry);
    if (name === 'multiPoint') plugins.set(name, mergePlugins(defaultMultiPoint, custom));
    else if (custom !== emptyPluginSet) plugins.set(name, custom);
  }
  const sorters = plugins.get('queueSort')?.enabled ?? [];
  if (sorters.length > 1) {
    const at = given!.at.field('queueSort').field('enabled');
    at.invalid(sorters.map(({ name }) => name).join(' '), 'only one queue sort plugin can be enabled');
  }
  return plugins;
}

function readSet(reader: FieldReader | undefined, registry: PluginRegistry): PluginSet {
  if (reader === undefined) return emptyPluginSet;
  reader.warnUnknown(setFields);
  const enabled: PluginEntry[] = [];
  for (const entry of reader.objects('enabled')) {
    entry.warnUnknown(enabledFields);
    const name = entry.requiredText('name');
    const weight = entry.integer('weight', 0, { min: -2147483648 });
    if (name !== '' && isKnown(entry, name, registry)) enabled.push({ name, weight });
  }
  const disabled = reader.objects('disabled').map((entry) => {
    entry.warnUnknown(enabledFields);
    return entry.requiredText('name');
  });
  return { enabled, disabled };
}

/** Whether a plugin may be named; if not, says why. */
function isKnown(reader: FieldReader, name: string, registry: PluginRegistry): boolean {
  if (registry.has(name)) return true;
  const at = reader.at.field('name');
  if (removedPlugins.includes(name)) {
    const version = 'kubescheduler.config.k8s.io/v1';
    reader.at.invalid(name, `was invalid in version "${version}" (KubeSchedulerConfiguration is version "${version}")`);
  } else if (notModelledPlugins.includes(name)) {
    at.forbidden(`plugin "${name}" is not modelled by this version of the simulator`);
  } else {
    const meant = nearest(name, registry.keys());
    at.invalid(name, `plugin "${name}" does not exist${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`);
  }
  return false;
}

/**
 * Upstream `mergePluginSet`: what the user enables replaces the default of the same name in its place, the rest of the
 * defaults stays unless disabled, and what is new comes last.
 */
export function mergePlugins(defaults: readonly PluginEntry[], custom: PluginSet): PluginSet {
  const isDisabled = (name: string): boolean => custom.disabled.includes('*') || custom.disabled.includes(name);
  const enabled: PluginEntry[] = [];
  const replaced = new Set<string>();
  for (const entry of defaults) {
    if (isDisabled(entry.name)) continue;
    const own = custom.enabled.find(({ name }) => name === entry.name);
    if (own !== undefined) replaced.add(own.name);
    enabled.push(own ?? entry);
  }
  enabled.push(...custom.enabled.filter(({ name }) => !replaced.has(name)));
  return { enabled, disabled: custom.disabled };
}

/** Args of the enabled plugins, defaults filled in. */
function readArgs(
  reader: FieldReader,
  registry: PluginRegistry,
  enabled: readonly string[],
): ReadonlyMap<string, unknown> {
  const given = new Map<string, FieldReader>();
  for (const entry of reader.objects('pluginConfig')) {
    entry.warnUnknown(configFields);
    const name = entry.requiredText('name');
    if (name === '' || !isKnown(entry, name, registry)) continue;
    if (!given.has(name)) given.set(name, entry);
    else {
      entry.at.duplicate(name);
      argsOf(registry.get(name)!, entry);
    }
  }
  const args = new Map<string, unknown>();
  for (const name of new Set([...enabled, ...given.keys()])) {
    const definition = registry.get(name);
    if (definition !== undefined) args.set(name, argsOf(definition, given.get(name)));
  }
  return args;
}

function argsOf(definition: PluginDefinition, entry: FieldReader | undefined): unknown {
  const given = entry?.value('args');
  const problems: ArgsProblem[] = [];
  if (definition.readArgs === undefined) {
    if (given !== undefined) entry!.at.field('args').forbidden(`plugin "${definition.name}" takes no args`);
    return definition.defaultArgs;
  }
  const args = definition.readArgs(given, problems);
  if (problems.length === 0) problems.push(...(definition.validateArgs?.(args) ?? []));
  const at = entry?.at.field('args');
  for (const { path, message } of problems) {
    const subject = formatFieldPath(at?.text ?? '', path);
    at?.problems.push({ path: [...at.path, ...path], message: `${subject}: ${message}` });
  }
  return args;
}

/** A path below a field as upstream prints it: `profiles[0].pluginConfig[1].args.resources[0].weight`. */
function formatFieldPath(field: string, path: ArgsProblem['path']): string {
  return path.reduce<string>((text, step) => `${text}${typeof step === 'number' ? `[${step}]` : `.${step}`}`, field);
}
