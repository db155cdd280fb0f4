/** The report of a comparison as one HTML page. */
import type { Table } from '../record/table.ts';
import type { Chart } from './define-chart.ts';
import { escapeHtml, htmlTable } from './html-escape.ts';
import type { PageSection, ReportAssets } from './html-page.ts';
import { htmlPage } from './html-page.ts';
import { dictionarySection } from './html-sections.ts';
import type { ReportFigure } from './report-input.ts';

/** A table of texts as it is shown. */
export interface ShownTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns set flush right, from 0. */
  readonly numeric: readonly number[];
}

/** Everything the page is made of. Texts are plain: the page escapes them. */
export interface ComparisonReportInput {
  readonly title: string;
  readonly question: string;
  /** The verdict in a sentence. */
  readonly answer: string;
  /** Parts of the line above the question. */
  readonly about: readonly string[];
  readonly figures: readonly ReportFigure[];
  /** A sentence for each finding. */
  readonly verdicts: readonly string[];
  readonly notes: readonly string[];
  readonly table: ShownTable | undefined;
  readonly tables: ReadonlyMap<string, Table>;
  /** `ranking` and `paired-differences` have places of their own, the others follow each other. */
  readonly charts: readonly Chart[];
  readonly command: string;
  readonly orreryVersion: string;
}

/** The page in pieces. First viewport: verdict, figures, ranking. */
export function comparisonReport(input: ComparisonReportInput, assets: ReportAssets): readonly string[] {
  const { question, answer, about, figures, orreryVersion, charts, tables } = input;
  return htmlPage(
    {
      ...{ question, answer, about: [input.title, ...about], figures, orreryVersion, charts },
      input: { tables, horizonUs: 0 },
      lead: (figure) => figure('ranking'),
      sections: (figure) => sectionsOf(input, figure),
    },
    assets,
  );
}

function sectionsOf(input: ComparisonReportInput, figure: (name: string) => string): readonly PageSection[] {
  const others = input.charts.map(({ name }) => name).filter((name) => !placed.includes(name));
  const sections: readonly PageSection[] = [
    ['verdicts', 'What is known', verdictsSection(input) + figure('paired-differences')],
    ['figures', 'Over the axes', others.map(figure).join('\n')],
    ['limits', 'How far to trust it', listOf(input.notes)],
    ['reproduce', 'How to get the same bytes again', `<pre>${escapeHtml(input.command)}</pre>`],
    ['dictionary', 'Data dictionary', dictionarySection(input)],
  ];
  return sections.filter(([, , html]) => html !== '');
}

const placed: readonly string[] = ['ranking', 'paired-differences'];

function verdictsSection({ verdicts, table }: ComparisonReportInput): string {
  const shown = table === undefined ? '' : htmlTable(table.head, table.rows, table.numeric);
  return folded(verdicts) + shown;
}

/** Sentences that a reader takes in; more of them are opened on demand, since the table below says the same. */
const SENTENCES_OPEN = 12;

function folded(texts: readonly string[]): string {
  if (texts.length <= SENTENCES_OPEN) return listOf(texts);
  return `<details><summary>The same in ${texts.length} sentences</summary>${listOf(texts)}</details>`;
}

function listOf(texts: readonly string[]): string {
  if (texts.length === 0) return '';
  return `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('\n')}</ul>`;
}
