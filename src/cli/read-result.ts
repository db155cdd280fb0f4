/** Reads a folder of results back, as far as `diff` needs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, joinPath } from '../scenario/file-reader.ts';
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

/** Reads the manifest of a result. `name` is what the user typed, `folder` where that is. */
export function readResult(name: string, folder: string): ReadResult {
  const path = join(folder, manifestName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CliError(`orrery: ${name} is no result of a run: it has no ${manifestName}`, exitCodes.io);
  }
  const manifest = parsed(text) as Partial<Manifest> | undefined;
  if (manifest?.schema !== manifestSchema)
    throw new CliError(`orrery: ${path} is no manifest that this version reads (${manifestSchema})`, exitCodes.io);
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

/** The run of a result, to be run again from the copies of its inputs. */
export async function prepareAgain({ name, folder, manifest }: ReadResult): Promise<PreparedRun> {
  const { inputs, scenario, settings } = manifest;
  const file = joinPath(memoryRoot, scenario.file);
  const reader = new CopiedFiles(
    inputs.map(({ path, copy }) => [
      joinPath(isOutside(copy) ? memoryRoot : folderOf(file), path),
      readFileSync(join(folder, copy)),
    ]),
  );
  const restored = { ...settings, until: settings.until, seed: settings.seed, replication: settings.replication };
  const { run, diagnostics } = await prepareRun(file, restored, reader);
  if (run === undefined) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    throw new CliError(
      `orrery: ${name} cannot be run again from its inputs:\n${formatDiagnostics(errors)}`,
      exitCodes.io,
    );
  }
  return run;
}

const isOutside = (copy: string): boolean => copy.startsWith('inputs-outside/');
