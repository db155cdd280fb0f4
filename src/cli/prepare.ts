/** From a scenario file to everything that a run needs: scenario, the user's plugins, the scheduler's setup. */
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Diagnostic } from '../scenario/diagnostics.ts';
import type { FileReader } from '../scenario/file-reader.ts';
import { isBelow } from '../scenario/file-reader.ts';
import type { TraceMemory } from '../scenario/resolve/trace-memory.ts';
import type { InputFile, Scenario } from '../scenario/scenario.ts';
import { readSchedulerSetup } from '../scenario/scheduler-setup.ts';
import type { SimulationOptions } from '../simulation.ts';
import { noPlugins } from './loaded-plugins.ts';
import type { LoadedPlugins, PluginFile } from './loaded-plugins.ts';
import type { PluginSource } from './plugin-loader.ts';

/** What the command line states over the scenario file. */
export interface RunSettings {
  readonly seed: string | undefined;
  readonly replication: number | undefined;
  /** Microseconds. */
  readonly until: number | undefined;
  /** `path=value` each. */
  readonly overrides: readonly string[];
  readonly allowOutside: boolean;
  /** Plugins from outside of the working folder may run. */
  readonly allowPlugins: boolean;
}

/** A run that can begin. */
export interface PreparedRun {
  /** The scenario file as the user named it. */
  readonly file: string;
  readonly settings: RunSettings;
  readonly scenario: Scenario;
  readonly scheduler: SimulationOptions['scheduler'];
  readonly plugins: readonly PluginFile[];
  /** Their modules by real path, and how messages name them, to tell their mistakes from ours. */
  readonly pluginPaths: ReadonlyMap<string, string>;
  /** Every file that was read, plugin modules included. */
  readonly inputs: readonly InputFile[];
  readonly warnings: readonly Diagnostic[];
  readonly inertKinds: ReadonlyMap<string, number>;
}

/** A run, or why there is none. */
export interface Preparation {
  readonly run: PreparedRun | undefined;
  /** Errors first, then warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What may be told beside the settings. */
export interface PrepareOptions {
  /** Whose plugins may run without being asked for; default: those below the working folder of the reader. */
  readonly isTrusted?: (realPath: string) => boolean;
  /** For one who prepares many runs. */
  readonly traces?: TraceMemory;
}

/** Loads and checks one scenario. Mistakes of the user are diagnostics; nothing is written. */
export async function prepareRun(
  file: string,
  settings: RunSettings,
  reader: FileReader,
  { isTrusted = belowWorkingFolder(reader), traces }: PrepareOptions = {},
): Promise<Preparation> {
  const { seed, replication, until, overrides, allowOutside, allowPlugins } = settings;
  const loaded = loadScenario(file, {
    reader,
    overrides,
    allowOutside,
    ...(seed !== undefined && { seed }),
    ...(replication !== undefined && { replication }),
    ...(until !== undefined && { until }),
    ...(traces !== undefined && { traces }),
  });
  const { scenario, warnings, inertKinds } = loaded;
  if (scenario === undefined) return { run: undefined, diagnostics: [...loaded.errors, ...warnings] };
  const source = { reader, scenarioPath: file, allowOutside, isTrusted: allowPlugins ? () => true : isTrusted };
  const plugins = await pluginsOf(scenario, source);
  if (plugins.errors.length > 0) return { run: undefined, diagnostics: [...plugins.errors, ...warnings] };
  const { setup, errors } = readSchedulerSetup(scenario, plugins.definitions);
  if (setup === undefined) return { run: undefined, diagnostics: [...errors, ...warnings] };
  const inputs = [...scenario.inputs, ...plugins.imported];
  const run: PreparedRun = {
    file,
    settings,
    scenario,
    scheduler: setup,
    plugins: plugins.files,
    pluginPaths: plugins.paths,
    inputs,
    warnings,
    inertKinds,
  };
  return { run, diagnostics: warnings };
}

function belowWorkingFolder(reader: FileReader): (realPath: string) => boolean {
  const entry = reader.stat('.');
  return (realPath) => entry.type === 'folder' && isBelow(realPath, entry.realPath);
}

/** What runs modules is loaded only for a scenario that names some. */
async function pluginsOf(scenario: Scenario, source: PluginSource): Promise<LoadedPlugins> {
  if (scenario.scheduler.plugins.length === 0) return noPlugins;
  const { loadPlugins } = await import('./plugin-loader.ts');
  return loadPlugins(scenario, source);
}
