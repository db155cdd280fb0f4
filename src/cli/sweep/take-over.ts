/** Cells of other machines, for a merge. */
import { cpSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { count } from '../../scenario/diagnostics.ts';
import { CliError } from '../cli-error.ts';
import { hiddenBeside } from '../hidden-names.ts';
import { makeFolders } from '../result-folder.ts';
import type { SoundPlan } from './sweep-plan.ts';

/**
 * Copies the finished cells of a plan, and inputs, out of other folders of results, named as seen from `cwd`; what is there already
 * stays.
 *
 * @throws CliError where one of the folders has no cell of the plan: then nothing is copied.
 */
export function takeOver(names: readonly string[], { experiment, cells, store }: SoundPlan, cwd: string): void {
  const wanted = new Set(cells.map(({ key }) => basename(store.cellFolder(key))));
  const sources = names.map((name) => {
    const folder = resolve(cwd, name);
    if (!existsSync(join(folder, 'cells')))
      throw new CliError(`orrery: ${name} holds no cells of a sweep${sweepBelow(folder, name)}`);
    const entries = entriesOf(join(folder, 'cells')).filter((entry) => wanted.has(entry.split('.')[0]!));
    if (entries.length === 0)
      throw new CliError(
        `orrery: ${name} holds none of the ${count(wanted.size, 'cell')} of ${experiment.file}: it is of another experiment, ` +
          'or something in it has changed since; nothing was merged',
      );
    return { folder, entries };
  });
  for (const { folder, entries } of sources) {
    copyMissing(join(folder, 'cells'), entries, join(store.folder, 'cells'));
    copyMissing(join(folder, 'inputs'), entriesOf(join(folder, 'inputs')), store.inputsFolder);
  }
}

/** The only sweep in a folder that was named in place of it, as a hint: `--out` of the sweep is one folder above it. */
export function sweepBelow(folder: string, name: string): string {
  const sweeps = entriesOf(folder).filter((entry) => existsSync(join(folder, entry, 'cells')));
  return sweeps.length === 1 ? `; did you mean ${join(name, sweeps[0]!)}?` : '';
}

function entriesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((entry) => !entry.startsWith('.')) : [];
}

function copyMissing(source: string, entries: readonly string[], folder: string): void {
  makeFolders(folder);
  for (const entry of entries) {
    const target = join(folder, entry);
    if (existsSync(target)) continue;
    const building = hiddenBeside(target);
    cpSync(join(source, entry), building, { recursive: true });
    renameSync(building, target);
  }
}
