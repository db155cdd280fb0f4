import type { SweepArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { experimentOptions } from '../sweep/sweep-options.ts';
import { workerOptions } from '../sweep/worker-options.ts';

/** `orrery sweep -f experiment.yaml`: runs the product of some axes, and merges the results. */
export const sweep = defineCommand<SweepArguments>({
  usage: 'sweep',
  description: 'run an experiment: a scenario under every combination of levels',
  examples: [
    ['$0 sweep -f scenarios/policies-500/experiment.yaml', 'all cells; one that is stopped goes on where it was'],
    ['$0 sweep -f campaign.yaml --dry-run', 'what would be run'],
    ['$0 sweep -f campaign.yaml --shard 2/8', 'a part of it; orrery merge puts the parts together'],
  ],
  options: (parser) =>
    workerOptions(experimentOptions(parser))
      .option('shard', {
        type: 'string',
        requiresArg: true,
        describe: 'I/N: run this part only; in a Slurm array it is known; /N in an Indexed Job',
      })
      .option('queue', {
        type: 'string',
        requiresArg: true,
        describe: 'redis://HOST:PORT: let `orrery worker` processes of any machines run the cells',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'print the cells and run nothing' })
      .option('check', {
        choices: ['off', 'cheap', 'full'] as const,
        default: 'cheap' as const,
        describe: 'how closely the rules of the cluster are checked',
      }),
  async run(args, io) {
    const { sweep: run } = await import('../sweep/sweep.ts');
    return run(args, io);
  },
});
