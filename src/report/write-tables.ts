import type { Table } from '../record/table.ts';
import type { HashFactory } from '../util/hash.ts';
import { csvChunks } from './csv.ts';

/** Where the bytes of one file go; the composition root hands it in. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** What the manifest says about one written file. */
export interface WrittenTable {
  readonly table: string;
  readonly fileName: string;
  readonly bytes: number;
  /** Rows without the heading. */
  readonly rows: number;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

/** Writes one table as UTF-8 CSV into a sink and closes it. */
export function writeTable(table: Table, sink: ByteSink, newHash: HashFactory): WrittenTable {
  const encoder = new TextEncoder();
  const hash = newHash();
  let bytes = 0;
  let rows = 0;
  for (const chunk of csvChunks(table)) {
    const encoded = encoder.encode(chunk.text);
    sink.write(encoded);
    hash.update(encoded);
    bytes += encoded.length;
    rows += chunk.rows;
  }
  sink.close();
  return { table: table.name, fileName: csvFileName(table.name), bytes, rows, sha256: hash.digestHex() };
}

/** Writes all tables, each into the sink `open` gives for its file name, in the order of the tables. */
export function writeTables(
  tables: Iterable<Table>,
  open: (fileName: string) => ByteSink,
  newHash: HashFactory,
): WrittenTable[] {
  const written: WrittenTable[] = [];
  for (const table of tables) written.push(writeTable(table, open(csvFileName(table.name)), newHash));
  return written;
}

/** The file a table is written to, relative to the folder of the run. */
export function csvFileName(table: string): string {
  return `${table}.csv`;
}
