import { nodeFile, podFile } from '../conformance/fgd/data-files.ts';
import { PlacementReplay } from '../src/placement-replay.ts';
import type { AnswerMemory } from '../src/scheduler/framework/framework-services.ts';
import { nodeSha256 } from '../src/testing/sha256.ts';
import { traceFolder } from '../src/testing/trace-data.ts';
import type { Bench } from './bench.ts';
import { median } from './bench.ts';
import { scenarioOf, setupOf } from './simulate.ts';

/** The published experiment: FGD on the trace `default`, read, replayed and measured, as a campaign runs it seed after seed. */
export const fgd: Bench = {
  name: 'fgd',
  description: 'FragmentationGradientDescent on the trace default: 1,213 nodes, each pod offered once',
  run: ({ isQuick }) => {
    const data = traceFolder('openb');
    if (data === undefined) return [];
    const cold = timed(data, 'on');
    const peak = process.resourceUsage().maxRSS / 1024;
    const seconds = Array.from({ length: isQuick ? 1 : 9 }, () => timed(data, 'on').seconds);
    const without = Array.from({ length: isQuick ? 1 : 3 }, () => timed(data, 'off').seconds);
    return [
      { name: 'processor time of a run', value: median(seconds), unit: 's', goal: { atMost: 0.8 } },
      { name: 'of the first run of a process', value: cold.seconds, unit: 's' },
      { name: 'peak resident memory of the first run', value: peak, unit: 'MiB', goal: { atMost: 143 } },
      { name: 'decisions, answers remembered by class', value: cold.offers / median(seconds), unit: 'decisions/s' },
      { name: 'decisions, every answer anew', value: cold.offers / median(without), unit: 'decisions/s' },
    ];
  },
};

/** One run from the files on: processor time in seconds. */
function timed(data: string, memory: AnswerMemory): { readonly seconds: number; readonly offers: number } {
  const before = process.cpuUsage();
  const scenario = scenarioOf('scenarios/fgd-atc23/scenario.yaml', [
    `spec.workload[0].trace.nodes=${nodeFile(data)}`,
    `spec.workload[0].trace.pods=${podFile(data, 'default')}`,
  ]);
  const replay = new PlacementReplay(scenario, { createHash: nodeSha256, scheduler: setupOf(scenario), memory });
  replay.finish(replay.advance(Infinity));
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, offers: replay.offerCount };
}
