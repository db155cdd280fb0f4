/** `--warm-up` and a single run each: figures of a part of the runs, out of the tables that they have kept. */
import { parseDuration } from '../../engine/time.ts';
import type { Axis, CellResult } from '../../experiment/cell.ts';
import type { Samples, WarmUp } from '../../experiment/comparison/samples.ts';
import { samplesOf } from '../../experiment/comparison/samples.ts';
import { findWarmUp, stepsMin } from '../../experiment/steady-state/find-warm-up.ts';
import { serialSamples } from '../../experiment/steady-state/serial-samples.ts';
import type { RunTables } from '../../experiment/steady-state/span-figures.ts';
import { spanFigures } from '../../experiment/steady-state/span-figures.ts';
import { batchesMax } from '../../experiment/statistics/batch-means.ts';
import { formatDuration } from '../../report/format.ts';
import { nearest } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';

/** What the command line says: a length in microseconds, or the series of the baseline that tells it. */
export type WarmUpSetting = { readonly us: number } | { readonly series: string };

const defaultSeries = 'cpu_requested_ratio';

/** @throws CliError where the text is neither a duration nor `auto`. */
export function warmUpSetting(text: string | undefined): WarmUpSetting | undefined {
  if (text === undefined) return undefined;
  const [, series] = /^auto(?::(.*))?$/.exec(text) ?? ['', undefined];
  if (text.startsWith('auto') && (text === 'auto' || series !== undefined)) return { series: series ?? defaultSeries };
  const us = parseDuration(text);
  if (us !== undefined && us > 0) return { us };
  throw new CliError(`orrery: --warm-up "${text}" is no duration above zero; write 20m, auto, or auto:pending_pods`);
}

/** Which runs are compared, and how their tables are had. */
export interface ComparedRuns {
  readonly results: readonly CellResult[];
  readonly axes: readonly Axis[];
  readonly axis: string;
  /** The baseline first. */
  readonly policies: readonly string[];
  /** Absolute folder of a finished cell. */
  readonly tablesOf: (result: CellResult) => RunTables;
}

/**
 * Samples of the runs: without their warm-up where it is to be cut, and in slices of time where there is one run of each policy.
 *
 * @throws CliError where the runs have not kept the tables for that, or are too short for it.
 */
export function comparedSamples(runs: ComparedRuns, setting: WarmUpSetting | undefined): Samples {
  const samples = samplesOf(runs.results, runs.axes, runs);
  if (samples.worlds.length === 1) return slicesOf(runs, setting);
  if (setting === undefined) return samples;
  const warmUp = warmUpOf(runs, setting);
  const { from } = warmUp;
  if (from === 0) return { ...samples, warmUp: { ...warmUp, figures: new Set() } };
  const names = new Set<string>();
  const results = runs.results.map((result): CellResult => {
    if (result.problem !== undefined || !isCompared(result, runs)) return result;
    const tables = runs.tablesOf(result);
    const cut = spanFigures(tables, { from, to: endOf(tables) });
    for (const name of cut.keys()) names.add(name);
    return { ...result, figures: new Map([...result.figures, ...cut]) };
  });
  return { ...samplesOf(results, runs.axes, runs), warmUp: { ...warmUp, figures: names } };
}

const levelOf = ({ cell }: CellResult, { axes, axis }: ComparedRuns): string =>
  cell.levels[axes.findIndex(({ name }) => name === axis)]!;

function isCompared(result: CellResult, runs: ComparedRuns): boolean {
  return runs.policies.includes(levelOf(result, runs));
}

function endOf({ steps }: RunTables): number {
  const last = steps.at(-1);
  return last === undefined ? 0 : last.start + last.length;
}

/** Where to cut; at 0 where the rule finds nothing to cut. */
function warmUpOf(runs: ComparedRuns, setting: WarmUpSetting): Omit<WarmUp, 'figures'> {
  const [baseline] = runs.policies;
  const tables = runs.results
    .filter((result) => result.problem === undefined && levelOf(result, runs) === baseline)
    .map(runs.tablesOf);
  refuseUnequal(tables);
  if ('us' in setting) return statedWarmUp(tables[0]!, setting.us);
  const { series } = setting;
  const found = findWarmUp(tables, series);
  if (!('problem' in found)) return { from: found.from, reason: `MSER-5 on ${series} of ${baseline}` };
  throw new CliError(`orrery: --warm-up auto:${series}: ${whyNot(found.problem, series, tables[0]!)}`);
}

function whyNot(problem: 'too short' | 'not steady' | 'no such series', series: string, { steps }: RunTables): string {
  if (problem === 'too short')
    return `the runs have fewer than ${stepsMin} steps; make them longer, or state a duration`;
  if (problem === 'not steady')
    return 'MSER-5 would cut more than half of the run: it has not become steady. Make it longer (--until), name another series, or state a duration';
  const known = [...new Set(steps.flatMap(({ values }) => [...values.keys()]))];
  const near = nearest(series, known);
  return `there is no series "${series}"${near === undefined ? `; known: ${known.join(', ')}` : `; did you mean "${near}"?`}`;
}

function statedWarmUp(tables: RunTables, us: number): Omit<WarmUp, 'figures'> {
  const step = tables.steps.find(({ start }) => start >= us);
  const end = formatDuration(endOf(tables));
  if (step === undefined)
    throw new CliError(`orrery: --warm-up ${formatDuration(us)} leaves nothing of runs that last ${end}`);
  const reason = step.start === us ? 'as stated' : `${formatDuration(us)} as stated, to the next step of the series`;
  return { from: step.start, reason: 2 * step.start > endOf(tables) ? `${reason}; more than half of ${end}` : reason };
}

function refuseUnequal(tables: readonly RunTables[]): void {
  const lengths = new Set(tables.map(({ steps }) => steps[0]?.length));
  if (lengths.size > 1)
    throw new CliError('orrery: the runs have steps of several lengths: choose cells of one horizon with --selector');
}

/** One run of each policy, batch by batch. */
function slicesOf(runs: ComparedRuns, setting: WarmUpSetting | undefined): Samples {
  const tables = runs.policies.map((policy) => {
    const own = runs.results.filter((result) => result.problem === undefined && levelOf(result, runs) === policy);
    if (own.length !== 1)
      throw new CliError(`orrery: one world with ${own.length} runs of ${policy}: choose one with --selector`);
    return runs.tablesOf(own[0]!);
  });
  refuseUnequal(tables);
  const warmUp = setting === undefined ? undefined : warmUpOf(runs, setting);
  const samples = serialSamples(runs.policies, tables, warmUp?.from ?? 0);
  if (samples === undefined)
    throw new CliError(
      `orrery: one run each is compared batch by batch, which takes ${batchesMax} steps of time; make it longer, or state -n 10`,
    );
  const figures = new Set(samples.figures[0]!.flatMap((slice) => [...slice.keys()]));
  return { ...samples, warmUp: warmUp === undefined ? undefined : { ...warmUp, figures } };
}
