import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CellTask } from './run-cell.ts';
import { ThreadExecutor } from './thread-executor.ts';

// Threads take their time to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orrery-threads-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A pool whose worker does what the task's `cwd` says. */
function executor(heapMiB?: number): ThreadExecutor {
  const workerFile = join(root, 'worker.mjs');
  writeFileSync(
    workerFile,
    `import { workerData } from 'node:worker_threads';
     const flag = new Int32Array(workerData[1]?.flag ?? workerData.flag);
     export async function runTask({ cwd }) {
       if (cwd === 'exit') process.exit(3);
       if (cwd === 'throw') throw new Error('no such luck');
       if (cwd === 'memory') { const all = []; for (;;) all.push(new Array(10000).fill(all.length)); }
       while (cwd === 'wait' && Atomics.load(flag, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
       if (cwd === 'loop') for (;;) Atomics.load(flag, 0);
       return { status: cwd === 'wait' ? 'stopped' : 'finished' };
     }`,
  );
  return new ThreadExecutor({ workers: 2, heapMiB, workerFile });
}

const task = (what: string) => ({ cwd: what }) as CellTask;

describe('a pool of worker threads', () => {
  test('gives the outcome of a cell', async () => {
    const pool = executor();
    expect(await pool.execute(task('run'))).toEqual({ status: 'finished' });
    await pool.close();
  });

  test('loses only the cell of a worker that dies, and goes on', async () => {
    const pool = executor(64);
    await pool.execute(task('run'));
    const failed = (problem: unknown) => ({ status: 'failed', problem, isOurMistake: false });
    expect(await pool.execute(task('memory'))).toEqual(failed('the worker ran out of memory'));
    expect(await pool.execute(task('exit'))).toEqual(failed(expect.stringMatching(/^the worker died: /)));
    expect(await pool.execute(task('throw'))).toEqual(failed('the worker died: no such luck'));
    expect(await Promise.all([1, 2, 3].map(() => pool.execute(task('run'))))).toHaveLength(3);
    await pool.close();
  });

  test('asks running cells to stop, and cuts off those that do not', async () => {
    const pool = executor();
    const [patient, deaf] = [pool.execute(task('wait')), pool.execute(task('loop'))];
    await new Promise((resolve) => setTimeout(resolve, 300));
    pool.interrupt();
    expect(await patient).toEqual({ status: 'stopped' });
    await pool.close();
    expect(await deaf).toEqual({ status: 'stopped' });
  });

  test('fails its cells rather than waiting for ever where no worker can start', async () => {
    const pool = new ThreadExecutor({ workers: 1, heapMiB: undefined, workerFile: join(root, 'missing.mjs') });
    const outcome = await pool.execute(task('run'));
    expect(outcome.status).toBe('failed');
    await pool.close();
  });
});
