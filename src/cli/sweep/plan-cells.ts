/** From an experiment to its cells: every combination of levels is loaded and checked once, before anything runs. */
import type { Cell } from '../../experiment/cell.ts';
import type { Experiment, Level, LevelOverride, World } from '../../experiment/experiment.ts';
import { combinations } from '../../experiment/experiment.ts';
import { loadExperiment } from '../../experiment/load-experiment.ts';
import type { Diagnostic, Place } from '../../scenario/diagnostics.ts';
import { DiagnosticList, count, errorsShownMax } from '../../scenario/diagnostics.ts';
import type { FileReader } from '../../scenario/file-reader.ts';
import { folderOf, joinPath } from '../../scenario/file-reader.ts';
import * as messages from '../../scenario/messages.ts';
import { TraceMemory } from '../../scenario/resolve/trace-memory.ts';
import type { TieBreak } from '../../scheduler/select-host.ts';
import { breathe } from '../cli-io.ts';
import type { Interruption } from '../cli-io.ts';
import { orreryVersion } from '../orrery-version.ts';
import type { PreparedRun, RunSettings } from '../prepare.ts';
import { prepareRun } from '../prepare.ts';
import { cellKey, combinationDigest } from './cell-key.ts';

/** Most cells of one experiment. */
const cellsMax = 100_000;

/** A cell with everything that is needed to prepare and run it: plain values, so that a worker can be given it. */
export interface PlannedCell extends Cell {
  /** Scenario file as seen from the working folder. */
  readonly file: string;
  readonly settings: RunSettings;
  /** How its scheduler breaks ties among the best nodes. */
  readonly tieBreak: TieBreak;
}

/** What the command line states over the experiment file. */
export interface PlanSettings {
  /** Microseconds; in place of the horizon of every scenario. */
  readonly until: number | undefined;
  /** `path=value` for the scenario of every cell, below the levels. */
  readonly overrides: readonly string[];
  /** What comes in place of the experiment's own worlds; undefined = those. */
  readonly worlds: ((own: readonly World[]) => readonly World[]) | undefined;
  readonly allowOutside: boolean;
  readonly allowPlugins: boolean;
}

/** The cells of an experiment in key order, or why there are none. */
export interface Plan {
  /** Undefined where the experiment or one of its cells has errors. */
  readonly experiment: Experiment | undefined;
  readonly cells: readonly PlannedCell[];
  /** Errors first, then warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How ties are broken in some cells: one way, or several where an axis changes it, in key order. */
export function tieBreaksOf(cells: readonly PlannedCell[]): readonly TieBreak[] {
  return [...new Set(cells.map(({ tieBreak }) => tieBreak))];
}

/** Plans the experiment of a file. Mistakes of the user are diagnostics; nothing is written. */
export async function planCells(
  file: string,
  settings: PlanSettings,
  reader: FileReader,
  interruption?: Interruption,
): Promise<Plan> {
  const { experiment, diagnostics } = loadExperiment(file, { reader, allowOutside: settings.allowOutside });
  if (experiment === undefined) return { experiment, cells: [], diagnostics };
  const plan = await planExperiment(experiment, settings, reader, interruption);
  return { ...plan, diagnostics: [...plan.diagnostics, ...diagnostics] };
}

/** Plans an experiment that is there already, from a file or made by a program. */
export async function planExperiment(
  experiment: Experiment,
  settings: PlanSettings,
  reader: FileReader,
  interruption?: Interruption,
): Promise<Plan> {
  const planner = new Planner({ experiment, settings, reader });
  const { worlds } = planner;
  const list = [...first(combinations(experiment), cellsMax + 1)];
  if (list.length * worlds.length > cellsMax) {
    planner.refuseTooMany(list.length);
  } else {
    for (const levels of list) {
      if (planner.hasEnoughErrors || interruption?.signal !== undefined) break;
      await planner.combination(levels);
      await breathe();
    }
  }
  return planner.plan();
}

function* first<T>(items: Iterable<T>, amount: number): Generator<T> {
  let left = amount;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}

interface PlannerInput {
  readonly experiment: Experiment;
  readonly settings: PlanSettings;
  readonly reader: FileReader;
}

class Planner {
  readonly worlds: readonly World[];
  private readonly input: PlannerInput;
  private readonly version = orreryVersion();
  private readonly traces = new TraceMemory();
  private readonly cells: PlannedCell[] = [];
  private readonly list = new DiagnosticList();
  /** By the digest of a combination, the first one that has it. */
  private readonly names = new Map<string, string>();
  /** Of worlds that do not state a seed: what the first scenario has. */
  private seed: string | undefined;

  constructor(input: PlannerInput) {
    this.input = input;
    const { worlds } = input.experiment;
    this.worlds = input.settings.worlds?.(worlds) ?? worlds;
  }

  get hasEnoughErrors(): boolean {
    return this.list.errors.length >= errorsShownMax;
  }

  /** @param combinations as many as were counted. */
  refuseTooMany(combinations: number): void {
    const least = combinations > cellsMax ? `more than ${cellsMax}` : String(combinations);
    const product = `${least} combinations of levels in ${count(this.worlds.length, 'world')}`;
    const message = `${product} are too many cells: an experiment has at most ${cellsMax}`;
    this.list.add(messages.noCells(message), this.input.experiment.axesPlace);
  }

  /** Loads one combination and adds a cell for each world. */
  async combination(levels: readonly Level[]): Promise<void> {
    const { experiment, settings, reader } = this.input;
    const file = levels.find(({ scenario }) => scenario !== undefined)?.scenario ?? experiment.scenario;
    if (file === undefined) return;
    const overrides = levels.flatMap((level) => level.overrides);
    const { until, allowOutside, allowPlugins } = settings;
    const texts = [...settings.overrides, ...overrides.map((override) => overrideText(override, file, reader))];
    const common = { until, allowOutside, allowPlugins, overrides: texts };
    const first = { ...common, seed: undefined, replication: undefined };
    const { run, diagnostics } = await prepareRun(file, first, reader, { traces: this.traces });
    for (const diagnostic of diagnostics) this.tell(diagnostic, levels, overrides);
    if (run !== undefined) this.addCells(levels, run, file, common);
  }

  plan(): Plan {
    const { errors, warnings } = this.list;
    const isSound = errors.length === 0;
    return {
      experiment: isSound ? this.input.experiment : undefined,
      cells: isSound ? this.cells : [],
      diagnostics: [...errors, ...warnings],
    };
  }

  private addCells(
    levels: readonly Level[],
    run: PreparedRun,
    file: string,
    common: Omit<RunSettings, 'seed' | 'replication'>,
  ): void {
    this.seed ??= run.scenario.seed;
    const digest = combinationDigest(run, this.version);
    const labels = levels.map(({ label }) => label);
    const name = this.nameOf(labels);
    const { tieBreak } = run.scenario.scheduler;
    const twin = this.names.get(digest);
    if (twin === undefined) this.names.set(digest, name);
    else this.list.add(messages.sameRun(twin, name), levels.at(-1)!.place);
    for (const world of this.worlds) {
      const seed = world.seed ?? this.seed;
      const { replication } = world;
      const key = cellKey(digest, { seed, replication });
      const settings = { ...common, seed, replication };
      this.cells.push({ index: this.cells.length, levels: labels, seed, replication, key, file, settings, tieBreak });
    }
  }

  /** What the levels caused stands where they are written; anything else names the first combination that has it. */
  private tell(diagnostic: Diagnostic, levels: readonly Level[], overrides: readonly LevelOverride[]): void {
    const place = placeInExperiment(diagnostic, overrides, this.input.settings.overrides.length);
    const isCaused = diagnostic.severity === 'error' && place === undefined && levels.length > 0;
    const name = isCaused ? this.nameOf(levels.map(({ label }) => label)) : '';
    const subject = [name, diagnostic.subject].filter((part) => part !== '').join(': ');
    this.list.take({ ...diagnostic, ...place, subject });
  }

  private nameOf(labels: readonly string[]): string {
    const { axes } = this.input.experiment;
    return axes.map(({ name }, index) => `${name}=${labels[index]}`).join(' ') || 'the only combination';
  }
}

/** `path=value` as the command line has it; files as the scenario names them. */
function overrideText({ path, value, isFile }: LevelOverride, scenario: string, reader: FileReader): string {
  const named = (file: unknown): string => seenFrom(scenario, String(file), reader);
  const text = !isFile ? value : Array.isArray(value) ? value.map(named) : named(value);
  return `${path}=${JSON.stringify(text)}`;
}

/** A path from the working folder as the file would name it. */
function seenFrom(file: string, path: string, reader: FileReader): string {
  if (path.startsWith('/') !== file.startsWith('/')) return absolute(path, reader);
  const folder = joinPath('.', folderOf(file))
    .split('/')
    .filter((part) => part !== '.');
  const target = joinPath('.', path).split('/');
  let same = 0;
  while (same < folder.length && same < target.length - 1 && folder[same] === target[same]) same++;
  // The way back from a folder outside goes through the working folder, whose name the path does not have.
  if (folder.slice(same).includes('..')) return absolute(path, reader);
  return [...folder.slice(same).map(() => '..'), ...target.slice(same)].join('/');
}

/** Where a file really lies; a path as it is where there is none. */
function absolute(path: string, reader: FileReader): string {
  const entry = path.startsWith('/') ? undefined : reader.stat(path);
  return entry?.type === 'file' ? entry.realPath : path;
}

/** Where a level is written that caused a message about an override; `--set` of the command line comes before those of levels. */
function placeInExperiment(
  { file, line, column, path, code }: Diagnostic,
  overrides: readonly LevelOverride[],
  fromCommandLine: number,
): Place | undefined {
  if (file !== '--set') return undefined;
  const override = overrides[line - 1 - fromCommandLine];
  if (override === undefined) return undefined;
  const isInPath = column <= override.path.length + 2 && isOnTheWay(path, override.path);
  const isAboutPath = code === 'E033' || (code === 'E014' && isInPath);
  return isAboutPath ? override.pathPlace : override.valuePlace;
}

/** Whether a field is the one that an override's path leads to, or holds it. */
function isOnTheWay(field: string, path: string): boolean {
  const plain = (text: string): string => text.replaceAll(/\[[^\]]*\]/g, '[]');
  return plain(path).startsWith(plain(field)) && field !== '';
}
