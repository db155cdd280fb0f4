import { formatSeconds } from '../engine/time.ts';
import type { PreparedRun } from './prepare.ts';

/** The command that gives the same bytes again. Seed and replication are stated even where the scenario has them. */
export function commandLine({ file, settings, scenario }: Pick<PreparedRun, 'file' | 'settings' | 'scenario'>): string {
  const { until, overrides, allowOutside, allowPlugins } = settings;
  const words = [
    ...['orrery', 'run', '-f', file, '--seed', scenario.seed],
    ...(scenario.replication > 0 ? ['--replication', String(scenario.replication)] : []),
    ...(until === undefined ? [] : ['--until', `${formatSeconds(until)}s`]),
    ...overrides.flatMap((override) => ['--set', override]),
    ...(allowOutside ? ['--allow-outside'] : []),
    ...(allowPlugins ? ['--allow-plugins'] : []),
  ];
  return words.map(shellWord).join(' ');
}

/** A word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
