import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cwd } from 'node:process';
import type { MetricDefinition } from '../src/metrics/metric.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import type { Bench } from './bench.ts';
import { median } from './bench.ts';
import { finished, scenarioOf, simulationOf, sliceEvents } from './simulate.ts';

/** 100,000 pods that come and go on 1,000 nodes, with all metrics and the cheap checks, as `orrery run` has them. */
export const shortPods: Bench = {
  name: 'short-pods',
  description: '1,000 nodes, 100,000 short pods through the whole chain, metrics and checks on',
  run: ({ isQuick }) => {
    const pods = isQuick ? 5_000 : 100_000;
    const simulation = simulationOf(clusterOf('short-pods', pods));
    const before = process.cpuUsage();
    const { eventCount, figures } = finished(simulation);
    const { user, system } = process.cpuUsage(before);
    const podUs = (user + system) / pods;
    return [
      {
        name: 'pods that ran to their end',
        value: figures.get('pods.succeeded') ?? 0,
        unit: 'pods',
        goal: { atLeast: pods },
      },
      { name: 'processor time', value: podUs, unit: 'us/pod' },
      { name: 'events', value: eventCount / pods, unit: 'per pod' },
      { name: 'processor time for an event', value: ((podUs * pods) / eventCount) * 1000, unit: 'ns/event' },
      { name: 'peak resident memory', value: process.resourceUsage().maxRSS / 1024, unit: 'MiB' },
    ];
  },
};

/** What a pod that stays costs in memory: the slope between two numbers of pods, after garbage collection. */
export const livePods: Bench = {
  name: 'live-pods',
  description: '1,000 nodes, 30,000 pods that stay: live memory for each pod',
  run: ({ isQuick }) => {
    const [few, many] = isQuick ? [1_000, 3_000] : [5_000, 30_000];
    const slope = (metrics: readonly MetricDefinition[] | undefined): LiveMemory => {
      const [less, more] = [liveMemory(few, metrics), liveMemory(many, metrics)];
      return { heap: (more.heap - less.heap) / (many - few), buffers: (more.buffers - less.buffers) / (many - few) };
    };
    liveMemory(few, []);
    const bare = slope([]);
    const full = slope(undefined);
    const unit = 'bytes/pod';
    return [
      { name: 'heap, all metrics and checks', value: full.heap, unit, goal: { atMost: 600 } },
      { name: 'array buffers, all metrics and checks', value: full.buffers, unit },
      { name: 'both, cluster and components', value: bare.heap + bare.buffers, unit, goal: { atMost: 600 } },
      { name: 'both, with the rows of all tables', value: full.heap + full.buffers, unit },
      { name: 'peak resident memory', value: process.resourceUsage().maxRSS / 1024, unit: 'MiB' },
    ];
  },
};

/** How long the command line takes to say what it can. Needs `npm run build`. */
export const startUp: Bench = {
  name: 'start-up',
  description: '`orrery --help`, elapsed time from start to exit, against `node --eval 0`',
  run: ({ isQuick }) => {
    const main = join(cwd(), 'dist/cli/main.js');
    if (!existsSync(main)) throw new Error('no dist/cli/main.js: run npm run build in the top folder first');
    const count = isQuick ? 3 : 15;
    return [
      { name: 'orrery --help', value: elapsedMs([main, '--help'], count) / 1000, unit: 's', goal: { atMost: 0.25 } },
      { name: 'node --eval 0', value: elapsedMs(['--eval', '0'], count) / 1000, unit: 's' },
    ];
  },
};

function elapsedMs(args: readonly string[], count: number): number {
  const times = Array.from({ length: count }, () => {
    const before = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with code ${status}`);
    return performance.now() - before;
  });
  return median(times);
}

function clusterOf(name: string, pods: number): Scenario {
  return scenarioOf(`bench/scenarios/${name}.yaml`, [`spec.workload[0].generator.limit=${pods}`]);
}

/** Bytes of the V8 heap, and of typed arrays outside it. */
interface LiveMemory {
  readonly heap: number;
  readonly buffers: number;
}

/** Memory that is in use when so many pods run, and only because of the simulation. */
function liveMemory(pods: number, metrics: readonly MetricDefinition[] | undefined): LiveMemory {
  const before = usedMemory();
  const simulation = simulationOf(clusterOf('long-pods', pods), metrics === undefined ? {} : { metrics, check: 'off' });
  let stop = simulation.advance(sliceEvents);
  while (stop.reason === 'paused') stop = simulation.advance(sliceEvents);
  const running = [...simulation.server.state.list('Pod')].filter(({ status }) => status.phase === 'Running').length;
  if (running !== pods) throw new Error(`${running} of ${pods} pods run`);
  const after = usedMemory();
  return { heap: after.heap - before.heap, buffers: after.buffers - before.buffers };
}

function usedMemory(): LiveMemory {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}
