import { charts } from './charts/registry.ts';
import { chartApplies } from './define-chart.ts';
import type { Chart, ChartInput } from './define-chart.ts';
import { loadPngRenderer } from './render-png.ts';
import { loadSvgRenderer } from './render-svg.ts';
import { themedSpec } from './theme.ts';

/** One chart in its three forms: what goes into the folder `charts/` of a run. */
export interface ChartFiles {
  /** File name without extension. */
  readonly name: string;
  /** Text of `<name>.vl.json`: a vega-lite v6 specification with its data inside. */
  readonly spec: string;
  /** Text of `<name>.svg`. */
  readonly svg: string;
  /** Bytes of `<name>.png`, at twice the size of the SVG. */
  readonly png: Uint8Array;
}

/** Draws every chart that applies, in order: those of a run where none are given. The bytes depend on the tables only. */
export async function* renderCharts(
  input: ChartInput,
  candidates: readonly Chart[] = charts,
): AsyncGenerator<ChartFiles> {
  const shown = candidates.filter((chart) => chartApplies(chart, input));
  if (shown.length === 0) return;
  const toSvg = loadSvgRenderer();
  const toPng = await loadPngRenderer();
  for (const chart of shown) {
    const spec = themedSpec(chart, input);
    const svg = await toSvg(spec);
    yield { name: chart.name, spec: `${JSON.stringify(spec)}\n`, svg, png: toPng(svg) };
  }
}
