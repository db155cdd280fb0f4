/**
 * `npm run conformance -- SUITE [--dir DIR] [--family F] [--case ID] [--json]`: replays recordings of the real thing and
 * says how many cases agree. Exit code 0 if all do, 1 if one does not, 2 for a wrong argument.
 */
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { CommandError } from '../src/testing/command-error.ts';
import { readOptions, runCommand } from '../src/testing/command-options.ts';
import { suites } from './registry.ts';
import { reportJson } from './report-json.ts';
import { reportLines } from './report-text.ts';
import type { ConformanceSuite, FamilyReport } from './suite.ts';
import { areTimesInside, timesInside } from './times-inside.ts';

const usage = 'npm run conformance -- SUITE [--dir DIR] [--family F] [--case ID] [--json]';

await runCommand(`${usage}\n\n${suiteList()}`, main);

function main(args: readonly string[]): number {
  const { values, positionals } = readOptions(args, {
    dir: { type: 'string' },
    family: { type: 'string' },
    case: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const suite = suiteOf(positionals);
  const dir = values.dir === undefined ? ownFolder(suite) : resolve(process.env['INIT_CWD'] ?? '.', values.dir);
  const families: FamilyReport[] = [];
  suite.run({ dir, family: values.family, caseId: values.case }, (report) => families.push(report));
  if (values.json) console.log(JSON.stringify(reportJson(suite.name, dir, families), undefined, 2));
  else console.log(reportLines(suite, families).join('\n'));
  const isPart = values.family !== undefined || values.case !== undefined;
  const areAllAgreed = families.every(({ cases, agree }) => cases === agree);
  return areAllAgreed && (isPart || areTimesInside(timesInside(suite, families))) ? 0 : 1;
}

function suiteOf(positionals: readonly string[]): ConformanceSuite {
  const suite = suites.find(({ name }) => name === positionals[0]);
  if (suite !== undefined && positionals.length === 1) return suite;
  throw new CommandError(`usage: ${usage}\n\n${suiteList()}`);
}

function suiteList(): string {
  return ['suites:', ...suites.map(({ name, description }) => `  ${name}  ${description}`)].join('\n');
}

/** The recordings of this project. */
function ownFolder({ name }: ConformanceSuite): string {
  return fileURLToPath(new URL(`./${name}/`, import.meta.url));
}
