/** `orrery diff`: what differs between two results, from the inputs down to the first event. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { differingFields, differingLine } from './field-difference.ts';
import type { CliIo } from './cli-io.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { offerDifference } from './offer-difference.ts';
import type { ReadResult } from './read-result.ts';
import { prepareAgain, readResult } from './read-result.ts';
import { differenceOfRuns } from './run-difference.ts';

const FIELDS_SHOWN = 20;

/** Compares two folders of results; 0 if all fingerprints are the same, else 1. */
export async function diffResults(
  a: string,
  b: string,
  options: { readonly around: number; readonly allowPlugins: boolean },
  io: CliIo,
): Promise<ExitCode> {
  const { around, allowPlugins } = options;
  const left = readResult(a, resolve(io.cwd, a));
  const right = readResult(b, resolve(io.cwd, b));
  const layers = differingNames(left.manifest.fingerprints, right.manifest.fingerprints);
  const inputs = inputDifferences(left, right);
  if (layers.length === 0) {
    const note = inputs.length === 0 ? '' : '; their inputs are not';
    io.stdout.write(`same: all ${Object.keys(left.manifest.fingerprints).length} fingerprints are equal${note}\n`);
    if (inputs.length > 0) io.stdout.write(`${inputs.join('\n')}\n`);
    return exitCodes.ok;
  }
  const tables = differingNames(fileHashes(left), fileHashes(right)).filter((name) => name.endsWith('.csv'));
  const lines = [
    `differ in: ${layers.join(', ')}`,
    ...(tables.length === 0 ? [] : [`tables: ${tables.join(', ')}`]),
    ...inputs,
    ...versionNote(left, right),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  const offers = offerDifference(left, right);
  if (offers !== undefined) {
    io.stdout.write(`${offers.join('\n')}\n`);
    return exitCodes.failed;
  }
  const sameCheckpoints = commonLength(left.manifest.checkpoints, right.manifest.checkpoints);
  const consent = { cwd: io.cwd, allowPlugins };
  const runs = [await prepareAgain(left, consent), await prepareAgain(right, consent)] as const;
  const found = await differenceOfRuns(
    { run: runs[0], name: left.name },
    { run: runs[1], name: right.name },
    { io, around, sameCheckpoints },
  );
  const told = found.length > 0 ? found : ['run again by this version of orrery, the two do not differ'];
  io.stdout.write(`${told.join('\n')}\n`);
  return exitCodes.failed;
}

function versionNote(left: ReadResult, right: ReadResult): string[] {
  const [a, b] = [left.manifest.versions, right.manifest.versions];
  if (a.orrery === b.orrery && a.kubernetes === b.kubernetes) return [];
  const shown = ({ orrery, kubernetes }: typeof a): string => `orrery ${orrery} (Kubernetes ${kubernetes})`;
  return [`versions: ${shown(a)} and ${shown(b)}`];
}

function differingNames(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => a[name] !== b[name]);
}

function fileHashes({ manifest }: ReadResult): Record<string, string> {
  return Object.fromEntries(manifest.files.map(({ path, sha256 }) => [path, sha256]));
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  return at;
}

/** Files, and fields of the effective scenario, that are not the same. */
function inputDifferences(left: ReadResult, right: ReadResult): string[] {
  const byPath = ({ manifest }: ReadResult): Record<string, string> =>
    Object.fromEntries(manifest.inputs.map(({ path, sha256 }) => [path, sha256]));
  const files = differingNames(byPath(left), byPath(right)).map(
    (path) => `input ${path}: ${fileDifference(path, left, right)}`,
  );
  const [a, b] = [left.manifest, right.manifest];
  const seeds = a.seed === b.seed ? [] : [`seed: ${a.seed} and ${b.seed}`];
  const replications = a.replication === b.replication ? [] : [`replication: ${a.replication} and ${b.replication}`];
  const fields = differingFields(a.effective, b.effective).filter((line) => !line.startsWith('spec.seed:'));
  const hidden = fields.length > FIELDS_SHOWN ? [`... and ${fields.length - FIELDS_SHOWN} more fields`] : [];
  return [...files, ...seeds, ...replications, ...fields.slice(0, FIELDS_SHOWN), ...hidden];
}

function fileDifference(path: string, left: ReadResult, right: ReadResult): string {
  const texts = [left, right].map(({ folder, manifest }) => {
    const input = manifest.inputs.find((candidate) => candidate.path === path);
    return input === undefined ? undefined : readFileSync(join(folder, input.copy), 'utf8');
  });
  const [a, b] = texts;
  if (a === undefined) return `only in ${right.name}`;
  if (b === undefined) return `only in ${left.name}`;
  return differingLine(a, b);
}
