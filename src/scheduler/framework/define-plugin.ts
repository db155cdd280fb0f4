/** One scheduler plugin, in-tree or a user's own: one value of this type and one line in a registry. */
import type { Handle } from './handle.ts';
import type { Plugin } from './interface.ts';

/** A refused part of a plugin's args. */
export interface ArgsProblem {
  /** Field names and positions below `args`, for example `['resources', 0, 'weight']`. */
  readonly path: readonly (string | number)[];
  /** Upstream's text, without the path. */
  readonly message: string;
}

/** What a registry holds: how a plugin is named, configured and made. */
export interface PluginDefinition<Args = unknown> {
  /** As in KubeSchedulerConfiguration. */
  readonly name: string;
  /** Sentence for `orrery list plugins`. */
  readonly description?: string;
  readonly defaultArgs?: Args;
  /**
   * Reads the args that a user wrote (plain YAML value; undefined = none given), fills in defaults and checks. Absent: the
   * plugin takes no args, and given ones are refused.
   */
  readonly readArgs?: (given: unknown, problems: ArgsProblem[]) => Args;
  /** Checks args made by `readArgs`, or the defaults. */
  readonly validateArgs?: (args: Args) => readonly ArgsProblem[];
  create(args: Args, handle: Handle): Plugin;
}

/** Definitions by name, in any order; the order of running comes from the profile. */
export type PluginRegistry = ReadonlyMap<string, PluginDefinition>;

/** Gives a definition its type: `export const nodeName = definePlugin({ name: 'NodeName', create: () => new NodeName() })`. */
export function definePlugin<Args = undefined>(definition: PluginDefinition<Args>): PluginDefinition {
  return definition as unknown as PluginDefinition;
}

/**
 * A registry of definitions; a later one with the same name replaces an earlier one (a user's own version of a plugin).
 */
export function pluginRegistry(...lists: readonly (readonly PluginDefinition[])[]): PluginRegistry {
  const registry = new Map<string, PluginDefinition>();
  for (const list of lists) for (const definition of list) registry.set(definition.name, definition);
  return registry;
}
