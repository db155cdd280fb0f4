import { charts } from './charts/registry.ts';
import { chartApplies } from './define-chart.ts';
import type { Chart, View } from './define-chart.ts';
import { formatDuration } from './format.ts';
import { escapeHtml, inlineScript, jsonForScript } from './html-escape.ts';
import { reportScript } from './html-script.ts';
import {
  dictionarySection,
  eventsTable,
  limitsSection,
  nodesTable,
  reproduceSection,
  schedulingTables,
  storySection,
  workloadsTable,
} from './html-sections.ts';
import { reportStyle } from './html-style.ts';
import type { ReportInput } from './report-input.ts';
import { chartConfig, pageInk } from './theme.ts';
import { csvFileName } from './write-tables.ts';

/** What a report carries inside so that it needs nothing from outside. */
export interface ReportAssets {
  /** vega, vega-lite and vega-embed, in this order, as JavaScript for browsers. */
  readonly scripts: readonly string[];
  /** TrueType files in base64. */
  readonly fonts: { readonly regular: string; readonly bold: string };
  /** SHA-256 of a text in UTF-8, in base64: names the scripts that may run. */
  readonly hashBase64: (text: string) => string;
  /** SVG by name of chart, shown where scripts are switched off. */
  readonly pictures?: ReadonlyMap<string, string>;
}

/** The report of a run as one HTML page that opens from disk and loads nothing. */
export function htmlReport(input: ReportInput, assets: ReportAssets): string {
  const shown = charts.filter((chart) => chartApplies(chart, input));
  const scripts = [...assets.scripts, reportScript].map(inlineScript);
  const views = new Map(shown.map((chart) => [chart.name, chart.spec(input)]));
  const page = { config: chartConfig(pageInk), specs: specsOf(shown, views) };
  const figures = shown.map((chart) => [chart.name, figureOf(chart, captionOf(chart, views), assets)] as const);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentPolicy(scripts, assets))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="kube-orrery ${escapeHtml(input.versions.orrery)}">
<title>${escapeHtml(input.question)}</title>
<style>${fontFaces(assets)}${reportStyle}</style>
</head>
<body>
<main>
${header(input)}
${body(input, new Map(figures))}
</main>
<script type="application/json" id="charts">${jsonForScript(page)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

/** Nothing is loaded, and no script runs but those of this page. */
function contentPolicy(scripts: readonly string[], assets: ReportAssets): string {
  const hashes = scripts.map((script) => `'sha256-${assets.hashBase64(script)}'`).join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Specifications without title: the page has headings of its own. */
function specsOf(shown: readonly Chart[], views: ReadonlyMap<string, View>): Record<string, View> {
  const specs: Record<string, View> = {};
  for (const chart of shown) {
    const { title: _title, ...spec } = views.get(chart.name)!;
    specs[chart.name] = { ...spec, description: chart.question, padding: 2 };
  }
  return specs;
}

/** The question of the chart, and how to read it if the chart says so. */
function captionOf(chart: Chart, views: ReadonlyMap<string, View>): string {
  const title = views.get(chart.name)!['title'] as View | undefined;
  const reading = title?.['subtitle'];
  return typeof reading === 'string' ? `${chart.question} ${reading}` : chart.question;
}

function fontFaces({ fonts }: ReportAssets): string {
  const face = (weight: string, base64: string): string =>
    `@font-face{font-family:Roboto;font-weight:${weight};src:url(data:font/ttf;base64,${base64}) format("truetype")}`;
  return face('normal', fonts.regular) + face('bold', fonts.bold);
}

function header(input: ReportInput): string {
  const about = [
    input.title,
    `scenario ${input.scenarioName}`,
    `seed ${input.seed}`,
    `Kubernetes ${input.versions.kubernetes} semantics`,
    // A trace that was replayed in order took none.
    input.horizonUs === 0 ? 'without a clock' : `${formatDuration(input.horizonUs)} of virtual time`,
  ];
  const figures = input.figures.map(
    ({ label, value, detail }) =>
      `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="note">${escapeHtml(detail)}</dd></div>`,
  );
  return `<header>
<p class="kicker">${escapeHtml(about.join(' · '))}</p>
<h1>${escapeHtml(input.question)}</h1>
<p class="answer">${escapeHtml(input.answer)}</p>
<dl class="figures">${figures.join('')}</dl>
</header>`;
}

/** The sections, in the order in which questions come up. */
function body(input: ReportInput, figures: ReadonlyMap<string, string>): string {
  const figure = (name: string): string => figures.get(name) ?? '';
  const sections: readonly (readonly [id: string, title: string, html: string])[] = [
    ['happened', 'What happened', storySection(input) + figure('recovery-waterfall') + eventsTable(input)],
    ['workloads', 'Workloads', figure('workload-availability') + workloadsTable(input) + figure('pods-by-phase')],
    [
      'scheduling',
      'Scheduling',
      figure('arrived-load') + figure('pending-time') + figure('pod-waterfall') + schedulingTables(input),
    ],
    ['nodes', 'Nodes', figure('utilisation') + figure('node-occupancy') + nodesTable(input)],
    ['limits', 'Limits of this run', limitsSection(input)],
    ['reproduce', 'How to get the same bytes again', reproduceSection(input)],
    ['dictionary', 'Data dictionary', dictionarySection(input)],
  ];
  const links = sections.map(([id, title]) => `<a href="#${id}">${title}</a>`).join(' ');
  const rest = sections.map(([id, title, html]) => `<section id="${id}">\n<h2>${title}</h2>\n${html}\n</section>`);
  return [figure('cluster-timeline'), `<nav>${links}</nav>`, ...rest].join('\n');
}

function figureOf(chart: Chart, caption: string, { pictures }: ReportAssets): string {
  const isTimeline = chart.name === 'cluster-timeline';
  const heading = isTimeline ? '' : `<h3>${escapeHtml(chart.title)}</h3>`;
  const hint =
    ' <span class="hint">Drag across the strip of faults to zoom all charts, double-click to see the whole run again; ' +
    'click a fault for its chain of causes.</span>';
  const data = chart.tables.map((table) => `<a href="${csvFileName(table)}">${csvFileName(table)}</a>`).join(' ');
  const files = `charts/${chart.name}`;
  return `<figure>${heading}
<figcaption>${escapeHtml(caption)}${isTimeline ? hint : ''}</figcaption>
<div class="chart" data-chart="${chart.name}">${staticPicture(chart, pictures)}</div>
<p class="links">data (CSV): ${data} <a href="${files}.vl.json">spec (Vega-Lite)</a> <a href="${files}.svg">SVG</a> <a href="${files}.png">PNG</a></p>
</figure>`;
}

function staticPicture(chart: Chart, pictures: ReadonlyMap<string, string> | undefined): string {
  const svg = pictures?.get(chart.name);
  if (svg === undefined) return '';
  const address = `data:image/svg+xml,${encodeURIComponent(svg).replaceAll("'", '%27')}`;
  return `<noscript><img alt="${escapeHtml(chart.question)}" src="${address}"></noscript>`;
}
