/** The folder of one run: built under a hidden name beside its place, and moved there when it is complete. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ByteSink } from '../report/write-tables.ts';
import { sha256, sha256Hex } from './node-hash.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { hiddenBeside } from './hidden-names.ts';

/** The file that says a folder is a complete result; written last. */
export const manifestName = 'manifest.json';

const NAME_LENGTH_MAX = 64;

/** A seed or scenario as the name of a folder: itself where that is safe, else what is safe of it and part of its hash. */
export function folderName(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
  if (safe === text && safe !== '' && safe.length <= NAME_LENGTH_MAX) return safe;
  return `${safe.slice(0, NAME_LENGTH_MAX - 9)}-${sha256Hex(text).slice(0, 8)}`;
}

/** What was written, as the manifest lists it. */
export interface WrittenFile {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The folder of one run while it is built. Every method throws the error of the file system, and leaves cleaning up to `discard`. */
export class ResultFolder {
  /** Where the complete result will be. */
  readonly path: string;
  private readonly building: string;
  /** The topmost folder that did not exist before; undefined if all did. */
  private readonly madeFolder: string | undefined;
  private isOpen = true;

  /** Makes the hidden folder, so that a place that cannot be written to is known before anything is computed. */
  constructor(path: string) {
    this.path = path;
    if (existsSync(path) && !existsSync(join(path, manifestName)))
      throw new CliError(`orrery: ${path} exists and is no result of a run: choose another --out`, exitCodes.io);
    const parent = dirname(path);
    this.building = hiddenBeside(path);
    this.madeFolder = makeFolders(parent);
    try {
      rmSync(this.building, { recursive: true, force: true });
      mkdirSync(this.building);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Writes a whole file, of which the content may come in pieces; `name` may have slashes. */
  write(name: string, content: string | Uint8Array | readonly string[]): WrittenFile {
    const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    const encoder = new TextEncoder();
    const hash = sha256();
    let bytes = 0;
    const sink = this.open(name);
    try {
      for (const piece of pieces) {
        const encoded = typeof piece === 'string' ? encoder.encode(piece) : piece;
        sink.write(encoded);
        hash.update(encoded);
        bytes += encoded.length;
      }
    } finally {
      sink.close();
    }
    return { path: name, bytes, sha256: hash.digestHex() };
  }

  /** A file to be written piece by piece. */
  open(name: string): ByteSink {
    const path = join(this.building, name);
    makeFolders(dirname(path));
    const file = openSync(path, 'wx');
    return {
      write: (bytes) => writeAll(file, bytes),
      close: () => closeSync(file),
    };
  }

  /** Moves the complete folder to its place; an older result there, or one that another process completes meanwhile, is replaced. */
  complete(): void {
    const replaced = hiddenBeside(this.path, 'replaced');
    while (!this.takePlace(replaced)) rmSync(replaced, { recursive: true, force: true });
    this.isOpen = false;
    rmSync(replaced, { recursive: true, force: true });
  }

  private takePlace(replaced: string): boolean {
    const hasOld = isMoved(this.path, replaced, ['ENOENT']);
    try {
      return isMoved(this.building, this.path, ['ENOTEMPTY', 'EEXIST']);
    } catch (error) {
      if (hasOld) renameSync(replaced, this.path);
      throw error;
    }
  }

  /** Removes what was built, and the folders made for it that are empty. Does nothing after `complete`. */
  discard(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    rmSync(this.building, { recursive: true, force: true });
    if (this.madeFolder === undefined) return;
    for (let folder = dirname(this.path); ; folder = dirname(folder)) {
      if (!removeIfEmpty(folder) || folder === this.madeFolder) return;
    }
  }
}

/** False where the move fails with one of these codes; any other error is thrown. */
function isMoved(from: string, to: string, codes: readonly string[]): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** A disk that fills up takes a part of the bytes and says so only when asked for the rest. */
function writeAll(file: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(file, bytes, at);
}

/**
 * Makes a folder and those above it that are missing; gives the uppermost that it made. The recursive form of mkdirSync tries for
 * ever where a file system refuses with ENOENT, as /proc does.
 */
export function makeFolders(path: string): string | undefined {
  if (existsSync(path)) return undefined;
  const above = dirname(path);
  const made = above === path ? undefined : makeFolders(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process or worker was quicker: then it is not ours to remove.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return made;
    throw error;
  }
  return made ?? path;
}
