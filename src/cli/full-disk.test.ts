import type * as NodeFs from 'node:fs';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';
import { capturedIo } from '../testing/captured-io.ts';
import { exitCodes } from './exit-codes.ts';
import { runCli } from './run-cli.ts';

/** Bytes that still fit on the disk; undefined = as many as you like. */
const disk = vi.hoisted(() => ({ left: undefined as number | undefined }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof NodeFs>();
  const writeSync = (file: number, bytes: Uint8Array, offset: number): number => {
    if (disk.left === undefined) return fs.writeSync(file, bytes, offset);
    const length = Math.min(bytes.length - offset, disk.left);
    if (length === 0 && bytes.length > offset)
      throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
    disk.left -= length;
    return fs.writeSync(file, bytes, offset, length);
  };
  return { ...fs, writeSync };
});

const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  horizon: 1m
  cluster:
    nodePools: [{ name: general, count: 2, capacity: { cpu: '4', memory: 8Gi, pods: '20' } }]
`;

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder({ 'tiny.yaml': scenario });
});
afterEach(() => {
  disk.left = undefined;
  folder.remove();
});

async function run(): Promise<{ code: number; err: string }> {
  const io = capturedIo(folder.root);
  const code = await runCli(['run', '-f', 'tiny.yaml', '--no-charts', '--no-report'], io);
  return { code, err: io.err() };
}

test.each([0, 1, 500, 3000])(
  'a disk with room for %d bytes gives exit code 5, and nothing half written',
  async (bytes) => {
    disk.left = bytes;
    expect(await run()).toEqual({ code: exitCodes.io, err: 'orrery: no space left on the disk (ENOSPC)\n' });
    expect(readdirSync(folder.root)).toEqual(['tiny.yaml']);
  },
);

test('a full disk leaves the result of an earlier run as it was', async () => {
  expect((await run()).code).toBe(exitCodes.ok);
  const before = readdirSync(folder.path('results/tiny'), { recursive: true });
  disk.left = 2000;
  expect((await run()).code).toBe(exitCodes.io);
  expect(readdirSync(folder.path('results/tiny'), { recursive: true })).toEqual(before);
});
