/** A file system in memory, so that tests need no disk. */
import type { FileEntry, FileReader } from '../scenario/file-reader.ts';
import { joinPath } from '../scenario/file-reader.ts';

/** What a path of the memory holds. */
export type MemoryEntry =
  string | Uint8Array | { readonly link: string } | { readonly sizeBytes: number } | { readonly reason: string };

const linksMax = 40;

/** Files by absolute path; folders exist where a file lies below them. Links may lead to files or folders. */
export class MemoryFiles implements FileReader {
  private readonly entries: ReadonlyMap<string, MemoryEntry>;

  constructor(entries: Iterable<readonly [string, MemoryEntry]>) {
    this.entries = new Map(entries);
  }

  stat(path: string): FileEntry {
    const realPath = this.realPath(joinPath('/', path), 0);
    if (realPath === undefined) return { type: 'loop' };
    const entry = this.entries.get(realPath);
    if (entry === undefined) return this.isFolder(realPath) ? { type: 'folder', realPath } : { type: 'missing' };
    if (typeof entry === 'string') return { type: 'file', realPath, sizeBytes: new TextEncoder().encode(entry).length };
    if (entry instanceof Uint8Array) return { type: 'file', realPath, sizeBytes: entry.length };
    if ('sizeBytes' in entry) return { type: 'file', realPath, sizeBytes: entry.sizeBytes };
    return { type: 'unreadable', reason: 'reason' in entry ? entry.reason : 'link' };
  }

  list(folder: string): readonly string[] {
    const realPath = this.realPath(joinPath('/', folder), 0) ?? '';
    const prefix = realPath === '/' ? '/' : `${realPath}/`;
    const names = new Set<string>();
    for (const path of this.entries.keys())
      if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0]!);
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }

  read(path: string): Uint8Array | { readonly reason: string } {
    const entry = this.entries.get(this.realPath(joinPath('/', path), 0) ?? '');
    if (typeof entry === 'string') return new TextEncoder().encode(entry);
    return entry instanceof Uint8Array ? entry : { reason: 'no such file' };
  }

  private isFolder(path: string): boolean {
    const prefix = path === '/' ? '/' : `${path}/`;
    for (const known of this.entries.keys()) if (known.startsWith(prefix)) return true;
    return false;
  }

  /** Follows links part by part; undefined after too many. */
  private realPath(path: string, depth: number): string | undefined {
    if (depth > linksMax) return undefined;
    let at = '';
    for (const part of path.split('/').filter((name) => name !== '')) {
      at = `${at}/${part}`;
      const entry = this.entries.get(at);
      if (typeof entry !== 'object' || entry instanceof Uint8Array || !('link' in entry)) continue;
      const target = joinPath(at.slice(0, at.lastIndexOf('/')) || '/', entry.link);
      const rest = path.slice(at.length);
      return this.realPath(joinPath('/', `${target}${rest}`), depth + 1);
    }
    return at === '' ? '/' : at;
  }
}
