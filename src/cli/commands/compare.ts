import type { CompareArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { outputOptions, statisticsOptions, subjectOptions } from '../compare/compare-options.ts';

/** `orrery compare`: scheduler profiles in the same random worlds, or the levels of a finished sweep. */
export const compare = defineCommand<CompareArguments>({
  usage: 'compare',
  description: 'compare scheduler profiles, or levels of a sweep: how sure is it?',
  examples: [
    ['$0 compare -f zone.yaml --profile default --profile most-allocated -n 20', 'the first one is the baseline'],
    ['$0 compare -f zone.yaml --profile default --profile mine.yaml --until-half-width 5%', 'as many runs as it takes'],
    [
      '$0 compare -f zone.yaml --profile default --profile mine.yaml --fail-on regression',
      'in CI: exit code 1 if worse',
    ],
    ['$0 compare --sweep results/sweep-campaign --axis policy --baseline best-fit', 'what has been run already'],
  ],
  options: (parser) => outputOptions(statisticsOptions(subjectOptions(parser))),
  async run(args, io) {
    const { compare: run } = await import('../compare/compare.ts');
    return run(args, io);
  },
});
