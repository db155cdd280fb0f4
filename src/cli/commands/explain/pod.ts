import type { ExplainPodArguments } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { resultOptions } from './result-options.ts';
import { allowPluginsOption } from '../../shared-options.ts';

/** `orrery explain pod NS/NAME --run FOLDER`: a pod's way, and why the scheduler decided as it did. */
export const explainPodCommand = defineCommand<ExplainPodArguments>({
  usage: 'pod <pod>',
  description: "tell a pod's way hop by hop, or a decision of the scheduler node by node",
  examples: [
    ['$0 explain pod shop/cart-0 --run results/quickstart/42', 'who did what and when'],
    ['$0 explain pod shop/cart-0 --run results/quickstart/42 --decision', 'filters and scores of its last attempt'],
    ['$0 explain pod shop/cart-0 --run results/quickstart/42 --node general-a-1', 'why not that node'],
    ['$0 explain pod shop/cart-0 --run results/quickstart/42 --why-killed', 'back to the first cause'],
    ['$0 explain pod openb-pod-0017 --run results/fgd-atc23/42', 'one offer of a trace replayed in order'],
  ],
  options: (parser) =>
    resultOptions(parser.positional('pod', { type: 'string', demandOption: true, describe: 'NAMESPACE/NAME' }), 'pod')
      .option('decision', {
        type: 'boolean',
        default: false,
        describe: 'all filters and the best five nodes with their scores',
      })
      .option('at', {
        type: 'string',
        requiresArg: true,
        conflicts: 'attempt',
        describe: 'the last decision by this virtual time: 12m30s or 00:12:30.250',
      })
      .option('attempt', {
        type: 'string',
        requiresArg: true,
        describe: 'the decision of this attempt, from 1; default: the last one',
      })
      .option('node', { type: 'string', requiresArg: true, describe: 'why this node was not chosen' })
      .option('why-pending', {
        type: 'boolean',
        default: false,
        describe: 'why the last refused attempt found no node, in one paragraph',
      })
      .option('why-killed', {
        type: 'boolean',
        default: false,
        describe: 'who ended it and why, back to a fault, an action of a user, or a policy',
      })
      .option('output', {
        alias: 'o',
        choices: ['text', 'json'] as const,
        default: 'text' as const,
        describe: 'form of the answer',
      })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'no progress' })
      .option('allow-plugins', allowPluginsOption('of a result ')),
  async run(args, io) {
    const { explainPod } = await import('../../explain/explain-pod.ts');
    return explainPod(args, io);
  },
});
