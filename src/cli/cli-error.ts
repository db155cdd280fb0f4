import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { withoutHidden } from './hidden-names.ts';

/** Ends the command with a message for the user and an exit code: no stack trace is shown. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

const ioReasons: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['EISDIR', 'it is a folder'],
  ['EEXIST', 'it is there already'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EMFILE', 'too many open files'],
  ['EIO', 'the device reports an error'],
  ['EXDEV', 'source and target are on different file systems'],
  ['ENOENT', 'no such file or folder'],
  ['ENOTEMPTY', 'the folder is not empty'],
  ['EBUSY', 'it is in use'],
  ['EFBIG', 'the file is too large'],
]);

/** What a failed system call means, in words, with the path it was about; undefined for any other error. */
export function ioMessage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const { code } = error;
  const path = 'path' in error && typeof error.path === 'string' ? `${withoutHidden(error.path)}: ` : '';
  return `${path}${ioReasons.get(String(code)) ?? String(code)} (${String(code)})`;
}
