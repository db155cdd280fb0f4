/** The runs of the campaign by child processes: each takes all seeds of a trace and a policy, then of the next that nobody has. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startCellsProgress } from '../../src/cli/sweep/sweep-progress.ts';
import { groupBy } from '../../src/report/read-table.ts';
import type { TieBreak } from '../../src/scheduler/select-host.ts';
import { CommandError } from '../../src/testing/command-error.ts';
import type { CampaignRun, CampaignTask, WorkOrder } from './campaign-run.ts';

/** The traces of the publication, in its order. */
export const traces: readonly string[] = [
  'default',
  ...['cpu050', 'cpu100', 'cpu200', 'cpu250'],
  ...['gpushare40', 'gpushare60', 'gpushare80', 'gpushare100'],
  ...['gpuspec10', 'gpuspec20', 'gpuspec25', 'gpuspec33'],
  ...['multigpu20', 'multigpu30', 'multigpu40', 'multigpu50'],
];

/** Its policies: names of the files in `scenarios/fgd-atc23/policies/`. */
export const policies: readonly string[] = ['Random', 'DotProd', 'GpuClustering', 'GpuPacking', 'BestFit', 'FGD'];

/** What is run. */
export interface CampaignOptions {
  /** Folder of the trace. */
  readonly data: string;
  readonly traces: readonly string[];
  readonly policies: readonly string[];
  readonly seeds: readonly number[];
  readonly workers: number;
  readonly tieBreak: TieBreak;
}

/** MB of a child's heap: every run leaves some 30 behind, which without a limit are let lie for many runs. */
const memoryLimits = ['--max-semi-space-size=4', '--max-old-space-size=128'];

/** By trace, policy and seed. */
export function campaignTasks({ traces: names, policies: policyNames, seeds }: CampaignOptions): readonly CampaignTask[] {
  return names.flatMap((trace) => policyNames.flatMap((policy) => seeds.map((seed) => ({ trace, policy, seed }))));
}

/** All runs in the order of the tasks, whoever ran them; tells on stderr how far it is. */
export async function runCampaign(
  tasks: readonly CampaignTask[],
  options: CampaignOptions,
): Promise<readonly CampaignRun[]> {
  const runs = new Array<CampaignRun>(tasks.length);
  const progress = await startCellsProgress(process, 'reproduce:fgd', false, 'runs');
  const tell = (): void => progress.update({ total: tasks.length, done, failed: 0 });
  const left = seriesOf(tasks);
  const childCount = Math.min(options.workers, left.length);
  let done = 0;
  const work = async (): Promise<void> => {
    const child = fork(fileURLToPath(new URL('./run-worker.ts', import.meta.url)), {
      execArgv: [...process.execArgv, ...memoryLimits],
    });
    try {
      for (let series = left.shift(); series !== undefined; series = left.shift()) {
        for (const index of series) {
          runs[index] = await ordered(child, { task: tasks[index]!, options });
          done++;
          tell();
        }
      }
    } finally {
      // After a problem the others take no more either.
      left.length = 0;
      child.kill();
    }
  };
  tell();
  try {
    await Promise.all(Array.from({ length: childCount }, work));
  } finally {
    progress.stop();
  }
  return runs;
}

/**
 * Indices of the tasks of each trace and policy. One child runs them one after the other: it reads the files once, and code that
 * is compiled already is most of what a second run saves.
 */
function seriesOf(tasks: readonly CampaignTask[]): number[][] {
  const nameOf = (index: number): string => `${tasks[index]!.trace} ${tasks[index]!.policy}`;
  return [...groupBy([...tasks.keys()], nameOf).values()];
}

function ordered(child: ChildProcess, { task, options }: { task: CampaignTask; options: CampaignOptions }) {
  const { data, tieBreak } = options;
  return new Promise<CampaignRun>((resolve, reject) => {
    const onExit = (): void => reject(new Error('a worker has ended in the middle of a run'));
    child.once('exit', onExit);
    child.once('message', (answer: CampaignRun | { readonly problem: string }) => {
      child.off('exit', onExit);
      if ('problem' in answer) reject(new CommandError(answer.problem));
      else resolve(answer);
    });
    child.send({ task, options: { data, tieBreak } } satisfies WorkOrder);
  });
}
