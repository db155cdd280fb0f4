/** The finished cells of a sweep on the disk: a folder for each, named by its key. */
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { ExperimentOutputs } from '../../experiment/experiment.ts';
import type { InputFile } from '../../scenario/scenario.ts';
import type { Manifest, ManifestInput } from '../manifest.ts';
import { manifestSchema } from '../manifest.ts';
import { sha256Hex } from '../node-hash.ts';
import { hiddenBeside, readHiddenName, writerName } from '../hidden-names.ts';
import { makeFolders, manifestName } from '../result-folder.ts';

/** The file of a cell's folder that says to which cell it belongs and that its manifest is the one that was written. */
export const cellMarkName = 'cell.json';

/** `schema` of every such file. */
const cellMarkSchema = 'orrery.dev/cell/v1';

/** Characters of a key in the name of its folder. */
const SHORT_KEY = 16;

/** Which files a cell's folder holds. */
export type CellContents = Pick<ExperimentOutputs, 'tables' | 'cells' | 'charts' | 'report'>;

/** What is known of one cell. */
export type StoredCell =
  | { readonly state: 'finished'; readonly folder: string; readonly manifest: Manifest }
  /** It ran, and came to nothing. */
  | { readonly state: 'failed'; readonly problem: string }
  | { readonly state: 'missing' }
  /** Its folder, or an input that it shares with others, is not what was written: `why` completes "`path` ...". */
  | { readonly state: 'altered'; readonly path: string; readonly why: string };

interface CellMark {
  readonly schema: typeof cellMarkSchema;
  readonly key: string;
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  readonly contents: CellContents;
}

/** The text of the mark, which is written last into the folder of a cell. */
export function cellMarkText(key: string, manifestText: string, contents: CellContents): string {
  const { tables, cells, charts, report } = contents;
  const mark: CellMark = {
    schema: cellMarkSchema,
    key,
    manifest: sha256Hex(manifestText),
    contents: { tables, cells, charts, report },
  };
  return `${JSON.stringify(mark)}\n`;
}

/** Cells below one folder, absolute. */
export class CellStore {
  readonly folder: string;
  /** Copies of inputs that were found as they were written. */
  private readonly soundInputs = new Set<string>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where the result of a cell is, or will be. */
  cellFolder(key: string): string {
    return join(this.folder, 'cells', key.slice(0, SHORT_KEY));
  }

  /** Where inputs are kept, once for all cells, by the hash of their text. */
  get inputsFolder(): string {
    return join(this.folder, 'inputs');
  }

  /**
   * What is there of a cell; every file of a finished one, and every input of its, is compared with its hash. One of which an input
   * is gone is missing: it can be run again, and explained no more.
   */
  read(key: string, wanted: CellContents): StoredCell {
    const folder = this.cellFolder(key);
    if (!existsSync(folder)) return this.failure(key) ?? { state: 'missing' };
    const verified = verifiedCell(folder, key);
    if (typeof verified === 'string') return { state: 'altered', path: folder, why: verified };
    const { manifest, mark } = verified;
    const unsound = manifest.inputs.find((input) => !this.isSound(folder, input));
    if (unsound === undefined)
      return holds(mark.contents, wanted) ? { state: 'finished', folder, manifest } : { state: 'missing' };
    const path = join(folder, unsound.copy);
    if (!existsSync(path)) return { state: 'missing' };
    return { state: 'altered', path, why: `is the copy of ${unsound.path}, with another hash` };
  }

  /** Whether a cell has a folder or is known to have failed: a quick look, nothing is compared. */
  isTried(key: string): boolean {
    return existsSync(this.cellFolder(key)) || existsSync(this.failurePath(key));
  }

  /** Makes the folders before anything runs, so that no two workers do it, and a place that cannot be written to is known. */
  open(): void {
    for (const folder of [join(this.folder, 'cells'), this.inputsFolder]) makeFolders(folder);
  }

  /** Removes folders that have stayed empty. */
  close(): void {
    for (const folder of [join(this.folder, 'cells'), this.inputsFolder, this.folder]) removeIfEmpty(folder);
  }

  /** Notes that a cell came to nothing, so that the merge of several shards knows it. */
  noteFailure(key: string, problem: string): void {
    writeWhole(this.failurePath(key), `${JSON.stringify({ schema: cellMarkSchema, key, problem })}\n`);
  }

  /** A cell that is run again is no failed one. */
  forgetFailure(key: string): void {
    rmSync(this.failurePath(key), { force: true });
  }

  /** Removes what killed processes left behind while they wrote inputs and the folders of these cells. */
  sweepUp(keys: ReadonlySet<string>): void {
    const names = new Set([...keys].map((key) => key.slice(0, SHORT_KEY)));
    for (const folder of [join(this.folder, 'cells'), this.inputsFolder]) {
      for (const entry of readdirSync(folder)) {
        const hidden = readHiddenName(entry);
        if (hidden === undefined || !isOver(hidden.writer)) continue;
        if (folder !== this.inputsFolder && !names.has(keyIn(hidden.name))) continue;
        rmSync(join(folder, entry), { recursive: true, force: true });
      }
    }
  }

  private isSound(folder: string, { copy, sha256 }: ManifestInput): boolean {
    const path = join(folder, copy);
    if (this.soundInputs.has(path)) return true;
    const isSound = existsSync(path) && sha256Hex(readFileSync(path)) === sha256;
    if (isSound) this.soundInputs.add(path);
    return isSound;
  }

  private failurePath(key: string): string {
    return `${this.cellFolder(key)}${failedEnding}`;
  }

  private failure(key: string): StoredCell | undefined {
    const note = parsedFile(this.failurePath(key)) as { key?: unknown; problem?: unknown } | undefined;
    if (note?.key !== key || typeof note.problem !== 'string') return undefined;
    return { state: 'failed', problem: note.problem };
  }
}

/** The notes of failures lie beside the folders of cells. */
const failedEnding = '.failed.json';

/** The short key in the name of what belongs to a cell. */
function keyIn(name: string): string {
  return name.endsWith(failedEnding) ? name.slice(0, -failedEnding.length) : name;
}

/** Keeps the text of an input in a folder by its hash; gives what the manifest of a cell says about it. */
export function storeInput(inputsFolder: string, { path, text }: InputFile): ManifestInput {
  const bytes = new TextEncoder().encode(text);
  const sha256 = sha256Hex(bytes);
  const target = join(inputsFolder, sha256);
  if (!existsSync(target)) writeWhole(target, text);
  return { path, copy: `../../inputs/${sha256}`, bytes: bytes.length, sha256 };
}

/** Writes a file so that it is there whole or not at all; several workers may write the same one at a time. */
function writeWhole(path: string, text: string): void {
  const building = hiddenBeside(path, 'building', threadId);
  writeFileSync(building, text);
  renameSync(building, path);
}

/** The manifest of a folder whose files are all as written, or what is wrong. */
function verifiedCell(folder: string, key: string): { manifest: Manifest; mark: CellMark } | string {
  const mark = parsedFile(join(folder, cellMarkName)) as Partial<CellMark> | undefined;
  const text = textOf(join(folder, manifestName));
  if (mark?.schema !== cellMarkSchema || !Array.isArray(mark.contents?.tables) || text === undefined)
    return `has no ${manifestName} or ${cellMarkName}`;
  if (mark.key !== key) return 'belongs to another cell';
  if (mark.manifest !== sha256Hex(text)) return `has a ${manifestName} with another hash`;
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.schema !== manifestSchema) return 'was written by another version';
  const listed = new Set([manifestName, cellMarkName]);
  for (const { path, bytes, sha256 } of manifest.files) {
    listed.add(path);
    const file = join(folder, path);
    if (!existsSync(file)) return `lacks ${path}`;
    if (statSync(file).size !== bytes || sha256Hex(readFileSync(file)) !== sha256)
      return `has a ${path} with another hash`;
  }
  const extra = filesIn(folder).find((path) => !listed.has(path));
  return extra === undefined ? { manifest, mark: mark as CellMark } : `has ${extra}, which its manifest does not list`;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Whether a folder has the files that are asked for now: the experiment may have asked for less before. */
function holds(has: CellContents, wanted: CellContents): boolean {
  const hasTables =
    has.cells === 'full' || (wanted.cells === 'merged' && wanted.tables.every((name) => has.tables.includes(name)));
  return hasTables && (has.charts || !wanted.charts) && (has.report || !wanted.report);
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parsedFile(path: string): unknown {
  try {
    return JSON.parse(textOf(path) ?? 'null') as unknown;
  } catch {
    return undefined;
  }
}

/** Whether it is this process itself, which has ended its workers, or one of this machine that is no more. */
function isOver(writer: string): boolean {
  if (writer === writerName()) return true;
  const [host, pid] = writer.split('-');
  // Of processes of other machines nothing is known.
  if (!writerName().startsWith(`${host}-`)) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EPERM');
  }
}
