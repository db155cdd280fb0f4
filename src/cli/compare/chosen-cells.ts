/** `orrery compare --sweep RESULTS --cell A --cell B`: any cells of a sweep side by side, whatever axes they differ on. */
import { parseSelector } from '../../api/labels.ts';
import type { Axis } from '../../experiment/cell.ts';
import { CliError } from '../cli-error.ts';
import { selectedCells } from '../sweep/select-cells.ts';
import type { ReadCell, ReadSweep, SweepLevels } from './read-sweep.ts';
import { cellOf } from './read-sweep.ts';

/** What stands in place of the axes that the cells are chosen by. */
const axisName = 'cell';

interface Chosen {
  readonly cell: readonly string[] | undefined;
  readonly selector: string | undefined;
  readonly baseline: string | undefined;
}

/**
 * Each choice is a level of one new axis; axes that no choice mentions stay as they are.
 *
 * @throws CliError where fewer than two are named, one is named twice, or one means several cells of a world.
 */
export function chosenCells({ manifest, results }: ReadSweep, { cell = [], selector, baseline }: Chosen): SweepLevels {
  if (cell.length < 2) throw new CliError('orrery: --cell is written twice or more: the first is the baseline');
  const twice = cell.find((text, at) => cell.indexOf(text) < at);
  if (twice !== undefined) throw new CliError(`orrery: --cell ${twice} is named twice`);
  const first = baseline ?? cell[0]!;
  if (!cell.includes(first))
    throw new CliError(`orrery: --baseline "${first}" is none of the cells: ${cell.join(' and ')}`);
  const { axes } = manifest;
  const within =
    selector === undefined ? results : selectedCells(results, cellOf, { axes, text: selector, option: '--selector' });
  const mentioned = new Set(cell.flatMap(axesIn));
  const kept = axes.flatMap(({ name }, at) => (mentioned.has(name) ? [] : [at]));
  return {
    axis: axisName,
    axes: [{ name: axisName, levels: cell }, ...kept.map((at): Axis => axes[at]!)],
    policies: [first, ...cell.filter((text) => text !== first)],
    results: cell.flatMap((text) => {
      const own = selectedCells(within, cellOf, { axes, text, option: '--cell' }).map((result) =>
        relabelled(result, text, kept),
      );
      refuseSeveral(own, text, mentioned);
      return own;
    }),
  };
}

function axesIn(text: string): readonly string[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new CliError(`orrery: --cell ${text}: ${parsed.message}`);
  return parsed.selector.matchExpressions.map(({ key }) => key);
}

function relabelled(result: ReadCell, label: string, kept: readonly number[]): ReadCell {
  const { cell } = result;
  return { ...result, cell: { ...cell, levels: [label, ...kept.map((at) => cell.levels[at]!)] } };
}

/** What is compared is one run in each world, not some of them. */
function refuseSeveral(own: readonly ReadCell[], text: string, mentioned: ReadonlySet<string>): void {
  const places = own.map(({ cell: { levels, seed, replication } }) => JSON.stringify([levels, seed, replication]));
  if (new Set(places).size === places.length) return;
  throw new CliError(
    `orrery: --cell ${text} means several cells of a world; name one level of each of ${[...mentioned].join(', ')}`,
  );
}
