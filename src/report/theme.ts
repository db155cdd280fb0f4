import type { Chart, ChartInput, View } from './define-chart.ts';

/** Colours of pod phases; they differ in lightness too, so that they are told apart without colour vision. */
export const phaseColors: readonly (readonly [phase: string, color: string])[] = [
  ['Running', '#2a9d74'],
  ['Succeeded', '#a3acb5'],
  ['Pending', '#f0a818'],
  ['Unknown', '#7a51b8'],
  ['Failed', '#c62f2f'],
];

/** What is broken, everywhere. */
export const NOT_READY_COLOR = '#c62f2f';

/** Lines and bars that are neither good nor bad, in order of use (after Okabe and Ito, safe for colour-blind eyes). */
export const seriesColors = ['#1668b3', '#d1670a', '#6b7783', '#8c3a86'] as const;

/** From empty to full; the light end stands out from paper and screen alike. */
export const fullnessColors = ['#dfeaf5', '#8fbbe0', '#3f83bf', '#0c3f7a'] as const;

/** Stages of a recovery, from the fault on. */
export const stageColors: readonly (readonly [stage: string, color: string])[] = [
  ['unnoticed', '#7a51b8'],
  ['noticed, not yet tainted', '#b89bdd'],
  ['waiting for eviction', '#f0a818'],
  ['under pressure', '#d9c36a'],
  ['waiting for the restart', '#ee9a56'],
  ['without a leader', '#8a949e'],
  ['replacing pods', '#1668b3'],
  ['getting ready', '#5aa9e0'],
  ['not recovered', '#c62f2f'],
];

/** Stages on whose bars dark text cannot be read. */
export const darkStages: ReadonlySet<string> = new Set(['unnoticed', 'replacing pods', 'not recovered']);

/** What the node lifecycle controller takes a zone for. */
export const zoneStateColors: readonly (readonly [state: string, color: string])[] = [
  ['Normal', '#b9dccd'],
  ['PartialDisruption', '#f0a818'],
  ['FullDisruption', '#c62f2f'],
];

/** Pods of a rollout: areas first, then lines. */
export const rolloutColors: readonly (readonly [name: string, color: string])[] = [
  ['old', '#c3cad1'],
  ['updated', '#7fc4a9'],
  ['available', '#1668b3'],
  ['wished', '#5f6b76'],
];

/** GPUs by what becomes of them, and the columns of `gpu_timeseries` that are added up. */
export const gpuColors: readonly (readonly [name: string, color: string, columns: readonly string[]])[] = [
  ['given to pods', '#1668b3', ['given_gpus_timeavg']],
  ['free and of use', '#b9dccd', ['q3_gpus_timeavg']],
  ['too few or too small', '#f0a818', ['q2_gpus_timeavg']],
  ['cpu lacks', '#c62f2f', ['q1_gpus_timeavg', 'q4_gpus_timeavg']],
  ['wrong model', '#7a51b8', ['na_gpus_timeavg']],
  ['pods want no GPU', '#a3acb5', ['xl_gpus_timeavg', 'xr_gpus_timeavg']],
];

/** Colours of everything that is not an observation. Any CSS colour does; the report hands in its variables. */
export interface Ink {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly fault: string;
}

/** For files: dark on white. */
export const paperInk: Ink = {
  text: '#1f2933',
  muted: '#5f6b76',
  grid: '#e3e7eb',
  surface: '#ffffff',
  fault: '#c62f2f',
};

/** For the report: follows the page into dark mode and onto paper without drawing again. */
export const pageInk: Ink = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  surface: 'var(--surface)',
  fault: 'var(--fault)',
};

export const FONT = 'Roboto, system-ui, "Segoe UI", Helvetica, Arial, sans-serif';

/** Width of the plot area of a chart in a file, in pixels. */
export const PLOT_WIDTH = 720;

/** The one configuration of all charts. */
export function chartConfig(ink: Ink): View {
  const title = { color: ink.text, subtitleColor: ink.muted, fontSize: 15, fontWeight: 'bold', anchor: 'start' };
  return {
    font: FONT,
    background: ink === paperInk ? ink.surface : 'transparent',
    padding: 12,
    title: { ...title, frame: 'group', subtitleFontSize: 12, subtitlePadding: 4, offset: 14 },
    view: { stroke: null },
    mark: { aria: false },
    axis: axisConfig(ink),
    legend: legendConfig(ink),
    concat: { spacing: 14 },
    style: {
      label: { color: ink.text, fontSize: 11, font: FONT },
      strong: { color: ink.text, fontSize: 11, fontWeight: 'bold', font: FONT },
      note: { color: ink.muted, fontSize: 11, font: FONT },
      'fault-label': { color: ink.text, fontSize: 11, font: FONT },
      'fault-rule': { color: ink.text, strokeWidth: 1 },
      'fault-band': { color: ink.fault, fillOpacity: 0.08 },
      'fault-bar': { color: ink.fault, fillOpacity: 0.5 },
      lane: { color: ink.grid, fillOpacity: 0.6 },
      quantile: { color: ink.text, strokeWidth: 1, strokeDash: [4, 3] },
      whisker: { color: ink.text, strokeWidth: 1.2 },
      separator: { color: ink.surface, strokeWidth: 2 },
    },
  };
}

function axisConfig(ink: Ink): View {
  return {
    labelColor: ink.muted,
    titleColor: ink.muted,
    gridColor: ink.grid,
    domainColor: ink.grid,
    tickColor: ink.grid,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelPadding: 4,
    tickSize: 4,
  };
}

function legendConfig(ink: Ink): View {
  return {
    labelColor: ink.text,
    titleColor: ink.muted,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    symbolType: 'square',
    symbolStrokeWidth: 0,
  };
}

/** The complete specification of a chart: as it is written to `charts/*.vl.json` and rendered to SVG and PNG. */
export function themedSpec(chart: Chart, input: ChartInput): View {
  const { title, ...spec } = chart.spec(input);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: chart.question,
    title: { text: chart.title, subtitle: chart.question, ...(title as View | undefined) },
    config: chartConfig(paperInk),
    ...spec,
  };
}
