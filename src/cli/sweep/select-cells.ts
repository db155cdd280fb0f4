/** `--selector` and `--cell`: cells by the labels of their levels. */
import { compileSelector, parseSelector } from '../../api/labels.ts';
import type { Axis, Cell } from '../../experiment/cell.ts';
import { nearest } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';

/**
 * Those that a label selector over the axes takes, such as `policy in (fgd,best-fit),trace=default`.
 *
 * @param option what it was written after.
 * @throws CliError where it cannot be read, names no axis, or leaves nothing over.
 */
export function selectedCells<T>(
  items: readonly T[],
  cellOf: (item: T) => Cell,
  { axes, text, option }: { readonly axes: readonly Axis[]; readonly text: string; readonly option: string },
): readonly T[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new CliError(`orrery: ${option}: ${parsed.message}`);
  const names = axes.map(({ name }) => name);
  for (const { key, values = [] } of parsed.selector.matchExpressions) {
    const axis = axes.find(({ name }) => name === key);
    if (axis === undefined) throw new CliError(`orrery: ${option}: ${noSuch('axis', key, names)}`);
    const unknown = values.find((value) => !axis.levels.includes(value));
    if (unknown !== undefined)
      throw new CliError(`orrery: ${option}: ${noSuch(`level of ${key}`, unknown, axis.levels)}`);
  }
  const matches = compileSelector(parsed.selector);
  const labels = ({ levels }: Cell) => Object.fromEntries(axes.map(({ name }, at) => [name, levels[at]!]));
  const chosen = items.filter((item) => matches(labels(cellOf(item))));
  if (chosen.length === 0) throw new CliError(`orrery: ${option} ${text} matches no cell`);
  return chosen;
}

/** That a word names nothing, with the one that may have been meant. */
export function noSuch(what: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return `there is no ${what} "${word}"${near === undefined ? `; known: ${known.join(', ')}` : `; did you mean "${near}"?`}`;
}
