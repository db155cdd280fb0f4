import type { CellQueue } from './cell-queue.ts';
import type { Executor } from './executor.ts';
import type { QueuedCell } from './queued-cell.ts';
import { queuedCell } from './queued-cell.ts';
import type { CellOutcome, CellTask } from './run-cell.ts';

/** Cells that stand in the queue at one time: enough that no worker waits, few enough to be taken out again at once. */
const cellsInQueue = 1000;

interface Waiting {
  readonly queued: QueuedCell;
  readonly resolve: (outcome: CellOutcome) => void;
}

/** Lets workers of a queue run cells. A cell that is run twice, because its worker was lost, gives the same bytes. */
export class QueueExecutor implements Executor {
  readonly width = cellsInQueue;
  private readonly open: () => Promise<CellQueue>;
  private queue: Promise<CellQueue> | undefined;
  /** By key. */
  private readonly waiting = new Map<string, Waiting>();

  /** @param open connects, when the first cell is to run. */
  constructor(open: () => Promise<CellQueue>) {
    this.open = open;
  }

  async execute(task: CellTask): Promise<CellOutcome> {
    try {
      const queue = await (this.queue ??= this.connect());
      const queued = queuedCell(task);
      return await new Promise((resolve, reject) => {
        this.waiting.set(task.cell.key, { queued, resolve });
        queue.add(queued).catch(reject);
      });
    } catch (error) {
      return { status: 'io', problem: error instanceof Error ? error.message.replace(/^orrery: /, '') : String(error) };
    }
  }

  /** Takes out what no worker has; what one has goes on there, and its result is kept. */
  interrupt(): void {
    for (const key of this.waiting.keys()) {
      void this.queue?.then((queue) => queue.remove(key)).catch(() => undefined);
      this.ended(key, { status: 'stopped' });
    }
  }

  async close(): Promise<void> {
    this.interrupt();
    await this.queue?.then(
      (queue) => queue.close(),
      () => undefined,
    );
  }

  private async connect(): Promise<CellQueue> {
    const queue = await this.open();
    queue.onEnd((key, outcome) => this.ended(key, outcome));
    // What was in the queue may be lost; what is there still is not put in a second time.
    queue.onReturn(() => this.waiting.forEach(({ queued }) => void queue.add(queued).catch(() => undefined)));
    return queue;
  }

  private ended(key: string, outcome: CellOutcome): void {
    this.waiting.get(key)?.resolve(outcome);
    this.waiting.delete(key);
  }
}
