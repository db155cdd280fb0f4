import type { FileEntry, FileReader } from '../scenario/file-reader.ts';
import { joinPath } from '../scenario/file-reader.ts';

/** Files by absolute path, as a scenario reads them: for a run that is repeated from the copies of its inputs. */
export class CopiedFiles implements FileReader {
  private readonly files: ReadonlyMap<string, Uint8Array>;

  constructor(files: Iterable<readonly [path: string, bytes: Uint8Array]>) {
    this.files = new Map(files);
  }

  stat(path: string): FileEntry {
    const realPath = joinPath('/', path);
    const bytes = this.files.get(realPath);
    if (bytes !== undefined) return { type: 'file', realPath, sizeBytes: bytes.length };
    return this.namesIn(realPath).length > 0 ? { type: 'folder', realPath } : { type: 'missing' };
  }

  list(folder: string): readonly string[] {
    return this.namesIn(joinPath('/', folder));
  }

  read(path: string): Uint8Array | { readonly reason: string } {
    return this.files.get(joinPath('/', path)) ?? { reason: 'no such file' };
  }

  private namesIn(folder: string): string[] {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const names = new Set<string>();
    for (const path of this.files.keys())
      if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0]!);
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }
}
