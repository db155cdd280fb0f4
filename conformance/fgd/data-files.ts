/** The files of the trace, and whether they are the ones that the published figures belong to. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ioMessage } from '../../src/cli/cli-error.ts';
import { CommandError } from '../../src/testing/command-error.ts';

const nodeListName = 'openb_node_list_gpu_node.csv';

/** The list of nodes. */
export function nodeFile(data: string): string {
  return present(data, nodeListName);
}

/** The list of pods of a trace. */
export function podFile(data: string, trace: string): string {
  return present(data, `openb_pod_list_${trace}.csv`);
}

/** Plain or gzip, whichever is there. */
function present(data: string, name: string): string {
  const found = [name, `${name}.gz`].map((file) => join(data, file)).find((path) => existsSync(path));
  if (found === undefined) throw new CommandError(`${data} has no ${name}, plain or gzip`);
  return found;
}

/** The bytes of a file, unpacked. @throws CommandError where it cannot be read. */
export function contentOf(path: string): Buffer {
  try {
    const bytes = readFileSync(path);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new CommandError(`${path}: ${code.startsWith('Z_') ? 'it is not a whole gzip file' : ioMessage(error)}`);
  }
}

/** Refuses files with another content than the published ones. */
export function checkData(data: string, traces: readonly string[]): void {
  const hashes = recordedHashes();
  for (const path of [nodeFile(data), ...traces.map((trace) => podFile(data, trace))]) {
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.gz$/, '');
    const digest = createHash('sha256').update(contentOf(path)).digest('hex');
    if (hashes.get(name) === digest) continue;
    throw new CommandError(`${path} is not the published file: its content has SHA-256 ${digest}, recorded is ${hashes.get(name)}`);
  }
}

function recordedHashes(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('../../scenarios/fgd-atc23/data-hashes.csv', import.meta.url), 'utf8');
  return new Map(
    text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',') as [string, string]),
  );
}
