// What a pod asks for: the rule of `component-helpers/resource/helpers.go`, held against the timeline that it stands for.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container, PodSpec, ResourceList } from './core-v1.ts';
import { decodeObject } from './decode/decode-object.ts';
import { PodResourcesCache, addResources, podLimits, podRequests, podRequestsNonZero } from './resources.ts';

interface Wanted {
  readonly cpu?: string | number;
  readonly memory?: string | number;
}

const container = (requests: Wanted | undefined, index: number, more = {}) => ({
  name: `c${index}`,
  image: 'i',
  ...(requests !== undefined && { resources: { requests } }),
  ...more,
});

function specOf(raw: object): PodSpec {
  const decoded = decodeObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: raw });
  if (!decoded.ok || decoded.kind !== 'Pod') throw new Error(JSON.stringify(decoded));
  return decoded.object.spec;
}

const cpuOf = (list: ResourceList): number | undefined => list.get('cpu');

/** What runs at the same time, phase by phase: each init container beside the sidecars before it, then everything else. */
function peakCpu({ initContainers, containers }: PodSpec): number {
  const cpu = ({ resources }: Container): number => resources.requests.get('cpu') ?? 0;
  let sidecars = 0;
  let peak = 0;
  for (const init of initContainers) {
    peak = Math.max(peak, sidecars + cpu(init));
    if (init.restartPolicy === 'Always') sidecars += cpu(init);
  }
  return Math.max(peak, sidecars + containers.reduce((sum, each) => sum + cpu(each), 0));
}

describe('the requests of a pod', () => {
  test('are the most that runs at one time', () => {
    const entry = fc.record({ cpu: fc.integer({ min: 0, max: 5000 }), isSidecar: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 5 }),
        fc.array(entry, { minLength: 1, maxLength: 4 }),
        (inits, mains) => {
          const spec = specOf({
            initContainers: inits.map(({ cpu, isSidecar }, at) =>
              container({ cpu: `${cpu}m` }, at, isSidecar ? { restartPolicy: 'Always' } : {}),
            ),
            containers: mains.map(({ cpu }, at) => container({ cpu: `${cpu}m` }, 10 + at)),
          });
          expect(cpuOf(podRequests(spec))).toBe(peakCpu(spec));
        },
      ),
    );
  });

  test('include the overhead, also of resources that no container names', () => {
    const spec = specOf({ containers: [container({ cpu: 1 }, 0)], overhead: { cpu: '250m', memory: '64Mi' } });
    expect(new Map(podRequests(spec))).toEqual(
      new Map([
        ['cpu', 1250],
        ['memory', 67_108_864],
      ]),
    );
  });

  test('stated for the pod as a whole replace the sum, even where they are smaller, and overhead comes on top', () => {
    // An API server takes no such pod; a sum does not ask where a pod comes from.
    const spec: PodSpec = {
      ...specOf({ containers: [container({ cpu: 2, memory: '1Gi' }, 0)], overhead: { cpu: '100m' } }),
      resources: { requests: new Map([['cpu', 500]]), limits: new Map() },
    };
    expect(cpuOf(podRequests(spec))).toBe(600);
    expect(podRequests(spec).get('memory')).toBe(1_073_741_824);
    expect(cpuOf(podRequests(spec, { skipPodLevel: true }))).toBe(2100);
  });
});

describe('what scores count', () => {
  const defaults = new Map([
    ['cpu', 100],
    ['memory', 209_715_200],
  ]);

  test('is 100m and 200Mi for each container that names none, init containers too', () => {
    expect(new Map(podRequestsNonZero(specOf({ containers: [container(undefined, 0)] })))).toEqual(defaults);
    const two = specOf({ containers: [container(undefined, 0), container({ cpu: '1' }, 1)] });
    expect(new Map(podRequestsNonZero(two))).toEqual(
      new Map([
        ['cpu', 1100],
        ['memory', 419_430_400],
      ]),
    );
    const init = specOf({
      initContainers: [container(undefined, 0)],
      containers: [container({ cpu: '50m', memory: '1Mi' }, 1)],
    });
    expect(new Map(podRequestsNonZero(init))).toEqual(defaults);
  });

  test('leaves an explicit zero alone', () => {
    expect(cpuOf(podRequestsNonZero(specOf({ containers: [container({ cpu: 0 }, 0)] })))).toBe(0);
  });

  test('takes the default only for what neither level names where the pod as a whole has requests', () => {
    const spec = specOf({ containers: [container(undefined, 0)], resources: { requests: { cpu: 2 } } });
    expect(new Map(podRequestsNonZero(spec))).toEqual(
      new Map([
        ['cpu', 2000],
        ['memory', 209_715_200],
      ]),
    );
  });
});

test('limits take the overhead only where there is a limit', () => {
  const spec = specOf({
    containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: 1 } } }],
    overhead: { cpu: '100m', memory: '1Mi' },
  });
  expect(new Map(podLimits(spec))).toEqual(new Map([['cpu', 1100]]));
});

test('sums leave their parts as they were', () => {
  const a = new Map([['cpu', 1]]);
  const b = new Map([
    ['cpu', 2],
    ['memory', 3],
  ]);
  expect(new Map(addResources(a, b))).toEqual(
    new Map([
      ['cpu', 3],
      ['memory', 3],
    ]),
  );
  expect([a.size, b.get('cpu')]).toEqual([1, 2]);
});

test('sums are remembered per list of containers, and made anew when another part differs', () => {
  const cache = new PodResourcesCache();
  const spec = specOf({ containers: [container({ cpu: 1 }, 0)] });
  expect(cache.of({ ...spec, nodeName: 'n1' })).toBe(cache.of(spec));
  expect(cpuOf(cache.of({ ...spec, overhead: new Map([['cpu', 5]]) }).requests)).toBe(1005);
  expect(cpuOf(cache.of(spec).requests)).toBe(1000);
});
