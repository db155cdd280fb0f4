/** Names of a table, of which none may stand twice. */

/** Notes a name of a line; the line in which it stood before, undefined = in none. */
export type NameRegister = (name: string, line: number) => number | undefined;

/** A register of names. @param mayRepeat false for names that certainly stand once: they are not kept. */
export function nameRegister(mayRepeat: (name: string) => boolean = () => true): NameRegister {
  const lines = new Map<string, number>();
  return (name, line) => {
    if (!mayRepeat(name)) return undefined;
    const first = lines.get(name);
    if (first === undefined) lines.set(ownText(name), line);
    return first;
  };
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

  /** Takes note of a name. */
  note(name: string): void {
    const bit = bitOf(name);
    const mask = 1 << bit;
    const word = bit >>> 5;
    if ((this.once[word]! & mask) !== 0) this.again[word]! |= mask;
    else this.once[word]! |= mask;
  }

  /** Whether the name may have been noted twice. */
  mayRepeat(name: string): boolean {
    const bit = bitOf(name);
    return (this.again[bit >>> 5]! & (1 << bit)) !== 0;
  }
}

/** FNV-1a of the letters, with the finalizer of MurmurHash3: numbered names would fill neighbouring bits. */
function bitOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & (sketchBits - 1);
}
