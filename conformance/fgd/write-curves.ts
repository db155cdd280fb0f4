/** Writes the curves of a campaign in the form in which the published ones are kept. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { CampaignRun } from './campaign-run.ts';
import { curveNames } from './campaign-run.ts';

/** `expected_curves_<name>.csv.gz` in the folder, which is made. */
export function writeCurves(runs: readonly CampaignRun[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const loads = runs[0]!.curves.alloc_pct.map((_, load) => load);
  for (const name of curveNames) {
    const lines = runs.map(({ trace, policy, seed, curves }) =>
      [trace, policy, seed, ...curves[name].map((value) => (value === undefined ? '' : Number(value.toFixed(4))))].join(','),
    );
    const text = `${['trace', 'policy', 'seed', ...loads].join(',')}\n${lines.join('\n')}\n`;
    writeFileSync(join(folder, `expected_curves_${name}.csv.gz`), gzipSync(text));
  }
}
