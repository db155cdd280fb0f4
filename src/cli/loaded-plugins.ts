/** The user's own plugins, as a run needs them. */
import type { Diagnostic } from '../scenario/diagnostics.ts';
import type { InputFile } from '../scenario/scenario.ts';
import type { PluginDefinition } from '../scheduler/framework/define-plugin.ts';

/** One module with plugins, as the manifest of the results lists it. */
export interface PluginFile {
  readonly file: string;
  readonly sha256: string;
  /** Names of the plugins that it defines. */
  readonly plugins: readonly string[];
}

/** The user's own plugins, or why they cannot be used. */
export interface LoadedPlugins {
  readonly definitions: readonly PluginDefinition[];
  readonly files: readonly PluginFile[];
  /** Modules that the named ones import: inputs of the run like these. */
  readonly imported: readonly InputFile[];
  /** All modules that were run: real paths, and how messages name them, the same wherever the folder lies. */
  readonly paths: ReadonlyMap<string, string>;
  readonly errors: readonly Diagnostic[];
}

/** What a scenario without plugins of its own has. */
export const noPlugins: LoadedPlugins = { definitions: [], files: [], imported: [], paths: new Map(), errors: [] };
