/** What `npm run conformance` prints. */
import type { Disagreement, FamilyReport } from './suite.ts';

/** Disagreements that are printed in full. */
const shownDisagreements = 10;

/** The table with a line of sums, then the first disagreements in full, what was not compared, and the verdict. */
export function reportLines(columns: readonly string[], families: readonly FamilyReport[]): readonly string[] {
  return [
    ...tableLines(columns, families),
    ...disagreementLines(families.flatMap(({ disagreements }) => disagreements)),
    ...notComparedLines(families),
    '',
    verdictLine(families),
  ];
}

/** `agree N of M`, in cases. */
export function verdictLine(families: readonly FamilyReport[]): string {
  return `agree ${sum(families, ({ agree }) => agree)} of ${sum(families, ({ cases }) => cases)}`;
}

function tableLines(columns: readonly string[], families: readonly FamilyReport[]): readonly string[] {
  const head = ['family', 'cases', ...columns, 'agree', 'not compared', 'disagreements'];
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
  const rows = families.map((family) => [family.family, ...figures.map((figure) => String(figure(family)))]);
  if (families.length > 1) rows.push(['all', ...figures.map((figure) => String(sum(families, figure)))]);
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
  const rest = disagreements.length - shownDisagreements;
  return rest > 0 ? [...lines, '', `and ${rest} more disagreements`] : lines;
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
