/** Where tests find data that is not part of the repository. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of a trace in `$ORRERY_TRACES`, else beside the repository; undefined, said loudly, where it is in neither. */
export function traceFolder(name: string): string | undefined {
  const root = process.env['ORRERY_TRACES'];
  const beside = fileURLToPath(new URL('../../../shared/traces', import.meta.url));
  const candidates = [...(root === undefined ? [] : [root]), beside].map((folder) => join(folder, name));
  const found = candidates.find((folder) => existsSync(folder));
  if (found === undefined)
    console.warn(`SKIPPED: tests with the trace ${name}: it is not in ${candidates.join(' nor in ')}`);
  return found;
}
