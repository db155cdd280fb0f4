import { createHash } from 'node:crypto';
import { renderCharts } from '../report/render-charts.ts';
import { sampleOptions, sampleTables } from './sample-tables.ts';

/** One line per chart of the sample: its name and the SHA-256 of its specification, its SVG and its PNG. */
export async function chartHashes(): Promise<string[]> {
  const input = { tables: sampleTables(), horizonUs: sampleOptions.horizonUs };
  const lines: string[] = [];
  for await (const { name, spec, svg, png } of renderCharts(input)) {
    const hashes = [spec, svg, png].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    lines.push([name, ...hashes].join(' '));
  }
  return lines;
}
