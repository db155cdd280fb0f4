import { resolve } from 'node:path';
import type { FileReader } from '../scenario/file-reader.ts';
import { nodeFileReader } from '../scenario/read-files.ts';

/** The file system of the machine, with relative paths taken from `cwd`. */
export function fileReaderAt(cwd: string): FileReader {
  const at = (path: string): string => resolve(cwd, path);
  return {
    stat: (path) => nodeFileReader.stat(at(path)),
    list: (folder) => nodeFileReader.list(at(folder)),
    read: (path) => nodeFileReader.read(at(path)),
  };
}
