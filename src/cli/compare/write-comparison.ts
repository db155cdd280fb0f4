/** Tables, charts and report of a comparison, into a folder that appears whole or not at all. */
import { join, resolve } from 'node:path';
import { comparisonTables } from '../../experiment/comparison/comparison-tables.ts';
import { comparisonCharts } from '../../report/sweep-charts/registry.ts';
import type { CliIo } from '../cli-io.ts';
import type { ManifestFile } from '../manifest.ts';
import { orreryVersion } from '../orrery-version.ts';
import { manifestName, ResultFolder } from '../result-folder.ts';
import type { Compared } from './compared.ts';
import { partsOfComparison, writeComparisonTables, writeOverview } from './comparison-files.ts';

/** What is left out on demand. */
export interface WriteComparisonOptions {
  readonly out: string;
  readonly hasCharts: boolean;
  readonly hasReport: boolean;
  readonly notes: readonly string[];
}

/** Writes everything; gives the folder, absolute. */
export async function writeComparison(compared: Compared, io: CliIo, options: WriteComparisonOptions): Promise<string> {
  const { comparison, samples, name, title, question, about, command, stopping, ties } = compared;
  const folder = new ResultFolder(join(resolve(io.cwd, options.out), name, 'merged'));
  try {
    const tables = comparisonTables(comparison, samples);
    const parts = partsOfComparison(comparison, samples, ties);
    const files = [
      ...writeComparisonTables(tables.values(), folder),
      ...(await writeOverview(
        {
          ...{ title, question, about, command, tables, charts: comparisonCharts, notes: options.notes },
          ...parts,
          verdicts: [...parts.verdicts, ...(stopping === undefined ? [] : [stopping])],
        },
        folder,
        options,
      )),
    ];
    folder.write(manifestName, `${JSON.stringify(manifestOf(compared, files), undefined, 2)}\n`);
    folder.complete();
    return folder.path;
  } finally {
    folder.discard();
  }
}

function manifestOf({ command, comparison, title }: Compared, files: readonly ManifestFile[]) {
  const { policies, level, tolerated, worldCount } = comparison;
  return {
    schema: 'orrery.dev/comparison-manifest/v1',
    versions: { orrery: orreryVersion() },
    command,
    title,
    ...{ policies, level, tolerated, worlds: worldCount },
    files,
  };
}
