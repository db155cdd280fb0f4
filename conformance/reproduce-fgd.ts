/**
 * `npm run reproduce:fgd -- [--data DIR] [--expected DIR] [--traces a,b] [--policies a,b] [--seeds 42-46] [--workers N] [--tie-break T]
 * [--out DIR] [--json]`: runs the experiments of Weng et al. (USENIX ATC 2023) and compares every point of the three curves
 * with what was published. Exit code 0 if the five deterministic policies agree to 0.01, 1 if one does not, 2 for a wrong argument.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tieBreaks } from '../src/scheduler/select-host.ts';
import { CommandError } from '../src/testing/command-error.ts';
import { readOptions, runCommand } from '../src/testing/command-options.ts';
import { checkData } from './fgd/data-files.ts';
import { campaignTasks, policies, runCampaign, traces } from './fgd/campaign.ts';
import type { CampaignOptions } from './fgd/campaign.ts';
import { readExpected } from './fgd/expected-curves.ts';
import { writeCurves } from './fgd/write-curves.ts';
import { compareRuns } from './fgd/compare-runs.ts';
import { comparisonLines } from './fgd/report.ts';

const usage =
  'npm run reproduce:fgd -- [--data DIR] [--expected DIR] [--traces a,b] [--policies a,b] [--seeds 42-46] [--workers N]\n' +
  '       [--tie-break T] [--out DIR] [--json]';

await runCommand(usage, main);

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    data: { type: 'string' },
    expected: { type: 'string' },
    traces: { type: 'string' },
    policies: { type: 'string' },
    seeds: { type: 'string' },
    workers: { type: 'string', default: '2' },
    'tie-break': { type: 'string', default: 'lowest-name' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (positionals.length > 0) throw new CommandError(`unexpected argument "${positionals[0]}"`);
  const data = dataFolder(values.data);
  const expected = readExpected(values.expected === undefined ? data : fromCaller(values.expected));
  const known = expected.runs();
  const options: CampaignOptions = {
    data,
    traces:
      listed(values.traces, 'trace', traces) ?? traces.filter((trace) => known.some((run) => run.trace === trace)),
    policies: listed(values.policies, 'policy', policies) ?? policies,
    seeds: seedsOf(values.seeds) ?? [...new Set(known.map(({ seed }) => seed))].sort((a, b) => a - b),
    workers: count(values.workers, '--workers'),
    tieBreak: tieBreakOf(values['tie-break']),
  };
  const tasks = campaignTasks(options);
  if (tasks.length === 0)
    throw new CommandError('there is nothing to run: no curves are expected; name --traces and --seeds');
  checkData(data, options.traces);
  const startedAt = performance.now();
  const runs = await runCampaign(tasks, options);
  if (values.out !== undefined) writeCurves(runs, fromCaller(values.out));
  const comparisons = compareRuns(runs, expected);
  const seconds = (performance.now() - startedAt) / 1000;
  if (values.json) console.log(JSON.stringify({ tieBreak: options.tieBreak, seconds, comparisons }, undefined, 2));
  else console.log(comparisonLines(comparisons, { runs, seconds, options }).join('\n'));
  return comparisons.some(({ isWrong }) => isWrong) ? 1 : 0;
}

/** Paths are relative to where npm was called. */
function fromCaller(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

function dataFolder(given: string | undefined): string {
  const { ORRERY_TRACES: root } = process.env;
  const candidates =
    given !== undefined
      ? [fromCaller(given)]
      : [...(root === undefined ? [] : [join(root, 'openb')]), fromCaller('../shared/traces/openb')];
  const found = candidates.find((folder) => existsSync(folder));
  if (found !== undefined) return found;
  throw new CommandError(
    `there is no folder ${candidates.join(' nor ')}; name the one with the files of the trace by --data or ORRERY_TRACES`,
  );
}

function listed(text: string | undefined, what: string, known: readonly string[]): readonly string[] | undefined {
  if (text === undefined) return undefined;
  if (text === 'all') return known;
  const names = text.split(',').filter((name) => name !== '');
  for (const name of names) {
    if (!known.includes(name)) throw new CommandError(`there is no ${what} ${name}; there are ${known.join(', ')}`);
  }
  if (new Set(names).size < names.length) throw new CommandError(`${text} names a ${what} twice`);
  return names;
}

/** `42-46,51`. */
function seedsOf(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const seeds = text.split(',').flatMap((part) => {
    const [, first = '', last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (first === '' || Number(last) < Number(first)) throw new CommandError(`--seeds ${text}: write 42-46 or 42,44`);
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => Number(first) + at);
  });
  if (new Set(seeds).size < seeds.length) throw new CommandError(`--seeds ${text} names a seed twice`);
  return seeds;
}

function count(text: string, name: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new CommandError(`${name} ${text} is not a number from 1 to 999`);
}

function tieBreakOf(text: string): (typeof tieBreaks)[number] {
  const found = tieBreaks.find((name) => name === text);
  if (found === undefined) throw new CommandError(`--tie-break ${text}: there are ${tieBreaks.join(', ')}`);
  return found;
}
