/** `orrery compare -f scenario.yaml --profile A --profile B`: runs both in the same random worlds. */
import { join, resolve } from 'node:path';
import { parseDuration } from '../../engine/time.ts';
import type { CellResult } from '../../experiment/cell.ts';
import type { Comparison } from '../../experiment/comparison/comparison.ts';
import { compareSamples } from '../../experiment/comparison/comparison.ts';
import type { Samples } from '../../experiment/comparison/samples.ts';
import { openMetrics, sequentialSteps } from '../../experiment/comparison/stopping.ts';
import { tieRobustness, tieSentence, untriedTies } from '../../experiment/comparison/tie-robustness.ts';
import { listed } from '../../experiment/comparison/verdicts.ts';
import { axesOf } from '../../experiment/experiment.ts';
import { formatNumber } from '../../report/format.ts';
import { formatDiagnostics } from '../../scenario/diagnostics.ts';
import { isPlacementReplay } from '../../placement-replay.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { CompareArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { shellWord } from '../command-line.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileReaderAt } from '../file-reader-at.ts';
import { prepareRun } from '../prepare.ts';
import { folderName } from '../result-folder.ts';
import { CellStore } from '../sweep/cell-store.ts';
import { workersOf } from '../sweep/worker-options.ts';
import type { CompareSettings } from './compare-settings.ts';
import type { Compared } from './compared.ts';
import { pairsText, testsText, tiesText } from './comparison-text.ts';
import { isProfileFile, labelOf, profileAxis, profileExperiment, profileLabels } from './profile-experiment.ts';
import { readRunTables, runTableNames } from './run-tables.ts';
import { comparedSamples } from './warm-up.ts';
import type { RunnerOptions } from './run-profiles.ts';
import { runProfiles } from './run-profiles.ts';

/** What was found, or the exit code of a command that could not find it; why was told. */
export type CompareOutcome = Compared | { readonly comparison: undefined; readonly exitCode: ExitCode };

/** Ties are broken differently in so many worlds only: every salt is a comparison of its own. */
const SALTED_WORLDS = 5;

/** Runs and compares. */
export async function compareProfiles(
  args: CompareArguments & { readonly file: string },
  settings: CompareSettings,
  io: CliIo,
): Promise<CompareOutcome> {
  const profiles = orderedProfiles(args);
  for (const profile of profiles.filter(isProfileFile)) refuseMissing(profile, io.cwd);
  const until = untilOf(args.until);
  const workers = workersOf(args.workers);
  const scenario = await baseScenario(args, until, io);
  if (scenario === undefined) return { comparison: undefined, exitCode: exitCodes.usage };
  refuseSalts(scenario, settings);
  refuseSpans(scenario, args.file, settings);
  const name = `compare-${folderName(scenario.name)}`;
  const run = new ProfileRun(args.file, scenario, profiles, settings, {
    store: new CellStore(join(resolve(io.cwd, args.out), name)),
    io,
    settings: {
      until,
      overrides: args.set ?? [],
      // Files of the scenario were looked at above; those of profiles the user names by hand.
      allowOutside: args['allow-outside'] || profiles.some(isProfileFile),
      allowPlugins: args['allow-plugins'],
    },
    seed: args.seed,
    workers,
    isQuiet: args.quiet,
  });
  const found = await run.find();
  if ('exitCode' in found && !('comparison' in found)) return { comparison: undefined, exitCode: found.exitCode };
  return { ...found, name, command: commandOf(args, profiles, settings) };
}

/** The baseline first. */
function orderedProfiles({ profile = [], baseline }: CompareArguments): readonly string[] {
  const labels = profileLabels(profile);
  if (baseline === undefined) return profile;
  const first = profile.find((entry) => entry === baseline || labelOf(entry) === baseline);
  if (first === undefined)
    throw new CliError(`orrery: --baseline "${baseline}" is none of the profiles: ${labels.join(', ')}`);
  return [first, ...profile.filter((entry) => entry !== first)];
}

/** Later on a file is named as seen from the scenario. */
function refuseMissing(profile: string, cwd: string): void {
  const { type } = fileReaderAt(cwd).stat(profile);
  if (type === 'missing') throw new CliError(`orrery: --profile ${profile}: there is no such file`);
  if (type === 'folder') throw new CliError(`orrery: --profile ${profile}: it is a folder, and a file is wanted`);
}

function untilOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const us = parseDuration(text);
  if (us !== undefined && us > 0) return us;
  throw new CliError(`orrery: --until "${text}" is not a duration above zero; write 90s, 15m, 2h or 1d`);
}

/** The scenario as it is without any profile; what is wrong with it is told. */
async function baseScenario(
  args: CompareArguments & { readonly file: string },
  until: number | undefined,
  io: CliIo,
): Promise<Scenario | undefined> {
  const settings = {
    ...{ seed: args.seed, replication: undefined, until, overrides: args.set ?? [] },
    allowOutside: args['allow-outside'],
    allowPlugins: args['allow-plugins'],
  };
  const { run, diagnostics } = await prepareRun(args.file, settings, fileReaderAt(io.cwd));
  if (run === undefined) io.stderr.write(`${formatDiagnostics(diagnostics)}\n`);
  return run?.scenario;
}

function refuseSalts({ scheduler: { tieBreak } }: Scenario, { tieSalts }: CompareSettings): void {
  if (tieSalts === 0 || tieBreak === 'uniform') return;
  throw new CliError(
    `orrery: --tie-salts: the scenario breaks ties by ${tieBreak}, so that nothing is drawn there; ` +
      'add --set spec.scheduler.tieBreak=uniform',
  );
}

/** Without a clock there is neither a beginning to cut nor a batch of time. */
function refuseSpans(scenario: Scenario, file: string, { warmUp, replications }: CompareSettings): void {
  const option = warmUp !== undefined ? '--warm-up' : '-n 1';
  if (!isPlacementReplay(scenario) || (warmUp === undefined && replications > 1)) return;
  throw new CliError(
    `orrery: ${option} takes runs in time; the trace of ${file} is replayed in order, without a clock`,
  );
}

type Found = Omit<Compared, 'name' | 'command'> | { readonly exitCode: ExitCode };

class ProfileRun {
  private readonly file: string;
  private readonly scenario: Scenario;
  private readonly profiles: readonly string[];
  private readonly settings: CompareSettings;
  private readonly options: RunnerOptions;

  constructor(
    file: string,
    scenario: Scenario,
    profiles: readonly string[],
    settings: CompareSettings,
    options: RunnerOptions,
  ) {
    this.file = file;
    this.scenario = scenario;
    this.profiles = profiles;
    this.settings = settings;
    this.options = options;
  }

  async find(): Promise<Found> {
    const { settings, scenario } = this;
    const width = settings.relativeHalfWidth;
    let count = settings.replications;
    let stopping: string | undefined;
    for (;;) {
      const seen = await this.replicate(count);
      if (!('comparison' in seen)) return seen;
      const open = width === undefined ? [] : openMetrics(seen.comparison, width);
      if (width !== undefined) stopping = stoppingText(count, open, width);
      if (open.length > 0 && count < settings.replicationsMax) {
        count = Math.min(settings.replicationsMax, count + sequentialSteps.more);
        continue;
      }
      const ties = await this.ties(seen.comparison, seen.samples);
      if (typeof ties === 'number') return { exitCode: ties };
      const question = `Which profile for ${scenario.name}: ${seen.comparison.policies.join(' or ')}?`;
      return { ...seen, title: scenario.name, question, about: this.about(seen), ties, turned: [], stopping };
    }
  }

  private experiment(salts: readonly number[] = []) {
    const { name, description } = this.scenario;
    const { warmUp, replications } = this.settings;
    const keepsRuns = warmUp !== undefined || replications === 1;
    const tables = ['workloads', ...(keepsRuns ? runTableNames : [])];
    return profileExperiment({ name, description, file: this.file, tables }, this.profiles, salts);
  }

  private async replicate(
    count: number,
  ): Promise<
    | { readonly comparison: Comparison; readonly samples: Samples; readonly exitCode: ExitCode }
    | { readonly exitCode: ExitCode }
  > {
    const experiment = this.experiment();
    const ran = await runProfiles(experiment, count, this.options);
    if (ran.cells === undefined) return { exitCode: ran.exitCode };
    const { store } = this.options;
    const runs = {
      ...{ results: ran.results, axes: axesOf(experiment), axis: profileAxis, policies: this.profiles.map(labelOf) },
      tablesOf: ({ cell: { key } }: CellResult) => readRunTables(store.cellFolder(key), store.cellFolder(key)),
    };
    const samples = comparedSamples(runs, this.settings.warmUp);
    return { samples, comparison: compareSamples(samples, this.settings), exitCode: ran.exitCode };
  }

  /** A sentence, or an exit code where the runs were stopped. */
  private async ties(comparison: Comparison, { isSerial }: Samples): Promise<string | ExitCode> {
    const { tieSalts } = this.settings;
    if (tieSalts === 0) return untriedTies([this.scenario.scheduler.tieBreak], isSerial);
    const salts = Array.from({ length: tieSalts }, (_, index) => index + 1);
    const experiment = this.experiment(salts);
    const ran = await runProfiles(experiment, Math.min(SALTED_WORLDS, comparison.worldCount), this.options);
    if (ran.cells === undefined) return ran.exitCode;
    const [policies, saltAxis] = axesOf(experiment);
    return tieSentence(tieRobustness(comparison, ran.results, [policies!, saltAxis!]));
  }

  private about({
    comparison,
    samples,
  }: {
    readonly comparison: Comparison;
    readonly samples: Samples;
  }): readonly string[] {
    return [
      pairsText(samples),
      'same arrivals, run times and failures for all',
      testsText(comparison),
      tiesText([this.scenario.scheduler.tieBreak]),
    ];
  }
}

function stoppingText(count: number, open: readonly string[], width: number): string {
  const wanted = `${formatNumber(100 * width, 2)} % of the baseline`;
  if (open.length === 0) return `After ${count} worlds every difference is known to ${wanted}.`;
  return `After ${count} worlds, the most that were allowed, ${listed(open)} ${open.length === 1 ? 'is' : 'are'} not known to ${wanted}.`;
}

/** The command with everything that determines the answer; how many workers did it is of no account. */
function commandOf(args: CompareArguments, profiles: readonly string[], settings: CompareSettings): string {
  const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);
  const words = [
    ...['orrery', 'compare', '-f', args.file!, ...profiles.flatMap((profile) => ['--profile', profile])],
    ...['-n', String(settings.replications)],
    ...option('--half-width', args['half-width']),
    ...option('--until-half-width', args['until-half-width']),
    ...option('--replications-max', args['replications-max']),
    ...(args.metric ?? []).flatMap((metric) => ['--metric', metric]),
    ...(args.level === '95' ? [] : ['--level', args.level]),
    ...option('--warm-up', args['warm-up']),
    ...option('--tie-salts', args['tie-salts']),
    ...option('--seed', args.seed),
    ...option('--until', args.until),
    ...(args.set ?? []).flatMap((text) => ['--set', text]),
    ...(args['allow-outside'] ? ['--allow-outside'] : []),
    ...(args['allow-plugins'] ? ['--allow-plugins'] : []),
  ];
  return words.map(shellWord).join(' ');
}
