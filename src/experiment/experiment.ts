/** An experiment, checked and resolved: the product of its axes, under the same random worlds for every combination. */
import type { Place } from '../scenario/diagnostics.ts';
import type { SweepChartOptions } from '../report/sweep-charts/registry.ts';
import type { Axis } from './cell.ts';

/** A value that a level sets by path in the scenario. */
export interface LevelOverride {
  /** As in `--set path=value`. */
  readonly path: string;
  readonly value: unknown;
  /** The value is a file as seen from the working folder, or a list of them; the scenario has to name them from its own. */
  readonly isFile: boolean;
  readonly pathPlace: Place;
  readonly valuePlace: Place;
}

/** One choice on an axis. */
export interface Level {
  readonly label: string;
  /** Where the label stands. */
  readonly place: Place;
  /** Path of another scenario as seen from the working folder; undefined = the experiment's. */
  readonly scenario: string | undefined;
  readonly overrides: readonly LevelOverride[];
}

/** One dimension with everything that its levels do. */
export interface ExperimentAxis {
  readonly name: string;
  readonly levels: readonly Level[];
}

/** The random world of a run. Runs that differ in their levels only are under the same worlds. */
export interface World {
  /** Undefined = that of the scenario of the first cell. */
  readonly seed: string | undefined;
  readonly replication: number;
}

/** What the results of an experiment hold. */
export interface ExperimentOutputs {
  /** Names of the tables that are merged beside cells and figures. */
  readonly tables: readonly string[];
  /** `merged`: the folder of a cell has no more tables than that. */
  readonly cells: 'full' | 'merged';
  readonly charts: boolean;
  readonly report: boolean;
}

/** See above. Axes may be none: then there is one combination. */
export interface Experiment {
  readonly name: string;
  readonly description: string;
  /** The experiment file as the user named it. */
  readonly file: string;
  /** The scenario that every cell begins with; undefined where a level of some axis always has one. */
  readonly scenario: string | undefined;
  readonly axes: readonly ExperimentAxis[];
  /** Where these are written. */
  readonly axesPlace: Place;
  readonly worlds: readonly World[];
  /** Label of the reference level on each axis: the first one where the file does not say. */
  readonly baseline: readonly string[];
  /** Each a set of labels by axis; a combination is left out where one of them matches on all of its axes. */
  readonly exclude: readonly ReadonlyMap<string, ReadonlySet<string>>[];
  readonly outputs: ExperimentOutputs;
  /** Charts over the runs of all cells. */
  readonly charts: readonly SweepChartOptions[];
}

/** The axes as tables and charts know them. */
export function axesOf({ axes }: Pick<Experiment, 'axes'>): readonly Axis[] {
  return axes.map(({ name, levels }) => ({ name, levels: levels.map(({ label }) => label) }));
}

/** All combinations of levels in key order (the last axis changes fastest), without the excluded ones. */
export function* combinations({ axes, exclude }: Pick<Experiment, 'axes' | 'exclude'>): Generator<readonly Level[]> {
  const at = axes.map(() => 0);
  for (;;) {
    const levels = axes.map((axis, index) => axis.levels[at[index]!]!);
    if (!exclude.some((entry) => isExcluded(axes, levels, entry))) yield levels;
    let index = axes.length - 1;
    while (index >= 0 && ++at[index]! >= axes[index]!.levels.length) at[index--] = 0;
    if (index < 0) return;
  }
}

function isExcluded(
  axes: readonly ExperimentAxis[],
  levels: readonly Level[],
  entry: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  return axes.every(({ name }, index) => entry.get(name)?.has(levels[index]!.label) ?? true);
}

/** `policy=fgd trace=default seed=42`: how messages name a cell. */
export function cellName(
  axes: readonly { readonly name: string }[],
  {
    levels,
    seed,
    replication,
  }: { readonly levels: readonly string[]; readonly seed: string; readonly replication: number },
): string {
  const parts = axes.map(({ name }, index) => `${name}=${levels[index]}`);
  return [...parts, `seed=${seed}`, ...(replication > 0 ? [`replication=${replication}`] : [])].join(' ');
}
