/**
 * Stops the run on a programmer mistake. Never used for domain outcomes (those are values) or for user mistakes
 * (those are diagnostics of the scenario layer).
 *
 * @throws AssertionError when `condition` is false.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function assertNever(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}

/** A broken invariant of the program itself; the command line turns it into exit code 3. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/**
 * Stops the run where a plugin breaks the rules of its extension point.
 *
 * @throws PluginMistake with `plugin "NAME" MESSAGE` when `condition` is false.
 */
export function assertPlugin(condition: boolean, plugin: string, message: string): asserts condition {
  if (!condition) throw new PluginMistake(plugin, message);
}

/** A mistake of whoever wrote a plugin: of the program itself only where the plugin is one of its own. */
export class PluginMistake extends AssertionError {
  readonly plugin: string;

  constructor(plugin: string, message: string) {
    super(`plugin "${plugin}" ${message}`);
    this.plugin = plugin;
  }
}

/**
 * Stops the run where, under `--verify`, an answer that is remembered of a plugin is not the one it gives when it is asked anew.
 *
 * @throws MemoryMistake when `condition` is false.
 */
export function assertRemembered(condition: boolean, message: string): asserts condition {
  if (!condition) throw new MemoryMistake(message);
}

/** Some plugin that says `isNodeLocal` looks at more. */
export class MemoryMistake extends AssertionError {}
