/** Hidden names of what is being written, and of what it replaces: made here, and told again here. */
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Why there is something under a hidden name. */
type HiddenState = 'building' | 'replaced';

/** What a hidden name says. */
export interface HiddenName {
  /** The name that it will have, or had. */
  readonly name: string;
  readonly state: HiddenState;
  /** The process that writes it, as `writerName` names it; what follows tells several of its threads apart. */
  readonly writer: string;
}

/** `.NAME.STATE-HOST-PID`, and a number of a thread where there are several. */
const form = /^\.(.+)\.(building|replaced)-(\w+-\d+)(?:-\d+)?$/;

/** Stands in the hidden names of what this process writes: several machines may write into one folder. */
export function writerName(): string {
  return `${hostname().replaceAll(/[^A-Za-z0-9]/g, '_')}-${process.pid}`;
}

/** A hidden name beside `path`: of what takes its place when it is whole, or of what stood there. */
export function hiddenBeside(path: string, state: HiddenState = 'building', thread?: number): string {
  const name = join(dirname(path), `.${basename(path)}.${state}-${writerName()}`);
  return thread === undefined ? name : `${name}-${thread}`;
}

/** What the name of a file or folder says; undefined where it is no hidden name. */
export function readHiddenName(entry: string): HiddenName | undefined {
  const [, name, state, writer] = form.exec(entry) ?? [];
  return name === undefined ? undefined : { name, state: state as HiddenState, writer: writer! };
}

/** A path in the words of the user: what is built under a hidden name goes by that under which it was wanted. */
export function withoutHidden(path: string): string {
  return path
    .split(/([/\\])/)
    .map((part) => readHiddenName(part)?.name ?? part)
    .join('');
}
