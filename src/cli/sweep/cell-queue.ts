/** Cells in a queue of BullMQ (Redis): a sweep puts them in, processes on any machine take them out. */
import type { Job, Queue, QueueEvents, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { orreryVersion } from '../orrery-version.ts';
import type { QueuedCell } from './queued-cell.ts';
import type { CellOutcome } from './run-cell.ts';

/** Where a queue is. */
export interface QueueAddress {
  readonly url: string;
  /** Without the password. */
  readonly shown: string;
}

/** @throws CliError where the text is no address of a queue. */
export function queueAddress(text: string): QueueAddress {
  const shown = text.replace(/\/\/[^@/]*@/, '//');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '')
    return { url: text, shown };
  throw new CliError(`orrery: "${shown}" is no address of a queue; write redis://host:6379`);
}

/** What a sweep asks of a queue. */
export interface CellQueue {
  /** Puts a cell in, unless it is there already. */
  add(cell: QueuedCell): Promise<void>;
  /** Takes a cell out by its key, unless a worker has it. */
  remove(key: string): Promise<void>;
  /** Tells how cells end, by key. */
  onEnd(listener: (key: string, outcome: CellOutcome) => void): void;
  /** Tells that the connection is there again; what was in the queue may be lost. */
  onReturn(listener: () => void): void;
  /** Closes the connections; cells stay in the queue. */
  close(): Promise<void>;
}

/** What a worker's function gets: the cell, and what gives it back to the queue. */
export type CellProcessor = (cell: QueuedCell) => Promise<CellOutcome>;

/** How often a cell may be taken over from a worker that died with it, before it is held for the cause. */
const takeOversMax = 2;

/** Different versions give different results, so they do not share a queue. */
const queueName = (): string => `orrery-${orreryVersion()}`;

/** BullMQ refuses names with colons and numbers. */
const idOf = (key: string): string => `h${key}`;
const keyOf = (id: string): string => id.slice(1);

/** The queue as a sweep sees it. @throws CliError where packages are missing, or nobody answers at the address. */
export async function openCellQueue(address: QueueAddress): Promise<CellQueue> {
  const { Queue, QueueEvents } = await packageFor('bullmq', () => import('bullmq'));
  const connection = await connect(address);
  const queue: Queue = new Queue(queueName(), { connection });
  const events: QueueEvents = new QueueEvents(queueName(), { connection: connection.duplicate() });
  // The client connects anew by itself for as long as it takes.
  queue.on('error', ignored);
  events.on('error', ignored);
  await events.waitUntilReady();
  return {
    async add(cell) {
      await queue.add('cell', cell, { jobId: idOf(cell.cell.key), removeOnComplete: true, removeOnFail: true });
    },
    async remove(key) {
      await queue.remove(idOf(key));
    },
    onEnd(listener) {
      events.on('completed', ({ jobId, returnvalue }) => listener(keyOf(jobId), returnvalue as unknown as CellOutcome));
      events.on('failed', ({ jobId, failedReason }) =>
        listener(keyOf(jobId), { status: 'failed', problem: `its workers died: ${failedReason}`, isOurMistake: false }),
      );
    },
    onReturn: (listener) => void connection.on('ready', listener),
    async close() {
      await Promise.all([queue.close(), events.close()]);
      connection.disconnect();
    },
  };
}

/** A worker that takes cells as long as it is open. */
export interface CellWorker {
  /** Takes no further cells and waits for those that it has. */
  close(): Promise<void>;
}

/**
 * Takes up to `width` cells at one time. A cell that ends as `stopped` goes back into the queue. `process` must not keep this thread
 * busy: the queue takes a cell from a worker that is silent for 30 s, and gives it to another.
 *
 * @throws CliError as `openCellQueue`.
 */
export async function openCellWorker(
  address: QueueAddress,
  width: number,
  process: CellProcessor,
): Promise<CellWorker> {
  const { WaitingError, Worker } = await packageFor('bullmq', () => import('bullmq'));
  const connection = await connect(address);
  const run = async (job: Job, token?: string): Promise<CellOutcome> => {
    const outcome = await process(job.data as QueuedCell);
    if (outcome.status !== 'stopped') return outcome;
    await job.moveToWait(token);
    throw new WaitingError();
  };
  const worker: Worker = new Worker(queueName(), run, {
    connection,
    concurrency: width,
    maxStalledCount: takeOversMax,
  });
  worker.on('error', ignored);
  return {
    async close() {
      await worker.close();
      connection.disconnect();
    },
  };
}

const ignored = (): undefined => undefined;

/** A connection that has been answered once, and comes back by itself when it is lost. */
async function connect({ url, shown }: QueueAddress): Promise<Redis> {
  const { Redis } = await packageFor('ioredis', () => import('ioredis'));
  let isConnected = false;
  let problem = 'no answer';
  const retryStrategy = (times: number): number | null => (isConnected ? Math.min(100 * times, 2000) : null);
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy });
  redis.on('error', (error: Error) => (problem = error.message));
  try {
    await redis.connect();
  } catch {
    redis.disconnect();
    throw new CliError(`orrery: no queue at ${shown}: ${problem}`, exitCodes.io);
  }
  isConnected = true;
  return redis;
}

/** Only who uses a queue needs these packages. */
async function packageFor<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CliError(`orrery: a queue needs the package ${name}: npm install bullmq ioredis`);
  }
}
