/** `orrery compare`: find, write, tell. */
import { dependenceNotes } from '../../experiment/comparison/axis-dependence.ts';
import { answerOf } from '../../experiment/comparison/answer.ts';
import { comparisonNotes } from '../../experiment/comparison/notes.ts';
import { comparisonTables } from '../../experiment/comparison/comparison-tables.ts';
import { findingSentences, listed } from '../../experiment/comparison/verdicts.ts';
import type { Table } from '../../record/table.ts';
import { csvChunks } from '../../report/csv.ts';
import { formatNumber } from '../../report/format.ts';
import type { CompareArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { isColored } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { typedPath } from '../run-scenario.ts';
import type { Compared } from './compared.ts';
import type { CompareOutcome } from './compare-profiles.ts';
import { compareSettings } from './compare-settings.ts';
import { comparisonText } from './comparison-text.ts';

/** Compares profiles of a scenario, or levels of a finished sweep. */
export async function compare(args: CompareArguments, io: CliIo): Promise<ExitCode> {
  const found = await outcomeOf(args, io);
  if (found.comparison === undefined) return found.exitCode;
  if (found.comparison.metrics.length === 0)
    throw new CliError('orrery: no metric has a figure in two worlds of all: nothing to compare', exitCodes.failed);
  const notes = [
    ...dependenceNotes(found.turned, found.comparison.policies[0]!),
    ...comparisonNotes(found.comparison, found.samples),
  ];
  const { writeComparison } = await import('./write-comparison.ts');
  const folder = await writeComparison(found, io, {
    ...{ out: args.out, hasCharts: args.charts, hasReport: args.report, notes },
  });
  await tell(found, { args, notes, folder: typedPath(folder, io.cwd) }, io);
  return exitCodeOf(found, args, io);
}

async function outcomeOf(args: CompareArguments, io: CliIo): Promise<CompareOutcome> {
  const { file, sweep } = args;
  if (file !== undefined && sweep === undefined) {
    refuseForeign(args, ofSweeps, '--sweep');
    const { compareProfiles } = await import('./compare-profiles.ts');
    return compareProfiles({ ...args, file }, compareSettings(args), io);
  }
  if (sweep === undefined || file !== undefined)
    throw new CliError(
      'orrery: compare takes -f with two or more --profile, or --sweep with --axis or two or more --cell',
    );
  refuseForeign(args, ofRuns, '-f: a sweep has been run');
  const { compareSweep } = await import('./compare-sweep.ts');
  return compareSweep({ ...args, sweep }, compareSettings(args), io);
}

/** Options that say what is run. */
const ofRuns = [
  ...(['profile', 'replications', 'until-half-width', 'replications-max', 'tie-salts'] as const),
  ...(['seed', 'until', 'set', 'allow-outside', 'allow-plugins'] as const),
] as const;

/** Options that choose among what was run. */
const ofSweeps = ['axis', 'cell', 'selector'] as const;

/** What would have no effect is refused, not ignored. */
function refuseForeign(
  args: CompareArguments,
  options: readonly ((typeof ofRuns)[number] | (typeof ofSweeps)[number])[],
  home: string,
): void {
  const given = options.filter((name) => args[name] !== undefined && args[name] !== false).map((name) => `--${name}`);
  if (given.length > 0)
    throw new CliError(`orrery: ${listed(given)} ${given.length === 1 ? 'goes' : 'go'} with ${home}`);
}

interface Telling {
  readonly args: CompareArguments;
  readonly notes: readonly string[];
  readonly folder: string;
}

const WIDTH = 80;

async function tell(found: Compared, { args, notes, folder }: Telling, io: CliIo): Promise<void> {
  const { output, charts, report } = args;
  if (output === 'json') io.stdout.write(`${JSON.stringify(jsonOf(found, notes, folder), undefined, 2)}\n`);
  else if (output === 'csv') {
    const table = comparisonTables(found.comparison, found.samples).get('comparison')!;
    for (const { text } of csvChunks(table)) io.stdout.write(text);
  } else {
    const { default: colors } = await import('picocolors');
    const { bold, dim } = colors.createColors(isColored(io.stdout, io.env));
    io.stdout.write(comparisonText({ ...found, notes }, { width: WIDTH, isWide: output === 'wide', bold, dim }));
    const places = [
      ...(report ? [`  report   ${folder}/report.html`] : []),
      `  tables   ${folder}/*.csv`,
      ...(charts ? [`  charts   ${folder}/charts/`] : []),
    ];
    io.stdout.write(`${places.join('\n')}\n`);
  }
}

function jsonOf(found: Compared, notes: readonly string[], folder: string) {
  const { comparison, samples, ties, stopping, command } = found;
  const { policies, level, tolerated, halfWidth, worldCount, testCounts } = comparison;
  const { warmUp } = samples;
  const tables = comparisonTables(comparison, samples);
  return {
    schema: 'orrery.dev/comparison/v1',
    ...{
      policies,
      baseline: policies[0],
      level,
      tolerated,
      halfWidth,
      worlds: worldCount,
      isSerial: samples.isSerial,
      tests: testCounts,
    },
    answer: answerOf(comparison),
    verdicts: findingSentences(comparison, samples),
    ...{ ties, stopping, notes },
    warmUp: warmUp === undefined ? undefined : { from_s: warmUp.from / 1_000_000, reason: warmUp.reason },
    comparison: recordsOf(tables.get('comparison')!),
    means: recordsOf(tables.get('comparison_means')!),
    outcomes: recordsOf(tables.get('comparison_outcomes')!),
    ...{ folder, command },
  };
}

function recordsOf({ columns, rows }: Table): readonly Record<string, unknown>[] {
  return [...rows].map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
}

/** A regression is told where the gate is wanted. */
function exitCodeOf({ comparison, exitCode }: Compared, args: CompareArguments, io: CliIo): ExitCode {
  if (args['fail-on'] !== 'regression') return exitCode;
  const worse = comparison.metrics.flatMap(({ metric, contrasts }) =>
    contrasts.filter(({ isRegression }) => isRegression).map(({ policy }) => `${metric.judgement.noun} of ${policy}`),
  );
  const tolerated = `${formatNumber(100 * comparison.tolerated, 2)} %`;
  if (worse.length > 0) io.stderr.write(`FAIL  worse by more than ${tolerated}: ${listed(worse)}\n`);
  else io.stderr.write(`PASS  nothing is surely worse by more than ${tolerated}\n`);
  return worse.length > 0 && exitCode === exitCodes.ok ? exitCodes.failed : exitCode;
}
