import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeFileReader } from './read-files.ts';

test('a pipe is no file that is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('/usr/bin/env', ['mkfifo', pipe]);
  const reason = 'it is neither a regular file nor a folder';
  expect(nodeFileReader.stat(pipe)).toEqual({ type: 'unreadable', reason });
});
