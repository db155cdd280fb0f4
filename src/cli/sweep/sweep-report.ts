/** Charts and report of a merged sweep. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Axis } from '../../experiment/cell.ts';
import type { TurnedDifference } from '../../experiment/comparison/axis-dependence.ts';
import { dependenceNotes, turnedDifferences } from '../../experiment/comparison/axis-dependence.ts';
import type { Comparison } from '../../experiment/comparison/comparison.ts';
import { compareSamples } from '../../experiment/comparison/comparison.ts';
import { comparisonTables } from '../../experiment/comparison/comparison-tables.ts';
import { comparisonNotes } from '../../experiment/comparison/notes.ts';
import type { Samples } from '../../experiment/comparison/samples.ts';
import { samplesOf } from '../../experiment/comparison/samples.ts';
import { sweptTies } from '../../experiment/comparison/tie-robustness.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { axesOf } from '../../experiment/experiment.ts';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { Cell, Column, Row, Table } from '../../record/table.ts';
import type { SweepChartOptions } from '../../report/sweep-charts/registry.ts';
import { comparisonCharts, sweepChart } from '../../report/sweep-charts/registry.ts';
import { partsOfComparison, writeComparisonTables, writeOverview } from '../compare/comparison-files.ts';
import { scopeText, testsText, tiesText } from '../compare/comparison-text.ts';
import { csvRows } from '../explain/csv-records.ts';
import type { ManifestFile } from '../manifest.ts';
import type { ResultFolder } from '../result-folder.ts';
import type { MergedCell } from './merge-cells.ts';
import { tieBreaksOf } from './plan-cells.ts';

/** Level of the intervals, and what is no regression, where nobody says. */
const LEVEL = 0.95;
const TOLERATED = 0.02;

/** Writes the tables of the comparison, `charts/` and `report.html`; gives their entries for the manifest. */
export async function writeSweepReport(
  experiment: Experiment,
  results: readonly MergedCell[],
  command: string,
  folder: ResultFolder,
): Promise<readonly ManifestFile[]> {
  const axes = axesOf(experiment);
  const compared = comparedAxis(experiment, axes);
  const options = experiment.charts.length > 0 ? experiment.charts : defaultCharts(axes, compared);
  const found = compared === undefined ? undefined : comparisonOf(axes, results, compared);
  const own = found === undefined ? new Map<string, Table>() : comparisonTables(found.comparison, found.samples);
  const read = chartTables(axes, results, options).map((table) => [table.name, table] as const);
  const tieBreaks = tieBreaksOf(results.map(({ cell }) => cell));
  const about = [
    `${results.length} runs`,
    ...axes.map(({ name }, at) => `${name} × ${levelCount(results, at)}`),
    tiesText(tieBreaks),
  ];
  const overview = {
    ...{ title: experiment.name, question: questionOf(experiment), command },
    about: found === undefined ? about : [...about, ...found.scope, testsText(found.comparison)],
    tables: new Map([...own, ...read]),
    charts: [...(found === undefined ? [] : comparisonCharts), ...options.map(sweepChart)],
    notes: found === undefined ? [] : notesOf(found),
    ...(found === undefined
      ? partsWithout(results)
      : partsOfComparison(found.comparison, found.samples, sweptTies(tieBreaks, found.turned, found.samples))),
  };
  return [
    ...writeComparisonTables(own.values(), folder),
    ...(await writeOverview(overview, folder, { hasCharts: true, hasReport: true })),
  ];
}

function notesOf({ comparison, samples, turned }: Found): readonly string[] {
  return [...dependenceNotes(turned, comparison.policies[0]!), ...comparisonNotes(comparison, samples)];
}

/** Levels of an axis that were run: a selector may leave some out. */
function levelCount(results: readonly MergedCell[], axis: number): number {
  return new Set(results.map(({ cell }) => cell.levels[axis])).size;
}

/** What is said of a sweep in which nothing can be compared. */
function partsWithout(results: readonly MergedCell[]): ReturnType<typeof partsOfComparison> {
  const failed = results.filter(({ problem }) => problem !== undefined).length;
  const count = results.length;
  const answer = failed === 0 ? `All ${count} runs came to their end.` : `${failed} of ${count} runs failed.`;
  return { answer, figures: [], verdicts: [], table: undefined };
}

function questionOf({ description, name }: Experiment): string {
  const [first = ''] = /^.*?[.?!](?=\s|$)/s.exec(description.trim()) ?? [description.trim()];
  return first === '' ? `What does ${name} say?` : first.replaceAll(/\s+/g, ' ');
}

/** The axis of the policies: the one that is called so, else the first with two levels. */
function comparedAxis(
  { baseline }: Experiment,
  axes: readonly Axis[],
): { readonly axis: string; readonly policies: readonly string[] } | undefined {
  const several = axes.filter(({ levels }) => levels.length > 1);
  const chosen = several.find(({ name }) => /^(policy|profile|scheduler)$/.test(name)) ?? several[0];
  if (chosen === undefined) return undefined;
  const first = baseline[axes.indexOf(chosen)]!;
  return { axis: chosen.name, policies: [first, ...chosen.levels.filter((level) => level !== first)] };
}

interface Found {
  readonly comparison: Comparison;
  readonly samples: Samples;
  readonly turned: readonly TurnedDifference[];
  /** Which cells it is about, in words. */
  readonly scope: readonly string[];
}

function comparisonOf(
  axes: readonly Axis[],
  results: readonly MergedCell[],
  compared: { readonly axis: string; readonly policies: readonly string[] },
): Found | undefined {
  const samples = samplesOf(results, axes, compared);
  if (samples.worlds.length < 2) return undefined;
  const comparison = compareSamples(samples, {
    level: LEVEL,
    tolerated: TOLERATED,
    metrics: undefined,
    workloads: 'few',
  });
  if (comparison.metrics.length === 0) return undefined;
  const turned = turnedDifferences(comparison, results, axes, compared.axis);
  return { comparison, samples, turned, scope: scopeText(axes, compared.axis) };
}

/** Where the experiment asks for no chart: each headline metric over the next axis. */
function defaultCharts(
  axes: readonly Axis[],
  compared: { readonly axis: string } | undefined,
): readonly SweepChartOptions[] {
  const over = axes.find(({ name, levels }) => name !== compared?.axis && levels.length > 1);
  if (over === undefined || compared === undefined) return [];
  const isNumeric = over.levels.every((level) => level !== '' && Number.isFinite(Number(level)));
  return summaryMetrics
    .filter(({ judgement }) => judgement.isHeadline)
    .map(({ name, unit, judgement: { noun } }): SweepChartOptions => {
      const common = {
        name: `${name.replaceAll('.', '-')}-over-${over.name.toLowerCase().replaceAll('_', '-')}`,
        title: `${noun} over ${over.name}`,
        question: `How does ${noun} change with ${over.name}?`,
        table: 'figures',
        y: 'value',
        series: compared.axis,
        yTitle: `${noun} (${unit === 'seconds' ? 's' : unit})`,
        where: new Map([['metric', name]]),
      };
      if (!isNumeric) return { kind: 'bars', ...common, group: over.name };
      return { kind: 'curve', ...common, x: over.name, facet: undefined, xTitle: over.name };
    });
}

const column = (name: string, type: Column['type'] = 'string'): Column => ({ name, type, description: '' });

/** The merged tables that the charts read, with the columns that they ask for. */
function chartTables(
  axes: readonly Axis[],
  results: readonly MergedCell[],
  options: readonly SweepChartOptions[],
): Table[] {
  return [...new Set(options.map(({ table }) => table))].map((name) => {
    const asked = options.filter(({ table }) => table === name).flatMap(columnsAsked);
    const own = [...new Set(asked)].filter((entry) => !axes.some((axis) => axis.name === entry));
    const columns = [...axes.map((axis) => column(axis.name)), ...own.map((entry) => column(entry, 'number'))];
    return { name, description: 'As merged.', columns, rows: rowsOfCells(name, own, results) };
  });
}

/** Cell by cell from the disk: memory for the rows of one of them. */
function rowsOfCells(table: string, columns: readonly string[], results: readonly MergedCell[]): Iterable<Row> {
  return {
    *[Symbol.iterator]() {
      for (const result of results) {
        const levels = result.cell.levels.map(plain);
        let places: readonly number[] | undefined;
        for (const cells of textsOf(table, result)) {
          if (places === undefined) places = columns.map((name) => cells.indexOf(name));
          else yield [...levels, ...places.map((at) => plain(cells[at] ?? ''))];
        }
      }
    },
  };
}

function columnsAsked(options: SweepChartOptions): readonly string[] {
  const group = options.kind === 'curve' ? [options.x, options.facet] : [options.group];
  return [options.y, options.series, ...group, ...options.where.keys()].filter((name) => name !== undefined);
}

/** A number where the text is one. */
function plain(text: string): Cell {
  if (text === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** The rows of one cell, the names of the columns first. */
function* textsOf(table: string, { figures, folder }: MergedCell): Generator<readonly string[]> {
  if (table !== 'figures') {
    if (folder !== undefined) yield* csvRows(readFileSync(join(folder, `${table}.csv`), 'utf8'));
    return;
  }
  yield ['metric', 'value'];
  for (const { name, unit } of summaryMetrics) {
    const value = figures.get(name);
    if (value !== undefined) yield [name, String(unit === 'seconds' ? value / 1_000_000 : value)];
  }
}
