import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Piscina } from 'piscina';
import type { Executor } from './executor.ts';
import type { CellOutcome, CellTask } from './run-cell.ts';

/** Part of the machine's memory that the heaps of all workers may take together. */
const MEMORY_SHARE = 0.8;

/** How a pool of threads is made. */
export interface ThreadOptions {
  readonly workers: number;
  /** Heap of one worker, MiB; undefined = its share of the machine. */
  readonly heapMiB: number | undefined;
  /** The module of the workers, by path; for tests. */
  readonly workerFile?: string;
}

/** Runs cells on worker threads. A worker that dies takes its cell with it and is replaced. */
export class ThreadExecutor implements Executor {
  readonly width: number;
  private readonly options: ThreadOptions;
  /** Looked at by every worker: 1 = stop. */
  private readonly flag = new SharedArrayBuffer(4);
  private pool: Promise<Piscina> | undefined;
  /** A worker that dies without a cell is replaced in silence, unless none has ever worked. */
  private hasWorked = false;
  private fail: (problem: string) => void = () => undefined;
  private readonly broken: Promise<CellOutcome>;

  constructor(options: ThreadOptions) {
    this.options = options;
    this.width = options.workers;
    this.broken = new Promise((resolve) => {
      this.fail = (problem) => resolve({ status: 'failed', problem, isOurMistake: true });
    });
  }

  async execute(task: CellTask): Promise<CellOutcome> {
    this.pool ??= this.start();
    const pool = await this.pool;
    try {
      const outcome = (await Promise.race([pool.run(task), this.broken])) as CellOutcome;
      this.hasWorked = true;
      return outcome;
    } catch (error) {
      if (Atomics.load(new Int32Array(this.flag), 0) !== 0) return { status: 'stopped' };
      return { status: 'failed', problem: deathOf(error), isOurMistake: false };
    }
  }

  interrupt(): void {
    Atomics.store(new Int32Array(this.flag), 0, 1);
  }

  async close(): Promise<void> {
    this.interrupt();
    await (await this.pool)?.destroy();
  }

  /** The sources of the project need a loader in their workers, the built package does not. */
  private async start(): Promise<Piscina> {
    const { Piscina } = await import('piscina');
    const { workers, heapMiB, workerFile } = this.options;
    const isSource = import.meta.url.endsWith('.ts');
    const share = (totalmem() * MEMORY_SHARE) / workers / 1_048_576;
    const pool = new Piscina({
      filename: workerFile ?? fileURLToPath(new URL(`./cell-worker.${isSource ? 'ts' : 'js'}`, import.meta.url)),
      name: 'runTask',
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      workerData: { flag: this.flag },
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(heapMiB ?? share) },
      ...(isSource && { execArgv: ['--import', loaderOfSources()] }),
    });
    pool.on('error', (error) => this.hasWorked || this.fail(deathOf(error)));
    return pool;
  }
}

/** The loader of TypeScript as a URL, for a working folder that does not know it. */
function loaderOfSources(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

function deathOf(error: unknown): string {
  if (!(error instanceof Error)) return `the worker died: ${String(error)}`;
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? 'the worker ran out of memory' : `the worker died: ${error.message}`;
}
