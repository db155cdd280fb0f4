import type { ExplainWorkloadArguments } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { resultOptions } from './result-options.ts';

/** `orrery explain workload NS/NAME --run FOLDER`: when and why it had fewer ready pods than it wishes. */
export const explainWorkloadCommand = defineCommand<ExplainWorkloadArguments>({
  usage: 'workload <workload>',
  description: 'tell when and why a workload had fewer ready pods than it wishes, and what brought it back',
  examples: [
    ['$0 explain workload shop/cart --run results/quickstart/42', 'each span with its cause'],
    ['$0 explain workload shop/cart --run results/quickstart/42 -o json', 'all chains of causes'],
  ],
  options: (parser) =>
    resultOptions(
      parser.positional('workload', { type: 'string', demandOption: true, describe: 'NAMESPACE/NAME' }),
      'workload',
    )
      .option('kind', {
        type: 'string',
        requiresArg: true,
        describe: 'Deployment, StatefulSet, DaemonSet or ReplicaSet, where several have the name',
      })
      .option('output', {
        alias: 'o',
        choices: ['text', 'json'] as const,
        default: 'text' as const,
        describe: 'form of the answer',
      }),
  async run(args, io) {
    const { explainWorkload } = await import('../../explain/explain-workload.ts');
    return explainWorkload(args, io);
  },
});
