/** `orrery merge`: the tables of a sweep whose cells were run by several shards; and the end of `orrery sweep`. */
import { cellName } from '../../experiment/experiment.ts';
import { count, printable } from '../../scenario/diagnostics.ts';
import type { ExperimentArguments, MergeArguments } from '../arguments.ts';
import type { CliIo } from '../cli-io.ts';
import { tiesText } from '../compare/comparison-text.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { orreryVersion } from '../orrery-version.ts';
import { typedPath } from '../run-scenario.ts';
import type { MergedSweep } from './merge-cells.ts';
import { mergeCells } from './merge-cells.ts';
import type { CellsOutcome } from './run-cells.ts';
import type { SoundPlan } from './sweep-plan.ts';
import { soundPlan, sweepCommand } from './sweep-plan.ts';
import { takeOver } from './take-over.ts';

/** Merges what shards have run. */
export async function merge(args: MergeArguments, io: CliIo): Promise<ExitCode> {
  const plan = await soundPlan(args, io);
  if (plan === undefined) return exitCodes.usage;
  takeOver(args.from ?? [], plan, io.cwd);
  return mergeSound(plan, undefined, args, io);
}

/** Merges all cells of a plan and tells what came of it. `outcome`: what has run just now. */
export async function mergeSound(
  plan: SoundPlan,
  outcome: CellsOutcome | undefined,
  args: ExperimentArguments,
  io: CliIo,
): Promise<ExitCode> {
  const { experiment, store, cells } = plan;
  // Where the results lie does not change them.
  const command = sweepCommand('sweep', { ...args, out: 'results' });
  const merged = await mergeCells(cells, {
    ...{ experiment, store, cwd: io.cwd, command },
    extend: async (folder, results) => {
      const { writeSweepReport } = await import('./sweep-report.ts');
      return writeSweepReport(experiment, results, command, folder);
    },
    orreryVersion: orreryVersion(),
  });
  const { troubled } = merged;
  tellTroubled(plan, outcome === undefined ? troubled : troubled.filter(({ status }) => status !== 'failed'), io);
  if (args.output === 'name') io.stdout.write(`${typedPath(merged.folder, io.cwd)}\n`);
  else if (args.output === 'json')
    io.stdout.write(
      `${JSON.stringify({ folder: typedPath(merged.folder, io.cwd), ...merged.manifest }, undefined, 2)}\n`,
    );
  else io.stdout.write(summaryOf(plan, merged, outcome, args, io));
  const { violated, unmet, failed } = merged.manifest.cells;
  return violated > 0 ? exitCodes.invariant : unmet + failed > 0 ? exitCodes.failed : exitCodes.ok;
}

function summaryOf(
  { experiment, store }: SoundPlan,
  { manifest, folder }: MergedSweep,
  outcome: CellsOutcome | undefined,
  args: ExperimentArguments,
  io: CliIo,
): string {
  const { total, ok } = manifest.cells;
  const product = manifest.axes.map(({ name, levels }) => `${levels.length} ${name}`).join(' x ');
  const isWhole = manifest.axes.reduce((cells, { levels }) => cells * levels.length, manifest.worlds.length) === total;
  const ran = outcome === undefined ? '' : ` · ${outcome.ran} ran, ${outcome.kept} kept from before`;
  const merged = typedPath(folder, io.cwd);
  const lines = [
    [
      experiment.name,
      count(total, 'cell'),
      ...(isWhole && product !== '' ? [`${product} x ${count(manifest.worlds.length, 'world')}`] : []),
      tiesText(manifest.tieBreaks),
    ].join(' · '),
    `${ok} as expected${ok < total ? `, ${total - ok} not` : ''}${ran}`,
    `  report   ${merged}/report.html`,
    `  tables   ${merged}/*.csv`,
    `  charts   ${merged}/charts/`,
    `  cells    ${typedPath(store.folder, io.cwd)}/cells/`,
    `  same bytes again: ${sweepCommand('sweep', args)}`,
  ];
  return `${lines.join('\n')}\n`;
}

const TROUBLED_SHOWN = 10;

/** Cells that failed just now were told already. */
function tellTroubled({ experiment }: SoundPlan, troubled: MergedSweep['troubled'], io: CliIo): void {
  const lines = troubled.map(({ cell, status, complaints, problem }) => {
    const reason = problem ?? complaints[0] ?? '';
    const word = status === 'unmet' ? 'FAIL' : status;
    return printable(`  ${word}  ${cellName(experiment.axes, cell)}: ${reason}`);
  });
  const shown = lines.slice(0, TROUBLED_SHOWN);
  if (lines.length > shown.length) shown.push(`  ... and ${lines.length - shown.length} more, in cells.csv`);
  if (shown.length > 0) io.stderr.write(`${shown.join('\n')}\n`);
}
