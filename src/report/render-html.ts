import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ComparisonReportInput } from './comparison-report.ts';
import { comparisonReport } from './comparison-report.ts';
import { htmlReport } from './html-report.ts';
import type { ReportAssets } from './html-page.ts';
import { fontFiles } from './render-png.ts';
import type { ReportInput } from './report-input.ts';

/** What the packages call their scripts for browsers, which lie beside their modules. */
const browserScripts = [
  ['vega', 'vega.min.js'],
  ['vega-lite', 'vega-lite.min.js'],
  ['vega-embed', 'vega-embed.min.js'],
] as const;

/** Reads the scripts and fonts a report carries, out of the installed packages. */
export function readReportAssets(): ReportAssets {
  const require = createRequire(import.meta.url);
  const scripts = browserScripts.map(([name, file]) =>
    readFileSync(join(dirname(require.resolve(name)), file), 'utf8'),
  );
  const [regular, bold] = fontFiles().map((file) => readFileSync(file, 'base64'));
  return { scripts, fonts: { regular: regular!, bold: bold! }, hashBase64 };
}

function hashBase64(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}

/**
 * The report as one HTML page with everything inside. `pictures` (SVG by name of chart) are shown where scripts are
 * switched off.
 */
export function renderHtmlReport(input: ReportInput, pictures?: ReadonlyMap<string, string>): string {
  const assets = readReportAssets();
  return htmlReport(input, pictures === undefined ? assets : { ...assets, pictures });
}

/** The same for a comparison or a sweep. */
export function renderComparisonReport(input: ComparisonReportInput, pictures: ReadonlyMap<string, string>): string {
  return comparisonReport(input, { ...readReportAssets(), pictures });
}
