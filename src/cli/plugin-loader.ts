/** From the plugin modules that a scenario names to the plugins that they define. */
import type { PluginDefinition } from '../scheduler/framework/define-plugin.ts';
import { DiagnosticList } from '../scenario/diagnostics.ts';
import type { FileReader } from '../scenario/file-reader.ts';
import { folderOf, isBelow, joinPath } from '../scenario/file-reader.ts';
import * as messages from '../scenario/messages.ts';
import type { Scenario, ScenarioFile } from '../scenario/scenario.ts';
import { noPlugins } from './loaded-plugins.ts';
import type { LoadedPlugins } from './loaded-plugins.ts';
import { sha256Hex } from './node-hash.ts';
import { PluginModuleError, PluginModules } from './plugin-modules.ts';

/** Where the modules come from. */
export interface PluginSource {
  readonly reader: FileReader;
  /** The scenario file: modules lie in or below its folder. */
  readonly scenarioPath: string;
  readonly allowOutside: boolean;
  /** Whether code from this real path may run. */
  readonly isTrusted: (realPath: string) => boolean;
}

/**
 * Runs the modules that the scenario names. Their code has the rights of the user who starts the run, as a build script
 * has: nothing runs unless the scenario and all of its modules are trusted.
 */
export async function loadPlugins(scenario: Pick<Scenario, 'scheduler'>, source: PluginSource): Promise<LoadedPlugins> {
  const { plugins } = scenario.scheduler;
  const folder = source.reader.stat(folderOf(source.scenarioPath));
  const realFolder = folder.type === 'folder' ? folder.realPath : folderOf(source.scenarioPath);
  const known = new Map<string, object>([['kube-orrery/plugin', await import('../plugin.ts')]]);
  const diagnostics = new DiagnosticList();
  refuseForeign(plugins, source, diagnostics);
  if (diagnostics.hasErrors) return { ...noPlugins, errors: diagnostics.errors };
  const whyRefused = (path: string): string | undefined => {
    if (!source.allowOutside && !isBelow(path, realFolder)) return "it lies outside the scenario's folder";
    return source.isTrusted(path) ? undefined : 'it is code from outside of the working folder: pass --allow-plugins';
  };
  const modules = new PluginModules(source.reader, known, whyRefused);
  const loaded = plugins.map((file) => ({ file, definitions: definitionsOf(file, modules, diagnostics) }));
  const named = new Map(plugins.map(({ realPath, file }) => [realPath, file]));
  const seenFromScenario = (path: string): string =>
    isBelow(path, realFolder) ? path.slice(realFolder.length + 1) : path;
  const textOf = new Map(modules.files.map(({ path, text }) => [path, text]));
  return {
    definitions: loaded.flatMap(({ definitions }) => definitions),
    files: loaded.map(({ file, definitions }) => ({
      file: file.file,
      sha256: sha256Hex(textOf.get(file.realPath) ?? ''),
      plugins: definitions.map(({ name }) => name),
    })),
    imported: modules.files
      .filter(({ path }) => !named.has(path))
      .map(({ path, text }) => ({ path: seenFromScenario(path), text })),
    paths: new Map(
      modules.files.map(({ path }) => [
        path,
        named.get(path) ?? joinPath(folderOf(source.scenarioPath), seenFromScenario(path)),
      ]),
    ),
    errors: diagnostics.errors,
  };
}

/** Tells, where they are named, of the modules that may not run: one of their file, the naming one and the scenario is foreign. */
function refuseForeign(
  plugins: readonly ScenarioFile[],
  { reader, scenarioPath, isTrusted }: PluginSource,
  diagnostics: DiagnosticList,
): void {
  const isForeign = (path: string): boolean => {
    const entry = reader.stat(path);
    return entry.type === 'file' && !isTrusted(entry.realPath);
  };
  for (const { file, realPath, namedAt } of plugins) {
    const foreign = isTrusted(realPath) ? [namedAt.file, scenarioPath].find(isForeign) : file;
    if (foreign !== undefined) diagnostics.add(messages.foreignPlugin(file, foreign), namedAt);
  }
}

function definitionsOf(
  { file, realPath }: ScenarioFile,
  modules: PluginModules,
  diagnostics: DiagnosticList,
): PluginDefinition[] {
  try {
    const exported = modules.load(realPath);
    const found = [...new Set(Object.values(exported))].filter(isDefinition);
    if (found.length > 0) return found;
    const names = Object.keys(exported).filter((name) => name !== '__esModule');
    const what = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`;
    tell(diagnostics, `${what}; a plugin is exported as definePlugin({ name, create })`, file, 1, 1);
  } catch (error) {
    if (!(error instanceof PluginModuleError)) throw error;
    const { path, line, column, message } = error;
    tell(diagnostics, message, path === realPath ? file : path, Math.max(1, line), Math.max(1, column));
  }
  return [];
}

function tell(diagnostics: DiagnosticList, message: string, file: string, line: number, column: number): void {
  diagnostics.add(messages.pluginModule(message), { file, line, column, endColumn: column, excerpt: '' });
}

function isDefinition(value: unknown): value is PluginDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { name, create } = value as Partial<PluginDefinition>;
  return typeof name === 'string' && name !== '' && typeof create === 'function';
}
