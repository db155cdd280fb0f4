/** The rows of a trace file, piece by piece: in constant memory, whatever its size. */
import { closeSync, createReadStream, createWriteStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { csvRecords } from '../workload/traces/csv-records.ts';
import type { RecordReport, TraceFormat, TraceNode, TracePod } from '../workload/traces/trace.ts';

const pieceBytes = 1 << 20;

/** Rows of one file by one of the readers of a format. */
export function* rowsOfFile<T extends TraceNode | TracePod>(
  path: string,
  read: (records: Parameters<TraceFormat['pods']>[0], report: RecordReport) => Iterable<T>,
  report: RecordReport,
): Generator<T> {
  yield* read(csvRecords(pieces(path)), report);
}

function* pieces(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.allocUnsafe(pieceBytes);
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
      yield decoder.write(buffer.subarray(0, count));
    yield decoder.end();
  } finally {
    closeSync(file);
  }
}

/**
 * The path of a file that is not compressed: the file itself, or its content unpacked to `target`.
 *
 * @throws the error of the file system, or of a file that is not whole.
 */
export async function unpacked(path: string, target: string): Promise<string> {
  const file = openSync(path, 'r');
  const head = Buffer.alloc(2);
  readSync(file, head);
  closeSync(file);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return path;
  await pipeline(createReadStream(path), createGunzip(), createWriteStream(target));
  return target;
}
