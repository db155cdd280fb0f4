/** A child process of the campaign: runs one experiment for each message. */
import { fileURLToPath } from 'node:url';
import { PlacementReplay } from '../../src/placement-replay.ts';
import { formatDiagnostics } from '../../src/scenario/diagnostics.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { nodeFileReader } from '../../src/scenario/read-files.ts';
import { TraceMemory } from '../../src/scenario/resolve/trace-memory.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { readSchedulerSetup } from '../../src/scenario/scheduler-setup.ts';
import { nodeSha256 } from '../../src/testing/sha256.ts';
import type { SimulationOptions } from '../../src/simulation.ts';
import type { Table } from '../../src/record/table.ts';
import type { CampaignRun, CampaignTask, CurveName, WorkOrder } from './campaign-run.ts';
import { nodeFile, podFile } from './data-files.ts';

interface Loaded {
  readonly key: string;
  readonly scenario: Scenario;
  readonly scheduler: SimulationOptions['scheduler'];
}

let loaded: Loaded | undefined;
const traces = new TraceMemory();

process.on('message', ({ task, options }: WorkOrder) => {
  const startedAt = process.cpuUsage();
  const key = `${task.trace} ${task.policy}`;
  if (loaded?.key !== key) {
    const answer = load(key, task, options);
    if (typeof answer === 'string') return void process.send!({ problem: answer });
    loaded = answer;
  }
  process.send!(run(task, loaded, startedAt));
});

/** The shipped scenario with the files of this trace and the policy; a text where it cannot be loaded. */
function load(key: string, { trace, policy }: CampaignTask, { data, tieBreak }: WorkOrder['options']): Loaded | string {
  const path = fileURLToPath(new URL('../../scenarios/fgd-atc23/scenario.yaml', import.meta.url));
  const overrides = [
    `spec.workload[0].trace.nodes=${nodeFile(data)}`,
    `spec.workload[0].trace.pods=${podFile(data, trace)}`,
    `spec.scheduler.config=policies/${policy}.yaml`,
    `spec.scheduler.tieBreak=${tieBreak}`,
  ];
  const { scenario, errors } = loadScenario(path, { reader: nodeFileReader, overrides, allowOutside: true, traces });
  if (scenario === undefined) return formatDiagnostics(errors);
  const { setup, errors: refused } = readSchedulerSetup(scenario, []);
  return setup === undefined ? formatDiagnostics(refused) : { key, scenario, scheduler: setup };
}

function run(task: CampaignTask, { scenario, scheduler }: Loaded, startedAt: NodeJS.CpuUsage): CampaignRun {
  const replay = new PlacementReplay({ ...scenario, seed: String(task.seed) }, { createHash: nodeSha256, scheduler });
  const { tables, figures, fingerprints } = replay.finish(replay.advance(Infinity));
  const curve = tables.get('arrived_load')!;
  const { user, system } = process.cpuUsage(startedAt);
  return {
    ...task,
    curves: {
      alloc_pct: columnOf(curve, 'allocated_pct'),
      frag_pct: columnOf(curve, 'fragmented_pct'),
      frag_ratio_pct: columnOf(curve, 'fragment_ratio_pct'),
    } satisfies Record<CurveName, readonly (number | undefined)[]>,
    offers: figures.get('offers.count')!,
    failed: figures.get('offers.failed')!,
    decisions: fingerprints.get('decisions')!,
    cpuSeconds: (user + system) / 1e6,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function columnOf({ columns, rows }: Table, name: string): (number | undefined)[] {
  const at = columns.findIndex((column) => column.name === name);
  return [...rows].map((row) => row[at] as number | undefined);
}
