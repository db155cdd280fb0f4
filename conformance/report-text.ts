/** What `npm run conformance` prints. */
import type { ConformanceSuite, Disagreement, FamilyReport } from './suite.ts';
import { insideShareMin, timesInside } from './times-inside.ts';

/** Disagreements that are printed in full; the others in a line each. */
const shownDisagreements = 10;

/** Of the others at most so many characters. */
const missLength = 240;

/** The table with a line of sums, then all disagreements, what was not compared, the share of the times, and the verdict. */
export function reportLines(
  suite: Pick<ConformanceSuite, 'columns' | 'timeColumns'>,
  families: readonly FamilyReport[],
): readonly string[] {
  return [
    ...tableLines(suite.columns, families),
    ...disagreementLines(families.flatMap(({ disagreements }) => disagreements)),
    ...notComparedLines(families),
    ...timesLines(suite, families),
    '',
    verdictLine(families),
  ];
}

/** `agree N of M`, in cases. */
export function verdictLine(families: readonly FamilyReport[]): string {
  return `agree ${sum(families, ({ agree }) => agree)} of ${sum(families, ({ cases }) => cases)}`;
}

function tableLines(columns: readonly string[], families: readonly FamilyReport[]): readonly string[] {
  const hasTimes = families.some(({ largestTimeDifferenceS }) => largestTimeDifferenceS !== undefined);
  const head = ['family', 'cases', ...columns, 'agree', 'not compared', 'disagreements'];
  if (hasTimes) head.push('largest time difference');
  const figures = [
    ({ cases }: FamilyReport): number => cases,
    ...columns.map(
      (column) =>
        ({ counts }: FamilyReport): number =>
          counts.get(column) ?? 0,
    ),
    ({ agree }: FamilyReport): number => agree,
    ({ notCompared }: FamilyReport): number => notCompared,
    ({ disagreements }: FamilyReport): number => disagreements.length,
  ];
  const rowOf = (name: string, figure: (of: (family: FamilyReport) => number) => number, largest: number): string[] => [
    name,
    ...figures.map((of) => String(figure(of))),
    ...(hasTimes ? [`${largest.toFixed(3)} s`] : []),
  ];
  const largestOf = ({ largestTimeDifferenceS }: FamilyReport): number => largestTimeDifferenceS ?? 0;
  const rows = families.map((family) => rowOf(family.family, (of) => of(family), largestOf(family)));
  if (families.length > 1) rows.push(rowOf('all', (of) => sum(families, of), Math.max(...families.map(largestOf))));
  return aligned([head, ...rows]);
}

/** The first column to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((text, at) => (at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!))).join('  '),
  );
}

function disagreementLines(disagreements: readonly Disagreement[]): readonly string[] {
  const lines = disagreements.slice(0, shownDisagreements).flatMap(disagreementText);
  const rest = disagreements.slice(shownDisagreements).map(missText);
  return rest.length > 0 ? [...lines, '', `and ${rest.length} more disagreements:`, ...rest] : lines;
}

function missText({ case: id, where, what, got }: Disagreement): string {
  const text = `  ${id}${where === '' ? '' : ` ${where}`}: ${what}: ${got}`;
  return text.length > missLength ? `${text.slice(0, missLength)}...` : text;
}

function timesLines(
  suite: Pick<ConformanceSuite, 'timeColumns'>,
  families: readonly FamilyReport[],
): readonly string[] {
  const times = timesInside(suite, families);
  if (times === undefined) return [];
  const percent = ((100 * times.inside) / times.all).toFixed(2);
  const wanted = `wanted of a whole suite: ${100 * insideShareMin} %`;
  return [
    '',
    `times within the spread of the recordings: ${times.inside} of ${times.all}, ${percent} % (${wanted})`,
    'a difference is how far a time lies from all recorded plays; the spread allows for phases, draws and states of single plays',
  ];
}

function disagreementText({ case: id, where, what, expected, got, file, line }: Disagreement): readonly string[] {
  return [
    '',
    `${id}${where === '' ? '' : ` ${where}`}: ${what}`,
    `  expected  ${expected}`,
    `  got       ${got}`,
    `  inputs    gzip -dc ${file} | sed -n ${line}p`,
  ];
}

function notComparedLines(families: readonly FamilyReport[]): readonly string[] {
  const cases = sum(families, ({ notCompared }) => notCompared);
  const reasons = new Map<string, number>();
  for (const { notComparedBecause } of families) {
    for (const [reason, count] of notComparedBecause) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  }
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, count]) => [`  ${reason}`, String(count)]);
  return ['', `${cases} cases were not compared in full, which counts as not agreeing. Left out:`, ...aligned(lines)];
}

function sum(families: readonly FamilyReport[], figure: (family: FamilyReport) => number): number {
  return families.reduce((total, family) => total + figure(family), 0);
}
