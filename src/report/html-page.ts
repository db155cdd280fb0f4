import { chartApplies } from './define-chart.ts';
import type { Chart, ChartInput, View } from './define-chart.ts';
import { escapeHtml, inlineScript, jsonForScript } from './html-escape.ts';
import { reportScript } from './html-script.ts';
import { reportStyle } from './html-style.ts';
import type { ReportFigure } from './report-input.ts';
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

/** A section of a page: where its links lead, its heading, its HTML; without any it is left out. */
export type PageSection = readonly [id: string, title: string, html: string];

/** What stands on a page. Texts are plain: the page escapes them; sections are HTML. */
export interface Page {
  readonly question: string;
  /** Parts of the line above the question. */
  readonly about: readonly string[];
  readonly answer: string;
  readonly figures: readonly ReportFigure[];
  readonly orreryVersion: string;
  readonly input: ChartInput;
  /** Those that do not apply are left out. */
  readonly charts: readonly Chart[];
  /** What comes with the answer, before the table of contents; `figure` gives the HTML of a chart, empty where it is left out. */
  readonly lead: (figure: (name: string) => string) => string;
  readonly sections: (figure: (name: string) => string) => readonly PageSection[];
  /** HTML behind the caption of a chart. */
  readonly hints?: ReadonlyMap<string, string>;
}

/** One HTML page that opens from disk and loads nothing, in pieces: most of it are scripts and fonts, of megabytes. */
export function htmlPage(page: Page, assets: ReportAssets): readonly string[] {
  const shown = page.charts.filter((chart) => chartApplies(chart, page.input));
  const scripts = [...assets.scripts, reportScript].map(inlineScript);
  const views = new Map(shown.map((chart) => [chart.name, chart.spec(page.input)]));
  const drawn = { config: chartConfig(pageInk), specs: specsOf(shown, views) };
  const figures = new Map(shown.map((chart) => [chart.name, figureOf(chart, captionOf(chart, views), page, assets)]));
  return [
    ...[headStart(page, scripts, assets), ...fontFaces(assets), `${reportStyle}</style>\n</head>\n<body>\n<main>\n`],
    ...[header(page), '\n', body(page, (name) => figures.get(name) ?? ''), '\n</main>\n'],
    `<script type="application/json" id="charts">${jsonForScript(drawn)}</script>\n`,
    ...scripts.flatMap((script) => ['<script>', script, '</script>\n']),
    '</body>\n</html>\n',
  ];
}

function headStart({ orreryVersion, question }: Page, scripts: readonly string[], assets: ReportAssets): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentPolicy(scripts, assets))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="kube-orrery ${escapeHtml(orreryVersion)}">
<title>${escapeHtml(question)}</title>
<style>`;
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
  const lines = typeof reading === 'string' ? [reading] : Array.isArray(reading) ? (reading as string[]) : [];
  return [chart.question, ...lines].join(' ');
}

function fontFaces({ fonts }: ReportAssets): readonly string[] {
  const face = (weight: string, base64: string): string[] => [
    `@font-face{font-family:Roboto;font-weight:${weight};src:url(data:font/ttf;base64,`,
    base64,
    ') format("truetype")}',
  ];
  return [...face('normal', fonts.regular), ...face('bold', fonts.bold)];
}

function header({ about, question, answer, figures }: Page): string {
  const cards = figures.map(
    ({ label, value, detail }) =>
      `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="note">${escapeHtml(detail)}</dd></div>`,
  );
  return `<header>
<p class="kicker">${escapeHtml(about.join(' · '))}</p>
<h1>${escapeHtml(question)}</h1>
<p class="answer">${escapeHtml(answer)}</p>
<dl class="figures">${cards.join('')}</dl>
</header>`;
}

/** The sections, in the order in which questions come up. */
function body({ lead, sections }: Page, figure: (name: string) => string): string {
  const list = sections(figure).filter(([, , html]) => html.trim() !== '');
  const links = list.map(([id, title]) => `<a href="#${id}">${title}</a>`).join(' ');
  const rest = list.map(([id, title, html]) => `<section id="${id}">\n<h2>${title}</h2>\n${html}\n</section>`);
  return [lead(figure), `<nav>${links}</nav>`, ...rest].join('\n');
}

function figureOf(chart: Chart, caption: string, { hints }: Page, { pictures }: ReportAssets): string {
  const hint = hints?.get(chart.name);
  const heading = hint === undefined ? `<h3>${escapeHtml(chart.title)}</h3>` : '';
  const data = chart.tables.map((table) => `<a href="${csvFileName(table)}">${csvFileName(table)}</a>`).join(' ');
  const files = `charts/${chart.name}`;
  return `<figure>${heading}
<figcaption>${escapeHtml(caption)}${hint ?? ''}</figcaption>
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
