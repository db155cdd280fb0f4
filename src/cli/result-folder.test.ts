import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ResultFolder, folderName } from './result-folder.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orrery-result-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const all = (): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort((a, b) => (a < b ? -1 : 1));

test('nothing is at its place until everything is complete', () => {
  const folder = new ResultFolder(join(root, 'zone/42'));
  folder.write('charts/a.svg', '<svg/>');
  folder.write('manifest.json', '{}');
  expect(existsSync(join(root, 'zone/42'))).toBe(false);
  folder.complete();
  expect(all()).toEqual(['zone', 'zone/42', 'zone/42/charts', 'zone/42/charts/a.svg', 'zone/42/manifest.json']);
});

test('what is discarded leaves nothing, not even the folders made for it', () => {
  const folder = new ResultFolder(join(root, 'results/zone/42'));
  folder.write('pods.csv', 'x\n');
  folder.discard();
  expect(all()).toEqual([]);
});

test('discarding keeps folders that others use', () => {
  mkdirSync(join(root, 'results'));
  new ResultFolder(join(root, 'results/zone/42')).discard();
  expect(all()).toEqual(['results']);
});

test('an older result is replaced as a whole', () => {
  const path = join(root, 'zone/42');
  const first = new ResultFolder(path);
  first.write('manifest.json', '1');
  first.write('old.csv', 'x');
  first.complete();
  const second = new ResultFolder(path);
  second.write('manifest.json', '2');
  second.complete();
  second.discard();
  expect(all()).toEqual(['zone', 'zone/42', 'zone/42/manifest.json']);
  expect(readFileSync(join(path, 'manifest.json'), 'utf8')).toBe('2');
});

test('a folder that is no result is never touched', () => {
  mkdirSync(join(root, 'zone/42'), { recursive: true });
  writeFileSync(join(root, 'zone/42/thesis.txt'), 'all I have');
  expect(() => new ResultFolder(join(root, 'zone/42'))).toThrow('is no result of a run');
  expect(all()).toEqual(['zone', 'zone/42', 'zone/42/thesis.txt']);
});

test('the hash of a written file is that of its bytes', () => {
  const folder = new ResultFolder(join(root, 'a'));
  // The SHA-256 of "abc", FIPS 180-2.
  expect(folder.write('x', 'abc')).toEqual({
    path: 'x',
    bytes: 3,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
  folder.discard();
});

test.each([
  ['42', /^42$/],
  ['a/../../b', /^a_\.\._\.\._b-[0-9a-f]{8}$/],
  ['..', /^_-[0-9a-f]{8}$/],
  ['', /^-[0-9a-f]{8}$/],
  ['x'.repeat(300), /^x{55}-[0-9a-f]{8}$/],
])('the seed %j is a safe name of a folder', (seed, expected) => {
  expect(folderName(seed)).toMatch(expected);
});

test.skipIf(!existsSync('/proc/self'))(
  'a place where no folder can be made is an error at once, not an endless attempt',
  () => {
    expect(() => new ResultFolder('/proc/no-results-here/zone/42')).toThrow(/ENOENT|EACCES|EPERM|EROFS/);
  },
);
