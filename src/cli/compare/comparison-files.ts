/** Charts and report of a comparison or a sweep, and what both say of a comparison. */
import { formatMean, tellDifference } from '../../experiment/comparison/amounts.ts';
import { answerOf, leadingPolicy } from '../../experiment/comparison/answer.ts';
import type { Comparison, Contrast } from '../../experiment/comparison/comparison.ts';
import { effectOf } from '../../experiment/comparison/comparison.ts';
import type { Samples } from '../../experiment/comparison/samples.ts';
import { findingSentences, verdictWord } from '../../experiment/comparison/verdicts.ts';
import type { Table } from '../../record/table.ts';
import type { ComparisonReportInput, ShownTable } from '../../report/comparison-report.ts';
import type { ReportFigure } from '../../report/report-input.ts';
import { writeTables } from '../../report/write-tables.ts';
import { breathe } from '../cli-io.ts';
import type { ManifestFile } from '../manifest.ts';
import { sha256 } from '../node-hash.ts';
import { orreryVersion } from '../orrery-version.ts';
import type { ResultFolder } from '../result-folder.ts';

/** Writes tables as CSV. */
export function writeComparisonTables(tables: Iterable<Table>, folder: ResultFolder): readonly ManifestFile[] {
  const written = writeTables(tables, (file) => folder.open(file), sha256);
  return written.map(({ fileName, bytes, sha256: digest, rows }) => ({ path: fileName, bytes, sha256: digest, rows }));
}

/** Writes `charts/` and `report.html`, as far as they are wanted. */
export async function writeOverview(
  input: Omit<ComparisonReportInput, 'orreryVersion'>,
  folder: ResultFolder,
  { hasCharts, hasReport }: { readonly hasCharts: boolean; readonly hasReport: boolean },
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  const pictures = new Map<string, string>();
  if (hasCharts) {
    const { renderCharts } = await import('../../report/render-charts.ts');
    const charts = renderCharts({ tables: input.tables, horizonUs: 0 }, input.charts);
    for await (const { name, spec, svg, png } of charts) {
      files.push(folder.write(`charts/${name}.vl.json`, spec));
      files.push(folder.write(`charts/${name}.svg`, svg));
      files.push(folder.write(`charts/${name}.png`, png));
      pictures.set(name, svg);
      await breathe();
    }
  }
  if (!hasReport) return files;
  const { renderComparisonReport } = await import('../../report/render-html.ts');
  const page = renderComparisonReport({ ...input, orreryVersion: orreryVersion() }, pictures);
  return [...files, folder.write('report.html', page)];
}

/** The parts of a report that a comparison fills; `ties` is what is known of other tie-breaks. */
export function partsOfComparison(
  comparison: Comparison,
  samples: Samples,
  ties: string,
): Pick<ComparisonReportInput, 'answer' | 'figures' | 'verdicts' | 'table'> {
  return {
    answer: `${answerOf(comparison)} ${ties}`,
    figures: figuresOf(comparison),
    verdicts: findingSentences(comparison, samples),
    table: tableOf(comparison),
  };
}

const FIGURES = 3;

/**
 * Of each metric what the policy does that the answer speaks of first, or the surest difference; the metrics in which it is found
 * first, the larger effect before the smaller.
 */
function figuresOf(comparison: Comparison): readonly ReportFigure[] {
  const { metrics, policies } = comparison;
  const leading = leadingPolicy(comparison);
  const whole = metrics.filter(({ isOfWorkload }) => !isOfWorkload);
  const cards = (whole.length === 0 ? metrics : whole).map((compared) => {
    const { metric, means } = compared;
    const surest = [...compared.contrasts].sort((a, b) => effectOf(b) - effectOf(a)) as [Contrast, ...Contrast[]];
    const contrast = surest.find(({ policy }) => policy === leading) ?? surest[0];
    const index = compared.contrasts.indexOf(contrast);
    const { text, interval } = tellDifference(contrast.pairs, metric);
    const name = policies.length > 2 ? `${metric.judgement.noun}, ${contrast.policy}` : metric.judgement.noun;
    const [before, after] = [means[0]!.mean, means[index + 1]!.mean].map((mean) => formatMean(mean, metric.unit));
    const detail = `${interval} · ${after} against ${before} · ${verdictWord(compared, contrast)}`;
    return { effect: effectOf(contrast), figure: { label: name, value: text, detail } };
  });
  return cards
    .sort((a, b) => b.effect - a.effect)
    .slice(0, FIGURES)
    .map(({ figure }) => figure);
}

function tableOf(comparison: Comparison): ShownTable {
  const rows = comparison.metrics.flatMap((compared) =>
    compared.contrasts.map((contrast, index) => {
      const { metric, means, count } = compared;
      const { text, interval } = tellDifference(contrast.pairs, metric);
      const mean = (at: number): string => formatMean(means[at]!.mean, metric.unit);
      const word = verdictWord(compared, contrast);
      return [metric.judgement.noun, contrast.policy, String(count), mean(0), mean(index + 1), text, interval, word];
    }),
  );
  const [baseline] = comparison.policies;
  const head = ['metric', 'policy', 'n', `${baseline} (baseline)`, 'mean', 'difference', 'interval', 'verdict'];
  return { head, rows, numeric: [2, 3, 4, 5, 6] };
}
