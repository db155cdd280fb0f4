/** Reads a folder of results back, as far as `diff` needs it. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, isBelow, joinPath } from '../scenario/file-reader.ts';
import { formatDiagnostics } from '../scenario/diagnostics.ts';
import { CliError } from './cli-error.ts';
import { CopiedFiles } from './copied-files.ts';
import { exitCodes } from './exit-codes.ts';
import type { Manifest } from './manifest.ts';
import { manifestSchema } from './manifest.ts';
import { prepareRun } from './prepare.ts';
import type { PreparedRun } from './prepare.ts';
import { manifestName } from './result-folder.ts';

/** A result and where it lies. */
export interface ReadResult {
  /** As the user named it. */
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * Reads the manifest of a result. `name` is what the user typed, `folder` where that is.
 *
 * @throws CliError where there is none that can be read.
 */
export function readResult(name: string, folder: string): ReadResult {
  const path = join(folder, manifestName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CliError(`orrery: ${name} is no result of a run: it has no ${manifestName}`);
  }
  const manifest = parsed(text) as Partial<Manifest> | undefined;
  if (manifest?.schema !== manifestSchema)
    throw new CliError(`orrery: ${path} is no manifest that this version reads (${manifestSchema})`);
  return { name, folder, manifest: manifest as Manifest };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Deep enough that a scenario named by `../../x.yaml` still lies below it. */
const memoryRoot = '/run/run/run/run/run/run/run/run';

/** The run of a result, to be run again from the copies of its inputs. Its plugins run if they are allowed, or lie below `cwd`. */
export async function prepareAgain(
  { name, folder, manifest }: ReadResult,
  { cwd, allowPlugins }: { readonly cwd: string; readonly allowPlugins: boolean },
): Promise<PreparedRun> {
  const { inputs, scenario, settings } = manifest;
  const file = joinPath(memoryRoot, scenario.file);
  const reader = new CopiedFiles(
    inputs.map(({ path, copy }) => [
      joinPath(isOutside(path) ? memoryRoot : folderOf(file), path),
      readFileSync(join(folder, copy)),
    ]),
  );
  const { until, seed, replication } = settings;
  const restored = { ...settings, until, seed, replication, allowPlugins };
  const isTrusted = isBelow(realpathSync(folder), realpathSync(cwd));
  const { run, diagnostics } = await prepareRun(file, restored, reader, { isTrusted: () => isTrusted });
  if (run === undefined) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    throw new CliError(
      `orrery: ${name} cannot be run again from its inputs:\n${formatDiagnostics(errors)}`,
      errors.some(({ code }) => code === 'E045') ? exitCodes.usage : exitCodes.io,
    );
  }
  return run;
}

const isOutside = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');
