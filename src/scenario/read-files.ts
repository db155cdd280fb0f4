/** The file system of the machine behind the scenario layer's `FileReader`. */
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import type { FileEntry, FileReader } from './file-reader.ts';

/** Reads the real file system. */
export const nodeFileReader: FileReader = { stat, list, read };

const noFile = 'it is neither a regular file nor a folder';

function stat(path: string): FileEntry {
  if (path.includes('\0')) return { type: 'missing' };
  try {
    const stats = statSync(path);
    // A pipe has no real path.
    if (!stats.isFile() && !stats.isDirectory()) return { type: 'unreadable', reason: noFile };
    const realPath = realpathSync(path).replaceAll('\\', '/');
    return stats.isFile() ? { type: 'file', realPath, sizeBytes: stats.size } : { type: 'folder', realPath };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): FileEntry {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return { type: 'missing' };
  if (code === 'ELOOP') return { type: 'loop' };
  return { type: 'unreadable', reason: reasonOf(code) };
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort((a, b) => (a < b ? -1 : 1));
  } catch {
    return [];
  }
}

function read(path: string): Uint8Array | { readonly reason: string } {
  try {
    return readFileSync(path);
  } catch (error) {
    return { reason: reasonOf(codeOf(error)) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function reasonOf(code: string): string {
  return code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code;
}
