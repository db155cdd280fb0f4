/** The rows of a trace file, piece by piece: in constant memory, whatever its size. */
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { csvRecords } from '../workload/traces/csv-records.ts';
import type { NameRegister } from '../workload/traces/name-register.ts';
import type { RecordReport, TraceNode, TracePod, TraceRecord } from '../workload/traces/trace.ts';

const pieceBytes = 1 << 20;

/** One of the readers of a format. */
export type ReadRows<T extends TraceNode | TracePod> = (
  records: Iterable<TraceRecord>,
  report: RecordReport,
  names: NameRegister,
) => Iterable<T>;

/** Rows of one file. */
export function* rowsOfFile<T extends TraceNode | TracePod>(
  path: string,
  read: ReadRows<T>,
  report: RecordReport,
  names: NameRegister,
): Generator<T> {
  yield* read(csvRecords(pieces(path)), report, names);
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
 * The path of a file that is not compressed and can be read again and again: the file itself, or `target` with its content, where it
 * is packed or a pipe.
 *
 * @throws the error of the file system, or of a file that is not whole.
 */
export async function unpacked(path: string, target: string): Promise<string> {
  if (statSync(path).isFIFO()) {
    const copy = `${target}.copy`;
    await pipeline(createReadStream(path), createWriteStream(copy));
    return unpacked(copy, target);
  }
  const file = openSync(path, 'r');
  const head = Buffer.alloc(2);
  readSync(file, head);
  closeSync(file);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return path;
  await pipeline(createReadStream(path), createGunzip(), createWriteStream(target));
  return target;
}
