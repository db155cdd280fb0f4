import { loadScenario } from '../src/scenario/load-scenario.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { MemoryFiles } from '../src/testing/memory-files.ts';
import type { Bench, BenchFigure } from './bench.ts';
import { median } from './bench.ts';
import { finished, simulationOf } from './simulate.ts';

/** How much there is of everything in the week. */
interface Size {
  readonly nodes: number;
  readonly deployments: number;
  readonly replicas: number;
  readonly rollouts: number;
  readonly crashLoops: number;
}

const whole: Size = { nodes: 1000, deployments: 60, replicas: 500, rollouts: 50, crashLoops: 20 };
/** Small enough to be run a dozen times. */
const tenth: Size = { nodes: 100, deployments: 6, replicas: 500, rollouts: 5, crashLoops: 2 };

/** Seven virtual days in which things break, and one in which nothing happens. */
export const healingWeek: Bench = {
  name: 'healing-week',
  description: '7 virtual days of 1,000 nodes and 30,000 pods: crashes, a zone outage, rollouts, crash loops',
  run: ({ isQuick }) => [checksCost(isQuick ? 1 : 7), ...busyWeek(isQuick ? tenth : whole), idleWeek()],
};

/** Events between two changes of the side that runs. */
const turnEvents = 16_384;

/** What cheap checks cost: the median of several pairs of weeks, the first pair, which warms up, left out. */
function checksCost(pairs: number): BenchFigure {
  const ratios = Array.from({ length: pairs + 1 }, checkedOverUnchecked).slice(1);
  return {
    name: 'cheap checks, of the time without',
    value: (median(ratios) - 1) * 100,
    unit: '%',
    goal: { atMost: 10 },
  };
}

/** Processor time of a week with cheap checks over that of one without. They run by turns, so that both meet whatever else the machine does. */
function checkedOverUnchecked(): number {
  const sides = [{}, { check: 'off' as const }].map((options) => ({
    simulation: simulationOf(weekOf(tenth), options),
    seconds: 0,
    isOver: false,
  }));
  for (let turn = 0; sides.some(({ isOver }) => !isOver); turn++) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
      if (side.isOver) continue;
      const { seconds, result } = timed(() => side.simulation.advance(turnEvents));
      side.seconds += seconds;
      side.isOver = result.reason !== 'paused';
    }
  }
  return sides[0]!.seconds / sides[1]!.seconds;
}

function busyWeek(size: Size): readonly BenchFigure[] {
  const { seconds, result } = timed(() => finished(simulationOf(weekOf(size))));
  const { figures, eventCount } = result;
  const figure = (name: string) => figures.get(name) ?? 0;
  return [
    { name: 'pods created', value: figure('pods.created'), unit: 'pods' },
    { name: 'restarts of containers', value: figure('restarts.total'), unit: 'restarts' },
    { name: 'events', value: eventCount, unit: 'events' },
    { name: 'processor time, metrics and cheap checks', value: seconds, unit: 's', goal: { atMost: 60 } },
    { name: 'peak resident memory', value: process.resourceUsage().maxRSS / 1024, unit: 'MiB' },
  ];
}

/** What the week itself costs: the time for it less that for its first minute, in which the cluster is built. */
function idleWeek(): BenchFigure {
  const secondsOf = (horizon: string): number => {
    const idle = scenarioOf(horizon, ['  cluster:', poolLine(whole.nodes)]);
    return timed(() => finished(simulationOf(idle))).seconds;
  };
  const weeks = Array.from({ length: 9 }, () => secondsOf('7d') - secondsOf('1m'));
  return { name: 'a week of 1,000 idle nodes', value: Math.max(0, median(weeks)), unit: 's', goal: { atMost: 0.1 } };
}

function timed<T>(work: () => T): { readonly seconds: number; readonly result: T } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, result };
}

const weekHours = 168;

function weekOf(size: Size): Scenario {
  const rollouts = Array.from({ length: size.rollouts }, (_, at) => {
    const hour = 2 + Math.floor((at * (weekHours - 8)) / size.rollouts);
    return `    - { at: ${hour}h, setImage: { name: web-${at % size.deployments}, image: "shop/web:2-${at}" } }`;
  });
  return scenarioOf(
    '7d',
    [
      '  cluster:',
      poolLine(size.nodes),
      '  workload:',
      '    - manifests: [apps.yaml]',
      '  behaviors:',
      '    - { selector: { matchLabels: { app: crasher } }, runDuration: 5s, exitCode: 1 }',
      '  actions:',
      ...rollouts,
      '  faults:',
      '    - nodeCrash: { interval: { exponential: { mean: 30d } }, repair: { lognormal: { mean: 20m, cv: 1 } } }',
      '    - zoneOutage: { at: 81h, zone: b, duration: 30m }',
    ],
    appsOf(size),
  );
}

function appsOf({ deployments, replicas, crashLoops }: Size): string {
  const web = Array.from({ length: deployments }, (_, at) => deploymentText(`web-${at}`, `web-${at}`, replicas));
  return [...web, deploymentText('crasher', 'crasher', crashLoops)].join('---\n');
}

function deploymentText(name: string, app: string, replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${app} } }
  template:
    metadata: { labels: { app: ${app} } }
    spec:
      containers:
        - { name: main, image: "shop/web:1", resources: { requests: { cpu: 250m, memory: 512Mi } } }
`;
}

function poolLine(nodes: number): string {
  return `    nodePools: [{ name: general, count: ${nodes}, zones: [a, b, c], capacity: { cpu: "16", memory: 64Gi } }]`;
}

function scenarioOf(horizon: string, spec: readonly string[], apps = ''): Scenario {
  const head = [
    'apiVersion: orrery.dev/v1alpha1',
    'kind: Scenario',
    'metadata: { name: week }',
    'spec:',
    `  horizon: ${horizon}`,
  ];
  const reader = new MemoryFiles([
    ['/week.yaml', [...head, ...spec, ''].join('\n')],
    ['/apps.yaml', apps],
  ]);
  const { scenario, errors } = loadScenario('/week.yaml', { reader });
  if (scenario === undefined) throw new Error(errors.map(({ message }) => message).join('; '));
  return scenario;
}
