/** Names of a table, of which none may stand twice. */

/** What a row says of names: its own, or, where it counts two or more alike, `name-0`, `name-1`, ... */
export interface NamedRow {
  readonly name: string;
  /** Absent = 1. */
  readonly count?: number;
}

/** Notes the names of the row in a line; what is wrong with them, undefined = none stood before. */
export type NameRegister = (row: NamedRow, line: number) => string | undefined;

/** Rows that may share names with numbered copies of one name. */
interface Copies {
  /** The line that counts some, and how many. */
  readonly line: number;
  readonly count: number;
  /** The least number with which the name stands by itself, and where. */
  readonly least: number;
  readonly leastLine: number;
}

const noCopies: Copies = { line: 0, count: 0, least: Infinity, leastLine: 0 };

/** A register of names. @param mayRepeat false for names that certainly stand once, and for `name-` of which no copy does: they are not kept. */
export function nameRegister(mayRepeat: (name: string) => boolean = () => true): NameRegister {
  const lines = new Map<string, number>();
  const copies = new Map<string, Copies>();
  return ({ name, count = 1 }, line) => {
    if (mayRepeat(name)) {
      const first = lines.get(name);
      if (first !== undefined) return `the name "${name}" stands in line ${first} already`;
      lines.set(ownText(name), line);
    }
    const [stem, number] = count > 1 ? [`${name}-`, undefined] : numbered(name);
    if (stem === undefined || !mayRepeat(stem)) return undefined;
    const known = copies.get(stem) ?? noCopies;
    if (number === undefined) {
      copies.set(ownText(stem), { ...known, line, count });
      const isThere = known.least < count;
      return isThere
        ? `the name "${stem}${known.least}" of one of its pods stands in line ${known.leastLine} already`
        : undefined;
    }
    if (number < known.least) copies.set(ownText(stem), { ...known, least: number, leastLine: line });
    return number < known.count
      ? `the name "${name}" is that of a pod of line ${known.line}, which counts ${known.count}`
      : undefined;
  };
}

/** `a-12` as `a-` and 12: the name of a copy, if there are copies of `a`. */
function numbered(name: string): readonly [stem: string | undefined, number: number] {
  const [, stem, digits] = /^(.*-)(0|[1-9]\d{0,8})$/.exec(name) ?? [];
  return [stem, Number(digits)];
}

/** A text of its own: a part of a longer text keeps all of that in memory. */
const ownText = (text: string): string => text.split('').join('');

const sketchBits = 1 << 27;

/**
 * Which names of a long table may stand in it twice: all that do, and few others (n of 134,000,000 among n names). 32 MiB, however
 * many names there are.
 */
export class NameSketch {
  private readonly once = new Uint32Array(sketchBits / 32);
  private readonly again = new Uint32Array(sketchBits / 32);

  /** Takes note of the names of a row. */
  note({ name, count = 1 }: NamedRow): void {
    const bit = bitOf(name);
    mark(has(this.once, bit) ? this.again : this.once, bit);
    if (count > 1) mark(this.once, bitOf(`${name}-`));
    const [stem] = count > 1 ? [] : numbered(name);
    if (stem !== undefined) mark(this.again, bitOf(stem));
  }

  /** Whether the name may have been noted twice; `name-`: whether copies of it were, and one of their names beside them. */
  mayRepeat(name: string): boolean {
    const bit = bitOf(name);
    return has(this.again, bit) && has(this.once, bit);
  }
}

function has(bits: Uint32Array, bit: number): boolean {
  return (bits[bit >>> 5]! & (1 << bit)) !== 0;
}

function mark(bits: Uint32Array, bit: number): void {
  bits[bit >>> 5]! |= 1 << bit;
}

/** FNV-1a of the letters, with the finalizer of MurmurHash3: numbered names would fill neighbouring bits. */
function bitOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & (sketchBits - 1);
}
