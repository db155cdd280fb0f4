import type * as Vega from 'vega';
import type * as VegaLite from 'vega-lite';
import type { View } from './define-chart.ts';
import { runScript } from './render-scripts.ts';
import { textWidth } from './text-width.ts';

/** What the typings of vega leave out. */
interface VegaExtras {
  readonly textMetrics: { width: (item: TextItem, text: string) => number };
  setRandom(random: () => number): void;
  randomLCG(seed: number): () => number;
  resetSVGDefIds(): void;
}

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

const SEED = 42;

/** Turns vega-lite specifications into SVG. */
export type SvgRenderer = (spec: View) => Promise<string>;

/**
 * Loads vega, which takes a tenth of a second and is therefore put off until a chart is drawn, and gives a renderer
 * whose bytes depend on the specification only: text is measured with our own table, random numbers and the names of
 * definitions start afresh for each chart.
 *
 * `onWarning` receives what vega-lite thinks of a specification; by default nobody listens.
 */
export function loadSvgRenderer(onWarning: (message: string) => void = () => undefined): SvgRenderer {
  const vega = runScript<typeof Vega & VegaExtras>('vega', () => undefined);
  const vegaLite = runScript<typeof VegaLite>('vega-lite', () => vega);
  vega.textMetrics.width = measuredWidth;
  const logger = silentLogger(onWarning);
  return async (spec) => {
    vega.setRandom(vega.randomLCG(SEED));
    vega.resetSVGDefIds();
    const compiled = vegaLite.compile(spec as unknown as Parameters<typeof vegaLite.compile>[0], { logger });
    const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger: silentLogger() });
    const svg = await view.toSVG();
    view.finalize();
    return withCrispCells(svg);
  };
}

/** Cells that touch must not let the background shine through where their edge falls between two pixels. */
function withCrispCells(svg: string): string {
  return svg.replaceAll('<g class="mark-rect', '<g shape-rendering="crispEdges" class="mark-rect');
}

function measuredWidth(item: TextItem, text: string): number {
  const { fontSize = 11, fontWeight } = item;
  return textWidth(String(text), fontSize, fontWeight === 'bold' || Number(fontWeight) >= 600);
}

function silentLogger(onWarning: (message: string) => void = () => undefined) {
  const logger = {
    level: () => logger,
    error: (...messages: readonly unknown[]) => (onWarning(messages.join(' ')), logger),
    warn: (...messages: readonly unknown[]) => (onWarning(messages.join(' ')), logger),
    info: () => logger,
    debug: () => logger,
  };
  return logger as unknown as Vega.LoggerInterface;
}
