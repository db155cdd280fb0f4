import type { WorkerArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { allowOutsideOption, allowPluginsOption, quietOption } from '../shared-options.ts';
import { workerOptions } from '../sweep/worker-options.ts';

/** `orrery worker redis://host:6379`: runs cells of sweeps that other machines put into a queue. */
export const worker = defineCommand<WorkerArguments>({
  usage: 'worker <queue>',
  description: 'run cells of `orrery sweep --queue` until it is stopped',
  examples: [['$0 worker redis://queue:6379', 'takes cells; run it in a folder with the same files']],
  options: (parser) =>
    workerOptions(
      parser.positional('queue', { type: 'string', demandOption: true, describe: 'address of the queue (Redis)' }),
    )
      .option('out', { type: 'string', requiresArg: true, default: 'results', describe: 'folder of the results' })
      .option('quiet', quietOption)
      .option('allow-outside', allowOutsideOption('experiment'))
      .option('allow-plugins', allowPluginsOption('')),
  async run(args, io) {
    const { runWorker } = await import('../sweep/queue-worker.ts');
    return runWorker(args, io);
  },
});
