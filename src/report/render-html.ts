import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ComparisonReportInput } from './comparison-report.ts';
import { comparisonReport } from './comparison-report.ts';
import { htmlReport } from './html-report.ts';
import type { ReportAssets } from './html-page.ts';
import { fontFiles } from './render-png.ts';
import { scriptText } from './render-scripts.ts';
import type { ReportInput } from './report-input.ts';

/** Reads the scripts and fonts a report carries, out of the installed packages. */
export function readReportAssets(): ReportAssets {
  const scripts = (['vega', 'vega-lite', 'vega-embed'] as const).map(scriptText);
  const [regular, bold] = fontFiles().map((file) => readFileSync(file, 'base64'));
  return { scripts, fonts: { regular: regular!, bold: bold! }, hashBase64 };
}

function hashBase64(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}

/**
 * The report as one HTML page with everything inside, in pieces that follow each other. `pictures` (SVG by name of chart) are shown where scripts are
 * switched off.
 */
export function renderHtmlReport(input: ReportInput, pictures?: ReadonlyMap<string, string>): readonly string[] {
  const assets = readReportAssets();
  return htmlReport(input, pictures === undefined ? assets : { ...assets, pictures });
}

/** The same for a comparison or a sweep. */
export function renderComparisonReport(
  input: ComparisonReportInput,
  pictures: ReadonlyMap<string, string>,
): readonly string[] {
  return comparisonReport(input, { ...readReportAssets(), pictures });
}
