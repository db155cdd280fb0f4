import type { MergeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { experimentOptions } from '../sweep/sweep-options.ts';

/** `orrery merge -f experiment.yaml`: the tables of a sweep that ran in shards. */
export const merge = defineCommand<MergeArguments>({
  usage: 'merge',
  description: 'merge the cells of a sweep that ran in shards',
  examples: [['$0 merge -f campaign.yaml --from node1/results/sweep-campaign', 'cells of another machine as well']],
  options: (parser) =>
    experimentOptions(parser).option('from', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'folder of this sweep from another machine; may be repeated',
    }),
  async run(args, io) {
    const { merge: run } = await import('../sweep/merge.ts');
    return run(args, io);
  },
});
