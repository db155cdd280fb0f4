/** The file system as the scenario layer sees it: handed in, so that loading is pure and can be tested without a disk. */

/** What stands at a path, links followed. */
export type FileEntry =
  | { readonly type: 'file'; readonly realPath: string; readonly sizeBytes: number }
  | { readonly type: 'folder'; readonly realPath: string }
  | { readonly type: 'missing' }
  /** A link that leads to itself. */
  | { readonly type: 'loop' }
  | { readonly type: 'unreadable'; readonly reason: string };

/** Reads files and folders; paths use `/` and are absolute or relative to the working folder. Nothing throws. */
export interface FileReader {
  stat(path: string): FileEntry;
  /** Names in a folder, ascending by code unit; empty when it cannot be read. */
  list(folder: string): readonly string[];
  /** The bytes of a file, or why it cannot be read. */
  read(path: string): Uint8Array | { readonly reason: string };
}

/** Largest YAML or JSON file, bytes. */
export const fileSizeMax = 16 * 1024 * 1024;

/** The part before the last slash; `.` where there is none. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash);
}

/** Resolves `path` against `folder`; `.` and `..` are taken out. */
export function joinPath(folder: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !whole.startsWith('/')) parts.push(part);
  }
  const joined = parts.join('/');
  return whole.startsWith('/') ? `/${joined}` : joined === '' ? '.' : joined;
}

/** Whether a real path is the folder or lies below it. */
export function isBelow(realPath: string, realFolder: string): boolean {
  return realPath === realFolder || realPath.startsWith(realFolder === '/' ? '/' : `${realFolder}/`);
}
