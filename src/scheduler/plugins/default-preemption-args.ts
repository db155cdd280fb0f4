/** DefaultPreemptionArgs (`ps/apis/config/v1/defaults.go`, `validation/validation_pluginargs.go`). */
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { invalidArg, readPluginArgs } from './read-args.ts';

/** How many candidates a dry run looks for. */
export interface DefaultPreemptionArgs {
  /** 0..100, of the nodes on which preemption might help. */
  readonly minCandidateNodesPercentage: number;
  /** >= 0; the greater of the two counts. */
  readonly minCandidateNodesAbsolute: number;
}

export const defaultPreemptionArgs: DefaultPreemptionArgs = {
  minCandidateNodesPercentage: 10,
  minCandidateNodesAbsolute: 100,
};

const percentageName = 'minCandidateNodesPercentage';
const absoluteName = 'minCandidateNodesAbsolute';
const anything = { min: -2147483648 };

/** Reads the args as a user wrote them. */
export function readPreemptionArgs(given: unknown, problems: ArgsProblem[]): DefaultPreemptionArgs {
  return readPluginArgs('DefaultPreemption', [percentageName, absoluteName], given, problems, (reader) => ({
    minCandidateNodesPercentage: reader.integer(
      percentageName,
      defaultPreemptionArgs.minCandidateNodesPercentage,
      anything,
    ),
    minCandidateNodesAbsolute: reader.integer(absoluteName, defaultPreemptionArgs.minCandidateNodesAbsolute, anything),
  }));
}

/** What upstream refuses. */
export function validatePreemptionArgs(args: DefaultPreemptionArgs): readonly ArgsProblem[] {
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args;
  const problems: ArgsProblem[] = [];
  if (percentage < 0 || percentage > 100) {
    problems.push(invalidArg([percentageName], percentage, 'not in valid range [0, 100]'));
  }
  if (absolute < 0) problems.push(invalidArg([absoluteName], absolute, 'not in valid range [0, inf)'));
  if (percentage === 0 && absolute === 0) {
    problems.push(
      invalidArg([percentageName], percentage, `cannot be zero at the same time as ${absoluteName}`),
      invalidArg([absoluteName], absolute, `cannot be zero at the same time as ${percentageName}`),
    );
  }
  return problems;
}
