/** What a suite of recordings is: how `npm run conformance -- NAME` knows it, and what it answers. */
import type { Difference } from '../src/testing/scheduler-replay.ts';

/** What the command line asks for. */
export interface SuiteOptions {
  /** Folder with the recordings. */
  readonly dir: string;
  /** Only this family; undefined = all in the folder. */
  readonly family: string | undefined;
  /** Only the case with this id; undefined = all. */
  readonly caseId: string | undefined;
}

/** A difference, and where its inputs are. */
export interface Disagreement extends Difference {
  readonly file: string;
  /** Of the case in the unpacked file, from 1 on. */
  readonly line: number;
}

/** What came of one family. */
export interface FamilyReport {
  readonly family: string;
  readonly cases: number;
  /** Cases in which everything was compared and nothing differed. */
  readonly agree: number;
  /** Cases without a difference of which a part could not be compared: see `notComparedBecause`. */
  readonly notCompared: number;
  /** Values that were compared, by kind: `pods`, `node verdicts`, ... */
  readonly counts: ReadonlyMap<string, number>;
  readonly disagreements: readonly Disagreement[];
  /** The farthest that a time lies from what was recorded, seconds; undefined where no times are compared. */
  readonly largestTimeDifferenceS: number | undefined;
  /** Why parts were not compared, with the number of values each. */
  readonly notComparedBecause: ReadonlyMap<string, number>;
}

/** One kind of recordings: a file beside this one and a line in `registry.ts`. */
export interface ConformanceSuite {
  /** As on the command line. */
  readonly name: string;
  readonly description: string;
  /** Kinds of values in the columns of the table, in order. */
  readonly columns: readonly string[];
  /** The columns of all times and of those outside; undefined where no times are compared. */
  readonly timeColumns?: readonly [all: string, missed: string];
  /** Replays everything that `options` let through; calls `onFamily` after each family. Throws where there is nothing to read. */
  run(options: SuiteOptions, onFamily: (report: FamilyReport) => void): void;
}
