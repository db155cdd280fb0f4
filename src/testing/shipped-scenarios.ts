/** Runs scenario files in tests: loaded from disk, with the plugins that they name. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { csvChunks } from '../report/csv.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { readSchedulerSetup } from '../scenario/scheduler-setup.ts';
import { nodeFileReader } from '../scenario/read-files.ts';
import type { PluginDefinition } from '../scheduler/framework/define-plugin.ts';
import type { RunResult, SimulationOptions } from '../simulation.ts';
import { runSimulation } from '../simulation.ts';
import { assert } from '../util/assert.ts';
import { nodeSha256 } from './sha256.ts';

const root = join(import.meta.dirname, '../..');
const goldenFolder = join(root, 'results/golden');

/** Names of the scenarios in `scenarios/`, in order. */
export function shippedScenarios(): readonly string[] {
  const names = readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));
  return names.map((name) => name.slice(0, -'.yaml'.length)).sort((a, b) => (a < b ? -1 : 1));
}

/** Loads a shipped scenario; its own mistakes stop the test. */
export function loadShipped(name: string, overrides: readonly string[] = []): Scenario {
  const file = join(root, 'scenarios', `${name}.yaml`);
  const { scenario, errors } = loadScenario(file, { reader: nodeFileReader, overrides });
  assert(scenario !== undefined, `${name}: ${errors.map(({ message }) => message).join('; ')}`);
  return scenario;
}

/** Runs a scenario with the plugins that it names. */
export async function run(scenario: Scenario, options: Partial<SimulationOptions> = {}): Promise<RunResult> {
  const { setup, errors } = readSchedulerSetup(scenario, await pluginsOf(scenario));
  assert(setup !== undefined, errors.map(({ message }) => message).join('; '));
  return runSimulation(scenario, { createHash: nodeSha256, scheduler: setup, check: 'full', ...options });
}

async function pluginsOf({ scheduler }: Scenario): Promise<PluginDefinition[]> {
  const definitions: PluginDefinition[] = [];
  for (const { realPath } of scheduler.plugins) {
    const module = (await import(/* @vite-ignore */ realPath)) as Record<string, PluginDefinition>;
    definitions.push(...Object.values(module));
  }
  return definitions;
}

/** What must not change without a reason: digests by layer, the number of events, rows and digest of every table. */
export interface Golden {
  readonly events: number;
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>;
}

/** The golden of a run. */
export function goldenOf({ eventCount, fingerprints, tables }: RunResult): Golden {
  const digests = [...tables].map(([name, table]) => {
    const hash = createHash('sha256');
    let rows = 0;
    for (const chunk of csvChunks(table)) {
      hash.update(chunk.text);
      rows += chunk.rows;
    }
    return [name, { rows, sha256: hash.digest('hex') }] as const;
  });
  return { events: eventCount, fingerprints: Object.fromEntries(fingerprints), tables: Object.fromEntries(digests) };
}

/** The stored golden, written anew where `UPDATE_GOLDEN=1` asks for it. */
export function storedGolden(name: string, present: Golden): unknown {
  const file = join(goldenFolder, `${name}.json`);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(goldenFolder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(present, undefined, 2)}\n`);
  }
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
