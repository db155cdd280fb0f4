/** How many times of a suite lie within the spread of the recordings. */
import type { ConformanceSuite, FamilyReport } from './suite.ts';

/** Plays of the real components agree with each other in 96 to 99 % of the times. */
export const insideShareMin = 0.98;

/** Times that were compared, and those of them that lie inside. */
export interface TimesInside {
  readonly all: number;
  readonly inside: number;
}

/** Of all families together; undefined where no times were compared. */
export function timesInside(
  { timeColumns }: Pick<ConformanceSuite, 'timeColumns'>,
  families: readonly FamilyReport[],
): TimesInside | undefined {
  if (timeColumns === undefined) return undefined;
  const [all, missed] = timeColumns.map((column) =>
    families.reduce((total, { counts }) => total + (counts.get(column) ?? 0), 0),
  ) as [number, number];
  return all === 0 ? undefined : { all, inside: all - missed };
}

/** Whether enough do. */
export function areTimesInside(times: TimesInside | undefined): boolean {
  return times === undefined || times.inside >= insideShareMin * times.all;
}
