/** Finished cells as samples of figures: one value per policy and random world. */
import type { Axis, CellResult } from '../cell.ts';
import { batchesMax, independentBatches } from '../statistics/batch-means.ts';

type Figures = ReadonlyMap<string, number>;

/** What was cut off the beginning of runs that start empty. */
export interface WarmUp {
  /** Microseconds: the start of a step of the time series. */
  readonly from: number;
  /** As in "MSER-5 on cpu_requested_ratio of default". */
  readonly reason: string;
  /** Names of the figures that are from then on; all others are over the whole run. */
  readonly figures: ReadonlySet<string>;
}

/** Figures of the policies in the worlds that all of them have seen. */
export interface Samples {
  /** Labels of the levels that are compared. */
  readonly policies: readonly string[];
  /** What tells the worlds apart: seed and replication. */
  readonly worlds: readonly string[];
  /** By policy, then by world; means over the levels of all other axes, whose runs in one world are not independent. */
  readonly figures: readonly (readonly Figures[])[];
  /** Worlds that were left out, because a cell of some policy is missing or failed. */
  readonly incomplete: readonly string[];
  /** Combinations of the other axes that were left out, because the experiment has them for some of the policies only. */
  readonly unshared: readonly string[];
  /** There is one run of each policy: `worlds` are slices of its time, and hang together. */
  readonly isSerial: boolean;
  /** Undefined = nothing was cut. */
  readonly warmUp: WarmUp | undefined;
}

/** The cells of one world, by the levels of all other axes and then by policy. */
type World = Map<string, (Figures | undefined)[]>;

/** Collects the cells of some levels of one axis; worlds come in the order in which the cells do. */
export function samplesOf(
  results: readonly CellResult[],
  axes: readonly Axis[],
  { axis, policies }: { readonly axis: string; readonly policies: readonly string[] },
): Samples {
  const at = axes.findIndex(({ name }) => name === axis);
  const worlds = new Map<string, World>();
  const policiesWith = new Map<string, Set<number>>();
  for (const { cell, figures, problem } of results) {
    const policy = policies.indexOf(cell.levels[at]!);
    if (policy < 0) continue;
    const name = `seed=${cell.seed} replication=${cell.replication}`;
    const other = cell.levels
      .flatMap((level, index) => (index === at ? [] : [`${axes[index]!.name}=${level}`]))
      .join(' ');
    policiesWith.set(other, (policiesWith.get(other) ?? new Set()).add(policy));
    const world = worlds.get(name) ?? new Map<string, (Figures | undefined)[]>();
    worlds.set(name, world);
    const row = world.get(other) ?? policies.map(() => undefined);
    world.set(other, row);
    if (problem === undefined) row[policy] = figures;
  }
  const unshared = [...policiesWith].flatMap(([other, own]) => (own.size < policies.length ? [other] : []));
  for (const world of worlds.values()) for (const other of unshared) world.delete(other);
  const shared = policiesWith.size - unshared.length;
  const complete = [...worlds].filter(([, world]) => shared > 0 && isComplete(world, shared));
  return {
    policies,
    worlds: complete.map(([name]) => name),
    figures: policies.map((_, policy) =>
      complete.map(([, world]) => meanFigures([...world.values()].map((row) => row[policy]!))),
    ),
    incomplete: [...worlds.keys()].filter((name) => !complete.some(([kept]) => kept === name)),
    unshared,
    isSerial: false,
    warmUp: undefined,
  };
}

function isComplete(world: World, combinations: number): boolean {
  return (
    world.size === combinations && [...world.values()].every((row) => row.every((figures) => figures !== undefined))
  );
}

/** Means of the figures that all have. */
function meanFigures(list: readonly Figures[]): Figures {
  const [first = new Map<string, number>(), ...rest] = list;
  if (rest.length === 0) return first;
  const names = [...first.keys()].filter((name) => rest.every((figures) => figures.has(name)));
  return new Map(names.map((name) => [name, list.reduce((sum, figures) => sum + figures.get(name)!, 0) / list.length]));
}

/**
 * Values of one figure by policy, of the worlds in which every policy has it, in order; of slices of one run the means of
 * batches, none where there are fewer than 30.
 */
export function valuesOf({ figures, isSerial }: Samples, metric: string): readonly (readonly number[])[] {
  const [first = []] = figures;
  const worlds = first.map((_, world) => world).filter((world) => figures.every((row) => row[world]!.has(metric)));
  const values = figures.map((row) => worlds.map((world) => row[world]!.get(metric)!));
  if (!isSerial) return values;
  return worlds.length < batchesMax ? figures.map(() => []) : independentBatches(values);
}
