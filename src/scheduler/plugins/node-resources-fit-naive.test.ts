import fc from 'fast-check';
import { expect, it } from 'vitest';
import { naiveFit } from '../../testing/naive-fit.ts';
import type { NaiveAmounts, NaiveFitPod } from '../../testing/naive-fit.ts';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';

const amounts = (cpu: number, memory: number, devices: number): fc.Arbitrary<NaiveAmounts> =>
  fc.record(
    {
      cpu: fc.integer({ min: 0, max: cpu }),
      memory: fc.integer({ min: 0, max: memory }),
      'ephemeral-storage': fc.integer({ min: 0, max: memory }),
      'example.com/gpu': fc.integer({ min: 0, max: devices }),
      'hugepages-2Mi': fc.integer({ min: 0, max: devices }),
    },
    { requiredKeys: [] },
  );
const pod: fc.Arbitrary<NaiveFitPod> = fc.record({
  containers: fc.array(amounts(900, 9, 2), { minLength: 1, maxLength: 2 }),
  initContainers: fc.array(fc.record({ requests: amounts(900, 9, 2), isSidecar: fc.boolean() }), { maxLength: 2 }),
  overhead: fc.constantFrom<NaiveAmounts>({}, {}, { cpu: 100, memory: 1 }),
});
const world = fc.record({
  allocatable: fc.array(fc.tuple(amounts(4000, 40, 5), fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 3 }),
  placed: fc.array(fc.tuple(pod, fc.nat(2)), { maxLength: 4 }),
  waiting: pod,
});

function quantities(given: NaiveAmounts): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([key, n]) => [key, key === 'cpu' ? `${n}m` : String(n)]));
}

function specOf({ containers, initContainers, overhead }: NaiveFitPod): Record<string, unknown> {
  const container = (name: string, requests: NaiveAmounts, more: object = {}): object => ({
    name,
    image: 'app:1',
    resources: { requests: quantities(requests) },
    ...more,
  });
  return {
    containers: containers.map((requests, at) => container(`c${at}`, requests)),
    initContainers: initContainers.map(({ requests, isSidecar }, at) =>
      container(`i${at}`, requests, isSidecar ? { restartPolicy: 'Always' } : {}),
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
        expect(sortedReasons(verdicts.get(`n${at}`)!)).toBe(expected);
      }
    } finally {
      for (const entry of bound) fixture.cache.removePod(entry);
      for (const node of nodes) fixture.cache.removeNode(node);
    }
  });
  fc.assert(property, { numRuns: 10_000 });
  // 64 sets of shortages less the empty one, most of them with either code.
  expect(seen.size).toBeGreaterThan(100);
}, 60_000);
