/** `orrery run`: all scenarios are loaded first, so that a mistake in the last one stops before the first one runs. */
import { parseDuration } from '../engine/time.ts';
import type { Diagnostic } from '../scenario/diagnostics.ts';
import { count, formatDiagnostics, printable } from '../scenario/diagnostics.ts';
import { stringify as yamlText } from 'yaml';
import { CliError } from './cli-error.ts';
import { isColored } from './cli-io.ts';
import type { CliIo } from './cli-io.ts';
import type { RunArguments } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { fileReaderAt } from './file-reader-at.ts';
import { orreryVersion } from './orrery-version.ts';
import type { PreparedRun, RunSettings } from './prepare.ts';
import { prepareRun } from './prepare.ts';
import { runScenario } from './run-scenario.ts';
import type { RunOptions, ToldRun } from './run-scenario.ts';
import { scenarioFiles } from './scenario-files.ts';
import { jsonSummary, toldSummary } from './summaries.ts';
import { writeConfiguration } from './write-configuration.ts';

/** Runs every scenario that is named; the answer is the exit code of the worst of them. */
export async function runScenarios(args: RunArguments, io: CliIo): Promise<ExitCode> {
  const reader = fileReaderAt(io.cwd);
  const settings = settingsOf(args);
  const runs: PreparedRun[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of scenarioFiles(args.file, reader)) {
    const prepared = await prepareRun(file, settings, reader);
    diagnostics.push(...prepared.diagnostics);
    if (prepared.run !== undefined) runs.push(prepared.run);
  }
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  if (diagnostics.length > 0 && (hasErrors || !args.quiet)) io.stderr.write(`${formatDiagnostics(diagnostics)}\n`);
  if (hasErrors) return exitCodes.usage;
  if (args['write-config-to'] !== undefined) return writeConfiguration(runs, args['write-config-to'], io);
  refuseSamePlaces(runs);
  return runAll(runs, args, io);
}

function settingsOf(args: RunArguments): RunSettings {
  return {
    seed: args.seed,
    replication: args.replication === undefined ? undefined : wholeNumber(args.replication),
    until: args.until === undefined ? undefined : untilOf(args.until),
    overrides: args.set ?? [],
    allowOutside: args['allow-outside'],
    allowPlugins: args['allow-plugins'],
  };
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CliError(`orrery: --replication "${text}" is not a whole number from 0`);
}

function untilOf(text: string): number {
  const us = parseDuration(text);
  if (us === undefined) throw new CliError(`orrery: --until "${text}" is not a duration; write 90s, 15m, 2h or 1d`);
  if (us === 0) throw new CliError('orrery: --until is not more than zero');
  return us;
}

/** Two scenarios of one name would replace each other's results. */
function refuseSamePlaces(runs: readonly PreparedRun[]): void {
  const files = new Map<string, string>();
  for (const { scenario, file } of runs) {
    const first = files.get(scenario.name);
    if (first !== undefined)
      throw new CliError(
        `orrery: ${printable(first)} and ${printable(file)} are both named "${scenario.name}"; nothing was run.`,
      );
    files.set(scenario.name, file);
  }
}

async function runAll(runs: readonly PreparedRun[], args: RunArguments, io: CliIo): Promise<ExitCode> {
  const options: RunOptions = {
    out: args.out,
    check: args.check,
    hasCharts: args.charts,
    hasReport: args.report,
    isQuiet: args.quiet,
    isDeterminismChecked: args['check-determinism'],
    isVerified: args.verify,
    orreryVersion: orreryVersion(),
  };
  let worst: ExitCode = exitCodes.ok;
  const told: ToldRun[] = [];
  for (const run of runs) {
    const outcome = await runScenario(run, io, options);
    if (outcome.exitCode > worst) worst = outcome.exitCode;
    if (outcome.told !== undefined) {
      told.push(outcome.told);
      await tellAtOnce(outcome.told, runs.length, args, io);
    }
    if (io.interruption.signal !== undefined) break;
  }
  tellTogether(told, runs.length, args.output, io);
  if (runs.length > 1 && isText(args.output)) io.stdout.write(`${verdictOf(told, runs.length)}\n`);
  return worst;
}

/** Text and names are told as soon as they are known. */
async function tellAtOnce(
  told: ToldRun,
  runCount: number,
  { output, charts, report }: RunArguments,
  io: CliIo,
): Promise<void> {
  if (output === 'name') io.stdout.write(`${told.folder}\n`);
  if (!isText(output)) return;
  const { default: colors } = await import('picocolors');
  const { bold, dim, green, red } = colors.createColors(isColored(io.stdout, io.env));
  const width = output === 'wide' ? Math.max(WIDTH, io.stdout.columns ?? WIDE_WIDTH) : WIDTH;
  const style = { width, bold, dim, green, red };
  io.stdout.write(`${toldSummary(told, { hasCharts: charts, hasReport: report }, style)}${runCount > 1 ? '\n' : ''}`);
}

const isText = (output: RunArguments['output']): boolean => output === 'text' || output === 'wide';

/** `14 scenarios · 13 as expected · 1 not: preemption`. */
function verdictOf(told: readonly ToldRun[], runCount: number): string {
  const failed = told.filter(({ asserts, simulated }) => {
    return simulated.result.violations.length > 0 || asserts.some(({ passes }) => !passes);
  });
  const names = failed.map(({ run }) => run.scenario.name).join(', ');
  const parts = [
    count(runCount, 'scenario'),
    `${told.length - failed.length} as expected`,
    ...(failed.length > 0 ? [`${failed.length} not: ${names}`] : []),
    ...(told.length < runCount ? [`${runCount - told.length} not finished`] : []),
  ];
  return parts.join(' · ');
}

const WIDTH = 80;
const WIDE_WIDTH = 160;

function tellTogether(told: readonly ToldRun[], runCount: number, output: RunArguments['output'], io: CliIo): void {
  if (output !== 'json' && output !== 'yaml') return;
  const items = told.map(jsonSummary);
  const value = runCount === 1 ? items[0] : { items };
  if (value === undefined) return;
  io.stdout.write(output === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : yamlText(value));
}
