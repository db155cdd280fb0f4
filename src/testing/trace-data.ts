/** Where tests find data that is not part of the repository. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of a trace in `$ORRERY_TRACES`, else beside the repository (npm runs commands in it); undefined, said loudly, where it is in neither. */
export function traceFolder(name: string): string | undefined {
  const root = process.env['ORRERY_TRACES'];
  const beside = resolve('../shared/traces');
  const candidates = [...(root === undefined ? [] : [root]), beside].map((folder) => join(folder, name));
  const found = candidates.find((folder) => existsSync(folder));
  if (found === undefined)
    console.warn(`SKIPPED: tests with the trace ${name}: it is not in ${candidates.join(' nor in ')}`);
  return found;
}
