import type * as Fs from 'node:fs';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ResultFolder } from './result-folder.ts';

const meanwhile: { happens: () => void } = { happens: () => {} };

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const renameSync = (from: string, to: string): void => {
    if (from.includes('.building-')) meanwhile.happens();
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync };
});

test('a result that another process completes at the same moment is replaced', () => {
  const root = mkdtempSync(join(tmpdir(), 'orrery-race-'));
  const path = join(root, 'cell');
  let others = 2;
  meanwhile.happens = () => {
    if (others-- <= 0) return;
    mkdirSync(path);
    writeFileSync(join(path, 'manifest.json'), 'theirs');
  };
  const folder = new ResultFolder(path);
  folder.write('manifest.json', 'ours');
  folder.complete();
  expect(readdirSync(root)).toEqual(['cell']);
  expect(readFileSync(join(path, 'manifest.json'), 'utf8')).toBe('ours');
  expect(others).toBeLessThan(0);
  rmSync(root, { recursive: true, force: true });
});
