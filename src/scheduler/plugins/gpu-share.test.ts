import { describe, expect, test } from 'vitest';
import { GpuCluster } from '../../testing/gpu-cluster.ts';
import { CycleState } from '../framework/cycle-state.ts';

function cluster(gpuSelection = 'best'): GpuCluster {
  return new GpuCluster('Random', undefined, gpuSelection);
}

describe('GpuShare refuses nodes', () => {
  test('without GPUs, of another model, with too few or with no room', () => {
    const nodes = cluster();
    nodes.gpuNode('none', 0);
    nodes.gpuNode('model', 8, { model: 'P100' });
    nodes.gpuNode('few', 1);
    nodes.gpuNode('full', 2);
    nodes.occupy('full', { count: 1, milli: 600 }, '0');
    nodes.gpuNode('free', 2);
    const pod = nodes.gpuPod({ count: 2, milli: 500, models: 'T4|G3' });
    expect([...nodes.verdicts('GpuShare', pod)]).toEqual([
      ['none', 'UnschedulableAndUnresolvable: node(s) had no gpu'],
      ['model', 'UnschedulableAndUnresolvable: node(s) had no gpu of a model that the pod may get'],
      ['few', 'UnschedulableAndUnresolvable: Too few gpu devices'],
      ['full', 'Unschedulable: Insufficient gpu'],
      ['free', 'ok'],
    ]);
  });

  test('never to pods without GPUs', () => {
    const nodes = cluster();
    nodes.gpuNode('none', 0);
    expect(nodes.verdicts('GpuShare', nodes.gpuPod()).get('none')).toBe('Skip: ');
  });

  test('all of them where the demand cannot be read', () => {
    const nodes = cluster();
    nodes.gpuNode('a', 2);
    const pod = nodes.gpuPod({ count: -1, milli: 500 });
    expect(nodes.verdicts('GpuShare', pod).get('a')).toBe(
      'UnschedulableAndUnresolvable: annotation alibabacloud.com/gpu-count "-1" is not a whole number',
    );
  });
});

describe('GpuShare gives a pod', () => {
  test.each([
    ['best', [1]],
    ['worst', [0]],
  ] as const)('by %s fit the GPU %j', (selection, devices) => {
    const nodes = cluster(selection);
    nodes.gpuNode('a', 3);
    nodes.occupy('a', { count: 1, milli: 500 }, '1');
    nodes.occupy('a', { count: 1, milli: 800 }, '2');
    expect(nodes.reserved(new CycleState(), nodes.gpuPod({ count: 1, milli: 300 }), 'a')).toEqual(devices);
  });

  test('what others have not been given, and takes it back when they go', () => {
    const nodes = cluster();
    nodes.gpuNode('a', 2);
    const first = nodes.gpuPod({ count: 2 });
    const second = nodes.gpuPod({ count: 1, milli: 100 });
    expect(nodes.reserved(new CycleState(), first, 'a')).toEqual([0, 1]);
    expect(nodes.verdicts('GpuShare', second).get('a')).toBe('Unschedulable: Insufficient gpu');
    nodes.cache.removePod(first);
    expect(nodes.verdicts('GpuShare', second).get('a')).toBe('ok');
  });

  test('back to the others what was reserved for it', () => {
    const nodes = cluster();
    nodes.gpuNode('a', 1);
    const pod = nodes.gpuPod({ count: 1 });
    nodes.reserved(new CycleState(), pod, 'a');
    nodes.framework.binding.runUnreserve(new CycleState(), pod, 'a');
    expect(nodes.verdicts('GpuShare', nodes.gpuPod({ count: 1 })).get('a')).toBe('ok');
  });

  test('an annotation with the numbers, before it is bound', () => {
    const nodes = cluster();
    nodes.gpuNode('a', 4);
    const pod = nodes.gpuPod({ count: 2 });
    nodes.reserved(new CycleState(), pod, 'a');
    const plugin = nodes.plugin('GpuShare');
    expect(plugin.preBindPreFlight!(new CycleState(), nodes.gpuPod(), 'a')?.code).toBe(5);
    let status: unknown = 'open';
    plugin.preBind!(new CycleState(), pod, 'a', (answer) => (status = answer));
    expect(status).toBeUndefined();
    const { patch, argument } = nodes.sent[0]!;
    expect(patch!(pod as never, argument).metadata.annotations).toMatchObject({
      'alibabacloud.com/gpu-count': '2',
      'alibabacloud.com/gpu-index': '0-1',
    });
  });
});
