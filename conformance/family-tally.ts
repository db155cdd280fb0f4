import type { Difference } from '../src/testing/scheduler-replay.ts';
import type { Disagreement, FamilyReport } from './suite.ts';

/** Adds up what came of the cases of one family. */
export class FamilyTally {
  readonly file: string;
  private readonly family: string;
  private readonly counts = new Map<string, number>();
  private readonly notComparedBecause = new Map<string, number>();
  private readonly disagreements: Disagreement[] = [];
  private largestTimeDifferenceS: number | undefined;
  private caseCount = 0;
  private agree = 0;
  private notCompared = 0;

  constructor(family: string, file: string) {
    this.family = family;
    this.file = file;
  }

  get cases(): number {
    return this.caseCount;
  }

  /** So many values of one kind were compared. */
  count(what: string, count: number): void {
    increase(this.counts, what, count);
  }

  /** A time lies so far from what was recorded, seconds. */
  timeDifference(seconds: number): void {
    this.largestTimeDifferenceS = Math.max(this.largestTimeDifferenceS ?? 0, seconds);
  }

  /** A case disagrees with any difference, is not compared with anything left out, and agrees otherwise. */
  addCase(line: number, differences: readonly Difference[], leftOut: ReadonlyMap<string, number> = nothing): void {
    this.caseCount++;
    if (differences.length > 0)
      for (const entry of differences) this.disagreements.push({ ...entry, ...this.at(line) });
    else if (leftOut.size > 0) this.notCompared++;
    else this.agree++;
    for (const [what, count] of leftOut) increase(this.notComparedBecause, what, count);
  }

  /** A case that has been judged by a rule of its own: it may agree although some of its times lie outside. */
  addJudged(line: number, agrees: boolean, misses: readonly (Difference & { readonly file?: string })[]): void {
    this.caseCount++;
    if (agrees) this.agree++;
    for (const miss of misses) this.disagreements.push({ ...this.at(line), ...miss });
  }

  private at(line: number): Pick<Disagreement, 'file' | 'line'> {
    return { file: this.file, line };
  }

  report(): FamilyReport {
    const { family, cases, agree, notCompared, counts, disagreements, notComparedBecause } = this;
    const { largestTimeDifferenceS } = this;
    return { family, cases, agree, notCompared, counts, disagreements, largestTimeDifferenceS, notComparedBecause };
  }
}

/** A miss that its text tells whole. */
export function missOf(id: string, what: string, text: string): Difference {
  return { case: id, where: '', what, expected: 'as recorded', got: text };
}

const nothing: ReadonlyMap<string, number> = new Map();

function increase(counts: Map<string, number>, what: string, count: number): void {
  counts.set(what, (counts.get(what) ?? 0) + count);
}
