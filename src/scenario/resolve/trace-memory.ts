/** Rows of one file, and what they were read from and for. */
interface KnownRows {
  readonly purpose: string;
  readonly text: string;
  readonly rows: readonly unknown[];
}

/** Files that are remembered: pods and nodes of two traces. */
const filesMax = 4;

/**
 * What traces were read last, for one who loads many scenarios with the same ones: to read the rows of a file takes longer than to see
 * that its text is the same.
 */
export class TraceMemory {
  /** The one that was asked for last comes last. */
  private readonly files: KnownRows[] = [];

  /**
   * The rows of a text, read anew only where they are not known.
   *
   * @param purpose everything else that they depend on. @param read undefined = something is wrong with them, and they are not
   * remembered.
   */
  rows<T>(purpose: string, text: string, read: () => readonly T[] | undefined): readonly T[] | undefined {
    const at = this.files.findIndex((file) => file.purpose === purpose && file.text === text);
    const [known] = at < 0 ? [] : this.files.splice(at, 1);
    const rows = (known?.rows as readonly T[] | undefined) ?? read();
    if (rows === undefined) return undefined;
    this.files.push(known ?? { purpose, text, rows });
    if (this.files.length > filesMax) this.files.shift();
    return rows;
  }
}
