/** Args of plugins as users write them (upstream `ps/apis/config/v1`, strict decoding). */
import { FieldPosition } from '../../api/decode/field-position.ts';
import { FieldReader, isRawObject } from '../../api/decode/field-reader.ts';
import type { FieldProblem } from '../../api/decode/problems.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';

const apiVersion = 'kubescheduler.config.k8s.io/v1';

/**
 * Reads args through a FieldReader. Unknown fields are problems, with a suggestion; `apiVersion` and `kind` may stand there
 * as upstream writes them.
 *
 * @param plugin name of the plugin; the kind of its args is that with `Args` appended.
 */
export function readPluginArgs<Args>(
  plugin: string,
  fields: readonly string[],
  given: unknown,
  problems: ArgsProblem[],
  read: (reader: FieldReader) => Args,
): Args {
  const found: FieldProblem[] = [];
  const at = new FieldPosition([], '', found, found);
  if (given !== undefined && given !== null && !isRawObject(given)) at.invalid(given, 'must be an object');
  const reader = new FieldReader(isRawObject(given) ? given : {}, at);
  reader.warnUnknown(new Set(['apiVersion', 'kind', ...fields]));
  const kind = reader.text('kind');
  if (kind !== '' && kind !== `${plugin}Args`) at.field('kind').invalid(kind, 'has to match plugin args');
  const version = reader.text('apiVersion');
  if (version !== '' && version !== apiVersion) {
    at.field('apiVersion').invalid(
      version,
      `no kind "${plugin}Args" is registered for this version (expected ${apiVersion})`,
    );
  }
  const args = read(reader);
  for (const { path, message } of found) problems.push({ path, message: withoutField(message, path.length > 0) });
  return args;
}

/** The text after `field: `; messages of unknown fields do not begin with the field. */
function withoutField(message: string, hasField: boolean): string {
  const end = message.indexOf(': ');
  return !hasField || end < 0 || message.startsWith('unknown field') ? message : message.slice(end + 2);
}

/** A problem of args in upstream's words: `Invalid value: 101: ...`. */
export function invalidArg(path: ArgsProblem['path'], value: unknown, detail: string): ArgsProblem {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return { path, message: `Invalid value: ${shown}: ${detail}` };
}
