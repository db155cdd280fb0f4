import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';
import type { PlannedCell } from './plan-cells.ts';
import { CellHost, queuedCell } from './queued-cell.ts';
import type { QueuedCell } from './queued-cell.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => {
  folder.remove();
});

const key = 'a'.repeat(64);
const outputs = { tables: [], cells: 'merged', charts: false, report: false } as const;
const cell = { key, settings: { allowOutside: true, allowPlugins: true } } as unknown as PlannedCell;
const queued = { sweep: 'sweep-e', cell, outputs, check: 'cheap' } as unknown as QueuedCell;
const host = (allows: boolean) =>
  new CellHost({ cwd: folder.root, out: 'out', allowOutside: allows, allowPlugins: allows });

test('a cell of a queue goes below the folder of results of its worker', () => {
  const task = host(true).taskOf(queued)!;
  expect(task.folder).toBe(folder.path('out/sweep-e/cells', key.slice(0, 16)));
  expect(task.inputsFolder).toBe(folder.path('out/sweep-e/inputs'));
  expect(queuedCell(task)).toEqual(queued);
});

test('what lies outside is read and run only where both sides allow it', () => {
  expect(host(true).taskOf(queued)!.cell.settings).toMatchObject({ allowOutside: true, allowPlugins: true });
  expect(host(false).taskOf(queued)!.cell.settings).toMatchObject({ allowOutside: false, allowPlugins: false });
  const strict = { ...queued, cell: { ...cell, settings: { ...cell.settings, allowPlugins: false } } };
  expect(host(true).taskOf(strict)!.cell.settings).toMatchObject({ allowOutside: true, allowPlugins: false });
});

test('a name that leads out of that folder is refused, and nothing is made', () => {
  for (const sweep of ['..', 'sweep-e/../..', '/tmp', ''])
    expect(() => host(true).taskOf({ ...queued, sweep })).toThrow('not named as one of a sweep');
  expect(() => host(true).taskOf({ ...queued, cell: { ...cell, key: '../../x' } })).toThrow('not named');
  expect(folder.has('out')).toBe(false);
});
