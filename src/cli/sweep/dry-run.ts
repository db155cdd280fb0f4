/** `orrery sweep --dry-run`: the cells, and which of them have a result. */
import { count } from '../../scenario/diagnostics.ts';
import type { ExperimentArguments } from '../arguments.ts';
import { cellName } from '../../experiment/experiment.ts';
import type { SoundPlan } from './sweep-plan.ts';

const SHORT_KEY = 16;

/** The cells in the form that is asked for. */
export function dryRunText({ experiment, cells, store }: SoundPlan, output: ExperimentArguments['output']): string {
  if (output === 'name') return cells.map(({ key }) => `${key}\n`).join('');
  const states = cells.map(({ key }) => store.read(key, experiment.outputs).state);
  if (output === 'json') {
    const items = cells.map(({ levels, seed, replication, key, file, settings }, index) => ({
      levels: Object.fromEntries(experiment.axes.map(({ name }, axis) => [name, levels[axis]])),
      ...{ seed, replication, key, state: states[index], scenario: file, overrides: settings.overrides },
    }));
    return `${JSON.stringify({ experiment: experiment.name, cells: items }, undefined, 2)}\n`;
  }
  const lines = cells.map(
    (cell, index) => `${cell.key.slice(0, SHORT_KEY)}  ${states[index]!.padEnd(8)}  ${cellName(experiment.axes, cell)}`,
  );
  const finished = states.filter((state) => state === 'finished').length;
  const verdict = `${count(cells.length, 'cell')}, ${finished} finished; nothing was run.`;
  return `${['KEY               STATE     CELL', ...lines, verdict].join('\n')}\n`;
}
