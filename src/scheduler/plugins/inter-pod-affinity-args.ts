/** InterPodAffinityArgs (`ps/apis/config/v1/defaults.go`, `validation/validation_pluginargs.go`). */
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { invalidArg, readPluginArgs } from './read-args.ts';

/** Args of InterPodAffinity, complete with defaults. */
export interface InterPodAffinityArgs {
  /** What a required affinity term of a pod on a node is worth for the pods that it means; 0..100, 0 = nothing. */
  readonly hardPodAffinityWeight: number;
  /** Pods without preferred terms of their own are not scored. */
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

export const defaultInterPodAffinityArgs: InterPodAffinityArgs = {
  hardPodAffinityWeight: 1,
  ignorePreferredTermsOfExistingPods: false,
};

const hardPodAffinityWeightMax = 100;

/** Reads the args as a user wrote them. */
export function readInterPodAffinityArgs(given: unknown, problems: ArgsProblem[]): InterPodAffinityArgs {
  const fields = ['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods'];
  const int32 = { min: -2_147_483_648 };
  return readPluginArgs('InterPodAffinity', fields, given, problems, (reader) => ({
    hardPodAffinityWeight: reader.integer('hardPodAffinityWeight', 1, int32),
    ignorePreferredTermsOfExistingPods: reader.boolean('ignorePreferredTermsOfExistingPods'),
  }));
}

/** What upstream refuses. */
export function validateInterPodAffinityArgs({ hardPodAffinityWeight: weight }: InterPodAffinityArgs): ArgsProblem[] {
  if (weight >= 0 && weight <= hardPodAffinityWeightMax) return [];
  return [invalidArg(['hardPodAffinityWeight'], weight, `not in valid range [0, ${hardPodAffinityWeightMax}]`)];
}
