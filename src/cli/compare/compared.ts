/** What `compare` has found, before it is written and told. */
import type { TurnedDifference } from '../../experiment/comparison/axis-dependence.ts';
import type { Comparison } from '../../experiment/comparison/comparison.ts';
import type { Samples } from '../../experiment/comparison/samples.ts';
import type { ExitCode } from '../exit-codes.ts';

/** See above. */
export interface Compared {
  /** Of the folder of the results. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly comparison: Comparison;
  readonly samples: Samples;
  /** Parts of the first line. */
  readonly about: readonly string[];
  /** What other tie-breaks say, or why the answer says nothing about them. */
  readonly ties: string;
  /** What means over the other axes hide. */
  readonly turned: readonly TurnedDifference[];
  /** Why there are as many worlds as there are; undefined where they were stated. */
  readonly stopping: string | undefined;
  readonly command: string;
  /** Of the runs: something other than ok where some failed. */
  readonly exitCode: ExitCode;
}
