import fc from 'fast-check';
import { expect, it } from 'vitest';
import { naiveFit } from '../../testing/naive-fit.ts';
import type { NaiveAmounts, NaiveFitPod } from '../../testing/naive-fit.ts';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const resources = ['cpu', 'memory', 'ephemeral-storage', 'example.com/gpu', 'hugepages-2Mi'];
const levels = 5;

/** Amounts out of one number, a digit for each resource: 0 = not named, then 0, 1, 2, 3 times the unit. Quick to draw. */
function amounts(cpu: number, memory: number, devices: number): fc.Arbitrary<NaiveAmounts> {
  const units = [cpu, memory, memory, devices, devices];
  return fc.nat(levels ** resources.length - 1).map((code) => {
    const digits = units.map((unit, at) => [unit, Math.floor(code / levels ** at) % levels] as const);
    const named = digits.flatMap(([unit, digit], at) => (digit === 0 ? [] : [[resources[at]!, unit * (digit - 1)]]));
    return Object.fromEntries(named) as NaiveAmounts;
  });
}

const container = amounts(300, 3, 1);
const pod: fc.Arbitrary<NaiveFitPod> = fc.record({
  containers: fc.array(container, { minLength: 1, maxLength: 2 }),
  initContainers: fc.array(fc.record({ requests: container, isSidecar: fc.boolean() }), { maxLength: 2 }),
  overhead: fc.constantFrom<NaiveAmounts>({}, {}, { cpu: 100, memory: 1 }),
});
const world = fc.record({
  allocatable: fc.array(fc.tuple(amounts(1000, 10, 2), fc.nat(4)), { minLength: 1, maxLength: 2 }),
  placed: fc.array(fc.tuple(pod, fc.nat(1)), { maxLength: 3 }),
  waiting: pod,
});

function quantities(given: NaiveAmounts): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([key, n]) => [key, key === 'cpu' ? `${n}m` : String(n)]));
}

function specOf({ containers, initContainers, overhead }: NaiveFitPod): Record<string, unknown> {
  const entry = (name: string, requests: NaiveAmounts, more: object = {}): object => ({
    name,
    image: 'app:1',
    resources: { requests: quantities(requests) },
    ...more,
  });
  return {
    containers: containers.map((requests, at) => entry(`c${at}`, requests)),
    initContainers: initContainers.map(({ requests, isSidecar }, at) =>
      entry(`i${at}`, requests, isSidecar ? { restartPolicy: 'Always' } : {}),
    ),
    overhead: quantities(overhead),
  };
}

const sortedReasons = (text: string): string => {
  const [code, reasons] = text.split(': ');
  return reasons === undefined
    ? text
    : `${code}: ${reasons
        .split(', ')
        .sort((a, b) => (a < b ? -1 : 1))
        .join(', ')}`;
};

it('NodeResourcesFit and a naive implementation as sets agree on every node of 10,000 clusters', () => {
  const fixture = new SchedulerFixture();
  const seen = new Set<string>();
  const property = fc.property(world, ({ allocatable, placed, waiting }) => {
    const nodes = allocatable.map(([given, pods], at) =>
      fixture.node(`n${at}`, { status: { allocatable: { ...quantities(given), pods: String(pods) } } }),
    );
    const bound = placed.map(([spec, at]) => fixture.bind(fixture.pod(specOf(spec)), `n${at % nodes.length}`));
    try {
      const verdicts = fixture.verdicts('NodeResourcesFit', fixture.pod(specOf(waiting)));
      for (const [at, [given, pods]] of allocatable.entries()) {
        const here = placed.filter(([, home]) => home % nodes.length === at).map(([spec]) => spec);
        const expected = naiveFit(waiting, here, { ...given, pods });
        seen.add(expected);
        const found = sortedReasons(verdicts.get(`n${at}`)!);
        if (found !== expected) expect(found).toBe(expected);
      }
    } finally {
      for (const one of bound) fixture.cache.removePod(one);
      for (const node of nodes) fixture.cache.removeNode(node);
    }
  });
  fc.assert(property, { numRuns: 10_000 });
  // 64 sets of shortages less the empty one, most of them with either code.
  expect(seen.size).toBeGreaterThan(100);
}, 120_000);
