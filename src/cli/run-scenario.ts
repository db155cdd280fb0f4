/** `orrery run` for one prepared scenario: simulate, write, tell. */
import { join, relative, resolve } from 'node:path';
import { formatClock } from '../engine/time.ts';
import { isPlacementReplay } from '../placement-replay.ts';
import { runStory } from '../report/run-story.ts';
import { evaluateAsserts } from '../scenario/asserts.ts';
import type { AssertOutcome } from '../scenario/asserts.ts';
import { printable } from '../scenario/diagnostics.ts';
import { AssertionError, MemoryMistake, PluginMistake } from '../util/assert.ts';
import type { CliIo, StopSignal } from './cli-io.ts';
import { CliError } from './cli-error.ts';
import { commandLine } from './command-line.ts';
import { placeInStack } from './place-in-stack.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Manifest } from './manifest.ts';
import type { PreparedRun } from './prepare.ts';
import { ResultFolder, folderName } from './result-folder.ts';
import { replayInOrder } from './replay-in-order.ts';
import type { CheckLevel, SimulatedRun, StoppedRun } from './simulated-run.ts';
import { outputsDigest, writeResults } from './write-results.ts';
import type { Results } from './write-results.ts';

/** What the command line asks for. */
export interface RunOptions {
  /** Folder of all results. */
  readonly out: string;
  readonly check: CheckLevel;
  readonly hasCharts: boolean;
  readonly hasReport: boolean;
  readonly isQuiet: boolean;
  readonly isDeterminismChecked: boolean;
  readonly isVerified: boolean;
  readonly orreryVersion: string;
}

/** What became of one scenario. */
export interface RunOutcome {
  readonly exitCode: ExitCode;
  /** Undefined where nothing was written. */
  readonly told: ToldRun | undefined;
}

/** A finished run with everything that a summary says about it. */
export interface ToldRun extends Results {
  readonly manifest: Manifest;
  /** Folder of the result, as the user would type it. */
  readonly folder: string;
}

/** Runs one scenario. What went wrong is told on stderr; the summary is the caller's matter. */
export async function runScenario(run: PreparedRun, io: CliIo, options: RunOptions): Promise<RunOutcome> {
  const { scenario } = run;
  const replication = scenario.replication > 0 ? `-r${scenario.replication}` : '';
  const path = join(
    resolve(io.cwd, options.out),
    folderName(scenario.name),
    `${folderName(scenario.seed)}${replication}`,
  );
  const folder = new ResultFolder(path);
  try {
    return await runInto(folder, run, io, options);
  } catch (error) {
    const blame = pluginError(error, run);
    if (blame !== undefined) throw blame;
    if (error instanceof AssertionError) io.stderr.write(`orrery: to repeat: ${commandLine(run)}\n`);
    throw error;
  } finally {
    folder.discard();
  }
}

/** An error that comes out of a plugin's code, or an answer against its rules, is its author's; undefined for any other. */
export function pluginError(error: unknown, { plugins, pluginPaths }: PreparedRun): CliError | undefined {
  if (error instanceof PluginMistake) {
    const own = plugins.find(({ plugins: names }) => names.includes(error.plugin));
    return own === undefined ? undefined : new CliError(`${own.file}: error: ${error.message}\nnothing was written.`);
  }
  if (error instanceof MemoryMistake && plugins.length > 0) {
    const files = plugins.map(({ file }) => file).join(', ');
    return new CliError(`${files}: error: ${error.message}\nnothing was written.`);
  }
  if (!(error instanceof Error) || error instanceof AssertionError) return undefined;
  const [top = ''] = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const [path, shown] = [...pluginPaths].find(([candidate]) => top.includes(`${candidate}:`)) ?? [];
  if (path === undefined) return undefined;
  const [line, column] = placeInStack(error, path);
  return new CliError(`${shown}:${line}:${column} error: the plugin throws: ${error.message}\nnothing was written.`);
}

async function runInto(folder: ResultFolder, run: PreparedRun, io: CliIo, options: RunOptions): Promise<RunOutcome> {
  const simulated = await simulate(run, io, options);
  if ('signal' in simulated) return stopped(simulated.signal, run, io);
  if (simulated.result.stop.reason === 'limit') return limited(simulated, run, io);
  if (options.isDeterminismChecked) {
    const difference = await secondRunDifference(simulated, run, io, options);
    if (difference !== undefined) {
      io.stderr.write(`${difference}\n`);
      return { exitCode: exitCodes.nonDeterminism, told: undefined };
    }
  }
  const { result, actions } = simulated;
  const story = runStory({
    tables: result.tables,
    horizonUs: result.endsAt,
    actions,
    hasFaults: run.scenario.faults.length > 0,
  });
  const asserts = evaluateAsserts(run.scenario.asserts, result.figures);
  const results: Results = { run, simulated, story, asserts, orreryVersion: options.orreryVersion };
  const manifest = await writeResults(results, folder, io, options);
  const { signal } = io.interruption;
  if (manifest === undefined || signal !== undefined) return stopped(signal ?? 'SIGINT', run, io);
  folder.complete();
  tellViolations(simulated, io);
  return {
    exitCode: exitCodeOf(simulated, asserts),
    told: { ...results, manifest, folder: typedPath(folder.path, io.cwd) },
  };
}

/** The path as the user would type it: relative where that is shorter. */
export function typedPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path);
  return fromHere.startsWith('..') ? path : fromHere;
}

function exitCodeOf({ result }: SimulatedRun, asserts: readonly AssertOutcome[]): ExitCode {
  if (result.violations.length > 0) return exitCodes.invariant;
  return asserts.every(({ passes }) => passes) ? exitCodes.ok : exitCodes.failed;
}

function stopped(signal: StopSignal, run: PreparedRun, io: CliIo): RunOutcome {
  io.stderr.write(`orrery: stopped by ${signal}; nothing was written. To run it again: ${commandLine(run)}\n`);
  return { exitCode: signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated, told: undefined };
}

const EVENTS_SHOWN = 20;

function limited({ result, dump }: SimulatedRun, run: PreparedRun, io: CliIo): RunOutcome {
  const message = result.stop.reason === 'limit' ? result.stop.message : '';
  const events = dump?.events.slice(-EVENTS_SHOWN) ?? [];
  const busiest = dump?.busiest ?? [];
  const lines = [
    `orrery: ${run.file}: limit reached: ${message}; nothing was written.`,
    ...busiest.map(({ handler, count }) => `  busiest  ${count} events  ${handler}`),
    ...events.map(({ time, handler, payload }) => `  ${formatClock(time)}  ${handler}  payload ${payload}`),
    'The limits are spec.limits of the scenario (events, eventsPerInstant, pods).',
  ];
  io.stderr.write(`${lines.map(printable).join('\n')}\n`);
  return { exitCode: exitCodes.limit, told: undefined };
}

const VIOLATIONS_SHOWN = 10;

function tellViolations({ result: { violations } }: SimulatedRun, io: CliIo): void {
  if (violations.length === 0) return;
  const lines = violations
    .slice(0, VIOLATIONS_SHOWN)
    .map(({ time, check, subject, message }) => `  ${formatClock(time)}  ${check}: ${subject}: ${message}`);
  const rest = violations.length > VIOLATIONS_SHOWN ? [`  ... and ${violations.length - VIOLATIONS_SHOWN} more`] : [];
  const head = `orrery: ${violations.length} broken rules of the simulated cluster; this is a mistake of orrery:`;
  io.stderr.write(`${[head, ...lines, ...rest].map(printable).join('\n')}\n`);
}

/** Runs the same again; undefined if every fingerprint and every byte of the tables is the same. */
async function secondRunDifference(
  first: SimulatedRun,
  run: PreparedRun,
  io: CliIo,
  options: RunOptions,
): Promise<string | undefined> {
  const second = await simulate(run, io, options);
  if ('signal' in second) return undefined;
  const layers = [...first.result.fingerprints].filter(
    ([layer, digest]) => second.result.fingerprints.get(layer) !== digest,
  );
  const names = layers.map(([layer]) => layer);
  if (outputsDigest(first) !== outputsDigest(second)) names.push('outputs');
  if (names.length === 0) return undefined;
  const { differenceOfRuns } = await import('./run-difference.ts');
  const lines = await differenceOfRuns({ run, name: 'first' }, { run, name: 'second' }, { io, around: 5 });
  return [`orrery: not deterministic: two runs differ in ${names.join(', ')}`, ...lines].join('\n');
}

/** Runs a prepared scenario from beginning to end. The components of a run with a clock are loaded only for one. */
async function simulate(run: PreparedRun, io: CliIo, options: RunOptions): Promise<SimulatedRun | StoppedRun> {
  if (isPlacementReplay(run.scenario)) return replayInOrder(run, io, options);
  const { simulateInTime } = await import('./simulate-in-time.ts');
  return simulateInTime(run, io, options);
}
