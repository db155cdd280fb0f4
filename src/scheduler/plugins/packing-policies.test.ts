import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GpuCluster } from '../../testing/gpu-cluster.ts';

const published = {
  resources: [
    { name: 'cpu', max: 128 },
    { name: 'alibabacloud.com/gpu-milli', max: 8000 },
  ],
};

describe('BestFit', () => {
  test('scores by what is left, cpu and GPUs alike, and stretches it over the feasible nodes', () => {
    const cluster = new GpuCluster('BestFit', published);
    cluster.gpuNode('big', 8, { cpu: '128' });
    cluster.gpuNode('small', 2, { cpu: '64' });
    cluster.gpuNode('medium', 4, { cpu: '64' });
    const pod = cluster.gpuPod({ cpu: '32', count: 1, milli: 500 });
    // big: 1 - 0.5 * 96/128 - 0.5 * 7500/8000 = 0.15625; small: 1 - 0.5 * 32/128 - 0.5 * 1500/8000 = 0.78125;
    // medium: 1 - 0.125 - 0.5 * 3500/8000 = 0.65625.
    expect(cluster.rawScores('BestFit', pod)).toEqual([15, 78, 65]);
    // (65 - 15) * 100 div 63 = 79
    expect(cluster.normalizedScores('BestFit', pod)).toEqual([0, 100, 79]);
  });

  test('gives 0 to all where all are alike', () => {
    const cluster = new GpuCluster('BestFit', published);
    cluster.gpuNode('a', 2);
    cluster.gpuNode('b', 2);
    expect(cluster.normalizedScores('BestFit', cluster.gpuPod())).toEqual([0, 0]);
  });

  test('looks at cpu and memory of the node itself where nothing is said', () => {
    const cluster = new GpuCluster('BestFit');
    cluster.gpuNode('a', 0, { cpu: '4' });
    // cpu: 3 of 4 left; memory: all left.
    expect(cluster.rawScores('BestFit', cluster.gpuPod({ cpu: '1' }))).toEqual([12]);
  });

  test('weighs resources', () => {
    const resources = [
      { name: 'cpu', weight: 3 },
      { name: 'memory', weight: 1 },
    ];
    const cluster = new GpuCluster('BestFit', { resources });
    cluster.gpuNode('a', 0, { cpu: '4' });
    // 1 - 0.75 * 2/4 - 0.25 * 1 = 0.375
    expect(cluster.rawScores('BestFit', cluster.gpuPod({ cpu: '2' }))).toEqual([37]);
  });

  test.each([
    ['0', 'Invalid value: "0": must be a quantity above zero'],
    ['many', 'Invalid value: "many": must be a quantity above zero'],
  ])('refuses a max of %s', (max, message) => {
    const { problems } = new GpuCluster('BestFit', { resources: [{ name: 'cpu', max }] });
    expect(problems.map((problem) => problem.message)).toEqual([
      `profiles[0].pluginConfig[1].args.resources[0].max: ${message}`,
    ]);
  });
});

describe('DotProduct', () => {
  test('prefers the node whose free resources are least like the request', () => {
    const cluster = new GpuCluster('DotProduct', published);
    cluster.gpuNode('big', 8, { cpu: '128' });
    cluster.gpuNode('small', 2, { cpu: '64' });
    const pod = cluster.gpuPod({ cpu: '64', count: 2 });
    // big: 1 - 0.5 * (1 * 0.5 + 1 * 0.25) = 0.625; small: 1 - 0.5 * (0.5 * 0.5 + 0.25 * 0.25) = 0.84375
    expect(cluster.rawScores('DotProduct', pod)).toEqual([62, 84]);
    expect(cluster.normalizedScores('DotProduct', pod)).toEqual([62, 84]);
  });
});

describe('on any node', () => {
  const node = fc.record({
    cpus: fc.integer({ min: 1, max: 128 }),
    gpus: fc.integer({ min: 1, max: 8 }),
    used: fc.nat({ max: 20 }),
  });
  const pod = fc.record({ cpu: fc.nat({ max: 1000 }), milli: fc.integer({ min: 1, max: 20 }).map((n) => 50 * n) });

  test('both are their formulas', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 2, maxLength: 5 }), pod, (nodes, { cpu, milli }) => {
        for (const policy of ['BestFit', 'DotProduct']) {
          const cluster = new GpuCluster(policy, published);
          for (const [at, { cpus, gpus, used }] of nodes.entries()) {
            cluster.gpuNode(`n${at}`, gpus, { cpu: String(cpus) });
            if (used > 0) cluster.occupy(`n${at}`, { cpu: '0', count: 1, milli: used * 50 }, '0');
          }
          const waiting = cluster.gpuPod({ cpu: `${cpu}m`, count: 1, milli });
          const wanted = nodes.map(({ cpus, gpus, used }) => {
            const [c, g] = [1000 * cpus, 1000 * gpus - 50 * used];
            if (policy === 'BestFit')
              return Math.trunc(100 * (1 - (((c - cpu) / 128_000) * 0.5 + ((g - milli) / 8000) * 0.5)));
            return Math.trunc(100 * (1 - ((c / 128_000) * (cpu / 128_000) * 0.5 + (g / 8000) * (milli / 8000) * 0.5)));
          });
          expect(cluster.rawScores(policy, waiting)).toEqual(wanted);
        }
      }),
      { numRuns: 60 },
    );
  });
});
