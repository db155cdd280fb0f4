/** The finished run that is to be explained: its manifest, its tables, and whether it can be executed again as it was. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { folderOf, joinPath } from '../../scenario/file-reader.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { sha256Hex } from '../node-hash.ts';
import { orreryVersion } from '../orrery-version.ts';
import { readResult } from '../read-result.ts';
import type { ReadResult } from '../read-result.ts';
import { manifestName } from '../result-folder.ts';

/** A run as it was, and what became of its files since. */
export interface FinishedRun extends ReadResult {
  /** Input files that are not what they were when the run was made, as the manifest names them. */
  readonly changedInputs: readonly string[];
}

/**
 * Opens the folder of a result.
 *
 * @throws CliError (exit code 2) where it is none, is of another version, or its copies of the inputs were changed.
 */
export function readRun(name: string, io: CliIo): FinishedRun {
  const folder = resolve(io.cwd, name);
  if (!existsSync(join(folder, manifestName))) throw new CliError(noRunMessage(name, folder));
  const result = readResult(name, folder);
  const { versions, command, inputs, files, scenario } = result.manifest as Partial<ReadResult['manifest']>;
  if (versions === undefined || inputs === undefined || files === undefined || scenario === undefined)
    throw new CliError(`orrery: ${join(name, manifestName)} is damaged: parts of it are missing`);
  const version = orreryVersion();
  if (versions.orrery !== version)
    throw new CliError(
      `orrery: ${name} was made by orrery ${versions.orrery}, and this is ${version}: a run is explained by executing it ` +
        `again, which only its own version does truly.\nRun it again with this version: ${command}`,
    );
  for (const { path, copy, sha256 } of inputs)
    if (hashOf(join(folder, copy)) !== sha256)
      throw new CliError(
        `orrery: ${join(name, copy)} is not the ${path} that was run: the run cannot be executed again.\n` +
          `Run it again: ${command}`,
      );
  return { ...result, changedInputs: changedInputs(result, io.cwd) };
}

function noRunMessage(name: string, folder: string): string {
  const runs = runsBelow(folder, name);
  const hint = runs.length === 0 ? '' : `; did you mean ${runs.join(' or ')}?`;
  return `orrery: ${name} is no result of a run: it has no ${manifestName}${hint}`;
}

const RUNS_SHOWN = 3;

/** Results in or two steps below a folder, as the user would type them. */
function runsBelow(folder: string, name: string): string[] {
  const foldersOf = (path: string): string[] => {
    try {
      return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    } catch {
      return [];
    }
  };
  const below = foldersOf(folder).sort((a, b) => (a < b ? -1 : 1));
  const paths = below.flatMap((first) => [first, ...foldersOf(join(folder, first)).map((next) => join(first, next))]);
  return paths
    .filter((path) => existsSync(join(folder, path, manifestName)))
    .slice(0, RUNS_SHOWN)
    .map((path) => join(name, path));
}

function hashOf(path: string): string | undefined {
  return existsSync(path) ? sha256Hex(readFileSync(path)) : undefined;
}

/** Files that are still where they were and hold something else. */
function changedInputs({ manifest }: ReadResult, cwd: string): string[] {
  const folder = folderOf(resolve(cwd, manifest.scenario.file));
  return manifest.inputs
    .filter(({ path, sha256 }) => {
      const now = hashOf(joinPath(folder, path));
      return now !== undefined && now !== sha256;
    })
    .map(({ path }) => joinPath(folderOf(manifest.scenario.file), path));
}

/** A table of the run as text. */
export function tableText({ name, folder, manifest }: ReadResult, table: string): string {
  const path = `${table}.csv`;
  const text = existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined;
  const listed = manifest.files.find((file) => file.path === path);
  if (text === undefined || listed === undefined) {
    const isReplay = manifest.files.some((file) => file.path === 'placements.csv');
    const why = isReplay
      ? 'its trace was replayed in order, without workloads; orrery explain pod tells how each pod was decided'
      : 'nothing can be explained without it';
    throw new CliError(`orrery: ${name} has no table ${path}: ${why}`);
  }
  if (sha256Hex(text) !== listed.sha256)
    throw new CliError(`orrery: ${join(name, path)} was changed after the run: its hash is not that of the manifest`);
  return text;
}
