import { expect, test } from 'vitest';
import { CliError } from '../cli-error.ts';
import type { CellQueue } from './cell-queue.ts';
import { queueAddress } from './cell-queue.ts';
import { QueueExecutor } from './queue-executor.ts';
import type { QueuedCell } from './queued-cell.ts';
import type { CellOutcome, CellTask } from './run-cell.ts';

/** A queue in memory. Cells that `taken` holds are with a worker. */
class MemoryQueue implements CellQueue {
  readonly cells = new Map<string, QueuedCell>();
  readonly taken = new Set<string>();
  isClosed = false;
  end: (key: string, outcome: CellOutcome) => void = () => undefined;
  comeBack: () => void = () => undefined;

  add(cell: QueuedCell): Promise<void> {
    this.cells.set(cell.cell.key, cell);
    return Promise.resolve();
  }
  remove(key: string): Promise<void> {
    if (!this.taken.has(key)) this.cells.delete(key);
    return Promise.resolve();
  }
  onEnd(listener: (key: string, outcome: CellOutcome) => void): void {
    this.end = listener;
  }
  onReturn(listener: () => void): void {
    this.comeBack = listener;
  }
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

const task = (key: string): CellTask =>
  ({
    cell: { key },
    cwd: '/here',
    folder: `/here/out/sweep-e/cells/${key}`,
    inputsFolder: '/here/out/sweep-e/inputs',
  }) as CellTask;

/** Lets everything go on that waits for nothing from outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a cell ends as its worker says, and nothing of this machine is in the queue', async () => {
  const queue = new MemoryQueue();
  const executor = new QueueExecutor(() => Promise.resolve(queue));
  const outcomes = [executor.execute(task('a')), executor.execute(task('b'))];
  await settle();
  expect(JSON.stringify([...queue.cells.values()])).not.toContain('/here');
  expect(queue.cells.get('a')!.sweep).toBe('sweep-e');
  queue.end('b', { status: 'failed', problem: 'no such luck', isOurMistake: false });
  queue.end('nobody asked for this', { status: 'finished' });
  queue.end('a', { status: 'finished' });
  expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(['finished', 'failed']);
  await executor.close();
  expect(queue.isClosed).toBe(true);
});

test('a sweep that is stopped takes out what no worker has', async () => {
  const queue = new MemoryQueue();
  queue.taken.add('a');
  const executor = new QueueExecutor(() => Promise.resolve(queue));
  const outcomes = [executor.execute(task('a')), executor.execute(task('b'))];
  await settle();
  executor.interrupt();
  expect(await Promise.all(outcomes)).toEqual([{ status: 'stopped' }, { status: 'stopped' }]);
  await settle();
  expect([...queue.cells.keys()]).toEqual(['a']);
});

test('what a queue has lost is put in again when it is back', async () => {
  const queue = new MemoryQueue();
  const executor = new QueueExecutor(() => Promise.resolve(queue));
  const outcomes = [executor.execute(task('a')), executor.execute(task('b'))];
  await settle();
  queue.end('a', { status: 'finished' });
  queue.cells.clear();
  queue.comeBack();
  await settle();
  expect([...queue.cells.keys()]).toEqual(['b']);
  queue.end('b', { status: 'finished' });
  await Promise.all(outcomes);
});

test('a queue that is not there is a problem of input and output', async () => {
  const executor = new QueueExecutor(() => Promise.reject(new CliError('orrery: no queue at redis://q')));
  expect(await executor.execute(task('a'))).toEqual({ status: 'io', problem: 'no queue at redis://q' });
  await executor.close();
});

test('an address is shown without its password', () => {
  expect(queueAddress('rediss://me:secret@q:6379/2').shown).toBe('rediss://q:6379/2');
  for (const wrong of ['q:6379', 'http://me:secret@q', 'redis://', ''])
    expect(() => queueAddress(wrong)).toThrow(/^orrery: "[^@]*" is no address of a queue; write redis:\/\/host:6379$/);
});
