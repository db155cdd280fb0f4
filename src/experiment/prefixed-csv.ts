/** Puts the same cells in front of every record of a CSV file, piece by piece: tables may be larger than memory. */

const quote = 0x22;
const lineFeed = 0x0a;

/** Records of a CSV file as they come by: what is in front of the first line end outside of quotes is the heading. */
export class PrefixedCsv {
  private readonly prefix: Uint8Array;
  private readonly heading: number[] = [];
  private isHeading = true;
  private isQuoted = false;
  private isRecordStart = false;
  private count = 0;

  /** `prefix` ends with a comma, or is empty. */
  constructor(prefix: Uint8Array) {
    this.prefix = prefix;
  }

  /** Whether the heading has come by as a whole. */
  get hasHeading(): boolean {
    return !this.isHeading;
  }

  /** The heading without its line end. */
  get headingText(): string {
    return new TextDecoder().decode(Uint8Array.from(this.heading));
  }

  /** Records so far, the heading not counted. */
  get records(): number {
    return this.count;
  }

  /** The records in the next piece of the file, prefixes put in; the heading is kept back. */
  push(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.isRecordStart) {
        parts.push(bytes.subarray(from, at), this.prefix);
        from = at;
        this.isRecordStart = false;
        this.count++;
      }
      if (byte === quote) this.isQuoted = !this.isQuoted;
      else if (byte === lineFeed && !this.isQuoted) {
        this.isRecordStart = true;
        if (this.isHeading) from = at + 1;
        this.isHeading = false;
      }
      if (this.isHeading) this.heading.push(byte);
    }
    if (!this.isHeading) parts.push(bytes.subarray(from));
    return joined(parts);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
