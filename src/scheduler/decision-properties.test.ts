import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnPodIn, nodeParts } from '../testing/drawn-cluster.ts';
import type { DrawnNode, DrawnPod, DrawnWorld } from '../testing/drawn-cluster.ts';
import { SchedulerFixture } from '../testing/scheduler-fixture.ts';
import { SchedulingAlgorithm } from './algorithm.ts';
import { fitErrorMessage } from './framework/fit-error.ts';
import { CycleState } from './framework/cycle-state.ts';
import { Status } from './framework/status.ts';

/** Few shapes, so that many nodes are feasible and equally good. */
const drawnNode: fc.Arbitrary<DrawnNode> = fc.record({
  cpu: fc.constantFrom(2, 4),
  memory: fc.constantFrom(4, 8),
  gpus: fc.constantFrom(0, 1, 1),
  pods: fc.constantFrom(1, 4, 8),
  zone: fc.constantFrom('a', 'b'),
  taints: fc.constantFrom<readonly object[]>(
    [],
    [],
    [],
    [{ key: 'x', effect: 'NoSchedule' }],
    [{ key: 'y', effect: 'PreferNoSchedule' }],
  ),
  unschedulable: fc.constantFrom(false, false, false, false, true),
  image: fc.boolean(),
});
const drawnPod: fc.Arbitrary<DrawnPod> = fc.record({
  cpu: fc.constantFrom(undefined, 0, 500, 1500),
  memory: fc.constantFrom(undefined, 0, 1000, 3000),
  gpus: fc.constantFrom(0, 0, 1),
  port: fc.constantFrom(0, 0, 0, 80),
  zone: fc.constantFrom(undefined, undefined, 'a'),
  tolerates: fc.boolean(),
  gates: fc.constant([]),
  app: fc.constantFrom('a', 'b'),
  company: fc.constantFrom(undefined, undefined, 'podAffinity', 'podAntiAffinity'),
  // A node more is a domain more, and that changes what hard constraints say: they have properties of their own.
  spread: fc.constant([]),
});
const worlds: fc.Arbitrary<DrawnWorld> = fc.record({
  nodes: fc.array(drawnNode, { minLength: 1, maxLength: 6 }),
  bound: fc.array(drawnPod, { maxLength: 6 }),
  waiting: drawnPod,
});

const plainName = (at: number): string => `n${at}`;

/** All that comes of the waiting pod, by the positions of the nodes in the world: names do not show. */
interface Outcome {
  readonly feasible: readonly number[];
  /** Totals of the feasible nodes. */
  readonly totals: readonly number[];
  readonly chosen: number | undefined;
  readonly message: string;
}

/**
 * Decides with the default profile, every node filtered and scored, ties broken by the lowest name.
 *
 * @param more nodes behind those of the world; no pod is on them.
 */
function decide(world: DrawnWorld, nameOf = plainName, more: readonly DrawnNode[] = []): Outcome {
  const fixture = new SchedulerFixture();
  const nodes = [...world.nodes, ...more];
  const names = nodes.map((_node, at) => nameOf(at));
  for (const [at, node] of nodes.entries()) fixture.node(names[at]!, nodeParts(node));
  for (const [at, pod] of world.bound.entries()) {
    fixture.bind(drawnPodIn(fixture, pod), names[at % world.nodes.length]!);
  }
  const pod = drawnPodIn(fixture, world.waiting);
  const algorithm = new SchedulingAlgorithm(fixture.cache, { tieBreak: 'lowest-name', percentageOfNodesToScore: 100 });
  const result = algorithm.schedulePod(fixture.framework, pod);
  const message = result.type === 'unschedulable' ? fitErrorMessage(fixture.nodes, result.diagnosis, '') : '';
  const chosen = result.type === 'node' ? names.indexOf(result.node.name) : undefined;
  return { ...scoresOf(fixture, pod, names), chosen, message };
}

function scoresOf(
  fixture: SchedulerFixture,
  pod: ReturnType<typeof drawnPodIn>,
  names: readonly string[],
): Pick<Outcome, 'feasible' | 'totals'> {
  const { framework, nodes } = fixture;
  const state = new CycleState();
  if (framework.runPreFilter(state, pod, nodes).status !== undefined) return { feasible: [], totals: [] };
  const feasible = nodes.filter((node) => framework.runFilter(state, pod, node) === undefined);
  if (feasible.length === 0) return { feasible: [], totals: [] };
  expect(framework.runPreScore(state, pod, feasible)).toBeUndefined();
  const scores = framework.runScore(state, pod, feasible);
  if (scores instanceof Status) return expect.fail(scores.message);
  const entries = feasible.map(({ name }, at) => [names.indexOf(name), scores.totals[at]!] as const);
  entries.sort(([a], [b]) => a - b);
  return { feasible: entries.map(([at]) => at), totals: entries.map(([, total]) => total) };
}

/** Whether every node of `small` is in `large`. */
const isWithin = (small: readonly number[], large: readonly number[]): boolean =>
  small.every((at) => large.includes(at));

const runs = { numRuns: 400 };

describe('decisions of the default profile', () => {
  it('lose no feasible node when nodes grow or the pod asks for less', () => {
    const growth = fc.record({ cpu: fc.nat(8), memory: fc.nat(64), gpus: fc.nat(2), pods: fc.nat(3) });
    const grown = (node: DrawnNode, more: { cpu: number; memory: number; gpus: number; pods: number }): DrawnNode => ({
      ...node,
      cpu: node.cpu + more.cpu,
      memory: node.memory + more.memory,
      gpus: node.gpus + more.gpus,
      pods: node.pods + more.pods,
    });
    const property = fc.property(worlds, growth, fc.nat(5), fc.nat(100), (world, more, at, percent) => {
      const { feasible } = decide(world);
      const where = at % world.nodes.length;
      const nodes = world.nodes.map((node, own) => (own === where ? grown(node, more) : node));
      expect(isWithin(feasible, decide({ ...world, nodes }).feasible)).toBe(true);
      const less = (amount: number | undefined): number => Math.trunc(((amount ?? 0) * percent) / 100);
      const { cpu, memory, gpus } = world.waiting;
      const waiting = { ...world.waiting, cpu: less(cpu), memory: less(memory), gpus: less(gpus) };
      expect(isWithin(feasible, decide({ ...world, waiting }).feasible)).toBe(true);
    });
    fc.assert(property, runs);
  }, 120_000);

  it('follow the nodes when these get other names', () => {
    const property = fc.property(worlds, fc.infiniteStream(fc.nat()), (world, draws) => {
      const before = decide(world);
      // Names in the same order: the very same decision.
      expect(decide(world, (at) => `worker-${at}.example`)).toEqual(before);
      // In any order: the same verdicts and totals; the choice among the best is the lowest of the new names.
      const names = world.nodes.map((_node, at) => `${draws.next().value as number}-${at}`);
      const { chosen, ...rest } = decide(world, (at) => names[at]!);
      expect({ ...rest, chosen: before.chosen }).toEqual(before);
      const best = before.feasible.filter((_at, index) => before.totals[index] === Math.max(...before.totals));
      const lowest = best.map((at) => names[at]!).sort((a, b) => (a < b ? -1 : 1))[0];
      expect(chosen === undefined ? undefined : names[chosen]).toBe(lowest);
    });
    fc.assert(property, runs);
  }, 120_000);

  it('are not changed by one more node that the pod cannot use', () => {
    const idle = { cpu: 16, memory: 64, gpus: 4, pods: 8, zone: 'd', unschedulable: false, image: false };
    const useless = { ...idle, taints: [{ key: 'reserved', effect: 'NoSchedule' }] };
    const property = fc.property(worlds, (drawn) => {
      // Without images: how common one is counts over all nodes (ImageLocality), so one more node does weigh there.
      const world = { ...drawn, nodes: drawn.nodes.map((node) => ({ ...node, image: false })) };
      const before = decide(world);
      const { message, ...after } = decide(world, plainName, [useless]);
      expect({ ...after, message: before.message }).toEqual(before);
      if (after.chosen === undefined) expect(message).toContain(`0/${world.nodes.length + 1} nodes are available: `);
    });
    fc.assert(property, runs);
  }, 120_000);
});
