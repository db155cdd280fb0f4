import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { combinations } from '../../experiment/experiment.ts';
import { loadExperiment } from '../../experiment/load-experiment.ts';
import { formatDiagnostic } from '../../scenario/diagnostics.ts';
import type { FileReader } from '../../scenario/file-reader.ts';
import { traceFolder } from '../../testing/trace-data.ts';
import { fileReaderAt } from '../file-reader-at.ts';
import { isExperiment } from '../scenario-files.ts';
import { planExperiment } from './plan-cells.ts';

vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, '../../../scenarios');
const traces = traceFolder('openb');

/** The folder with the traces stands where the study looks for them. */
const placed = (path: string): string =>
  traces === undefined ? path : path.replace(/^(.*\/)?fgd-atc23\/data(?=\/|$)/, traces);
const folders = fileReaderAt(root);
const reader: FileReader = {
  stat: (path) => folders.stat(placed(path)),
  list: (path) => folders.list(placed(path)),
  read: (path) => folders.read(placed(path)),
};
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.yaml') && isExperiment(path, reader))
  .sort((a, b) => (a < b ? -1 : 1));

/** Combinations of levels, and worlds of each. */
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  'fgd-atc23/campaign.yaml': [102, 10],
  'fgd-atc23/subset.yaml': [12, 5],
  'fgd-atc23/tie-breaks.yaml': [12, 10],
  'policies-500/experiment.yaml': [3, 20],
};

test('every shipped experiment is known here', () => {
  expect(files).toEqual(Object.keys(sizes));
});

describe.each(files)('the experiment %s', (file) => {
  test('says what it shows and how to run it', () => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(text).toMatch(/^# Shows: /m);
    expect(text).toContain(`orrery sweep -f scenarios/${file}`);
  });

  // The traces of the FGD study are data of others: they are not part of the project.
  const isThere = !file.startsWith('fgd') || traces !== undefined;
  test.skipIf(!isThere)('has the cells that it says, without a warning', async () => {
    const { experiment, diagnostics } = loadExperiment(file, { reader, allowOutside: true });
    expect(diagnostics.map((each) => formatDiagnostic(each))).toEqual([]);
    const [combinationCount, worldCount] = sizes[file]!;
    expect([...combinations(experiment!)]).toHaveLength(combinationCount);
    expect(experiment!.worlds).toHaveLength(worldCount);
    const settings = { until: undefined, overrides: [], worlds: undefined, allowOutside: true, allowPlugins: false };
    const plan = await planExperiment(experiment!, settings, reader);
    expect(plan.diagnostics.map((each) => formatDiagnostic(each))).toEqual([]);
    expect(new Set(plan.cells.map(({ key }) => key)).size).toBe(combinationCount * worldCount);
  });
});
