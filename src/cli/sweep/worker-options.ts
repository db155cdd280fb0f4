import { availableParallelism } from 'node:os';
import type { Argv } from 'yargs';
import { parseQuantity } from '../../api/quantity.ts';
import { CliError } from '../cli-error.ts';
import type { Executor } from './executor.ts';
import { InlineExecutor } from './executor.ts';
import { ThreadExecutor } from './thread-executor.ts';

/** `--workers` and `--worker-memory` as they are typed. */
export interface WorkerTexts {
  readonly workers: string | undefined;
  readonly 'worker-memory': string | undefined;
}

/** Options of every command that runs cells on threads of its own. */
export function workerOptions<A>(parser: Argv<A>) {
  return parser
    .option('workers', {
      type: 'string',
      requiresArg: true,
      describe: 'cells that run at one time; default: one for each core',
    })
    .option('worker-memory', {
      type: 'string',
      requiresArg: true,
      describe: 'heap of one worker, such as 2Gi; default: its share of the machine',
    });
}

/** What they ask for. @throws CliError where they are no numbers. */
export class WorkerPool {
  private readonly workers: number;
  private readonly heapMiB: number | undefined;

  constructor(texts: WorkerTexts) {
    this.workers = workersOf(texts.workers);
    this.heapMiB = heapOf(texts['worker-memory']);
  }

  /** @param most cells that there will ever be. */
  executor(most = Infinity): Executor {
    const { workers, heapMiB } = this;
    return workers === 0 ? new InlineExecutor() : new ThreadExecutor({ workers: Math.min(workers, most), heapMiB });
  }
}

/** @throws CliError where the text is no number of workers. */
export function workersOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CliError(`orrery: --workers "${text}" is not a whole number up to 9999; 0 runs the cells without workers`);
}

const MEBIBYTE = 1_048_576n;
const HEAP_MIN_MIB = 32;

/** Mebibytes of a quantity such as 2Gi. */
function heapOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  const mebibytes = quantity === undefined ? 0 : Number(quantity.nano / 1_000_000_000n / MEBIBYTE);
  if (mebibytes >= HEAP_MIN_MIB) return mebibytes;
  throw new CliError(`orrery: --worker-memory "${text}" is not a quantity of at least ${HEAP_MIN_MIB}Mi, such as 2Gi`);
}
