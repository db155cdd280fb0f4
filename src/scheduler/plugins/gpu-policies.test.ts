import { describe, expect, test } from 'vitest';
import { GpuCluster } from '../../testing/gpu-cluster.ts';

describe('GpuClustering', () => {
  test('puts pods with alike demands together', () => {
    const cluster = new GpuCluster('GpuClustering');
    for (const name of ['empty', 'same', 'mixed', 'other']) cluster.gpuNode(name, 8);
    cluster.occupy('same', { count: 1, milli: 300 }, '0');
    cluster.occupy('mixed', { count: 1, milli: 500 }, '0');
    cluster.occupy('mixed', { count: 2, milli: 1000 }, '1-2');
    cluster.occupy('other', { count: 4, milli: 1000 }, '0-1-2-3');
    const pod = cluster.gpuPod({ count: 1, milli: 700 });
    // Used: 0, 300, 2500, 4000 of 8000 thousandths: 25 times that is 0, 0, 7, 12.
    expect(cluster.rawScores('GpuClustering', pod)).toEqual([25, 75, 57, 12]);
  });

  test('tells a whole GPU from a part of one, and has nothing to say of pods without', () => {
    const cluster = new GpuCluster('GpuClustering');
    cluster.gpuNode('a', 8);
    cluster.occupy('a', { count: 1, milli: 999 }, '0');
    expect(cluster.rawScores('GpuClustering', cluster.gpuPod({ count: 1, milli: 1000 }))).toEqual([3]);
    expect(cluster.rawScores('GpuClustering', cluster.gpuPod())).toEqual([0]);
  });
});

describe('GpuPacking', () => {
  test('fills GPUs in use, then nodes in use, then free nodes', () => {
    const cluster = new GpuCluster('GpuPacking');
    for (const name of ['free-2', 'free-8', 'begun', 'full', 'half']) cluster.gpuNode(name, name === 'free-2' ? 2 : 8);
    cluster.occupy('begun', { count: 1, milli: 900 }, '0');
    cluster.occupy('full', { count: 1, milli: 700 }, '3');
    cluster.occupy('half', { count: 1, milli: 400 }, '0');
    const pod = cluster.gpuPod({ count: 1, milli: 300 });
    // Free nodes: max(33 - 2, 2), max(33 - 8, 8). On begun a free GPU must be taken: max(50 - 1, 33).
    // full: GPU 3 has 300 free: 100 - 30 div 10 = 97; half: 600 free: 100 - 60 div 10 = 94.
    expect(cluster.rawScores('GpuPacking', pod)).toEqual([31, 25, 49, 97, 94]);
  });

  test('counts the free GPUs that several whole ones must begin', () => {
    const cluster = new GpuCluster('GpuPacking');
    cluster.gpuNode('a', 8);
    cluster.occupy('a', { count: 1, milli: 1000 }, '0');
    expect(cluster.rawScores('GpuPacking', cluster.gpuPod({ count: 4 }))).toEqual([46]);
    expect(cluster.rawScores('GpuPacking', cluster.gpuPod())).toEqual([0]);
  });
});

describe('FragmentationGradientDescent', () => {
  test('scores 100 * sigmoid of what fragmentation falls by, in GPUs', () => {
    const cluster = new GpuCluster('FragmentationGradientDescent');
    cluster.gpuNode('a', 2);
    // The workload is this pod: before 2 free GPUs and no fragment; after, GPU 0 has 400 left, which is of no use to another.
    const pod = cluster.gpuPod({ cpu: '1', count: 1, milli: 600 });
    cluster.expectedPods.push({ spec: pod.spec, annotations: pod.metadata.annotations, count: 1 });
    const { state, scores } = cluster.scored(pod);
    expect(scores).toEqual([Math.trunc(100 / (1 + Math.exp(0.4)))]);
    expect(cluster.reserved(state, pod, 'a')).toEqual([0]);
  });

  test('takes the GPU by which least becomes useless', () => {
    const cluster = new GpuCluster('FragmentationGradientDescent', undefined, 'score');
    cluster.gpuNode('a', 3);
    cluster.occupy('a', { count: 1, milli: 400 }, '1');
    const pod = cluster.gpuPod({ cpu: '1', count: 1, milli: 600 });
    cluster.expectedPods.push({ spec: pod.spec, annotations: pod.metadata.annotations, count: 1 });
    const { state } = cluster.scored(pod);
    // GPU 1 has 600 left: it becomes full, and nothing is useless.
    expect(cluster.reserved(state, pod, 'a')).toEqual([1]);
  });
});

describe('Random', () => {
  test('gives one of the nodes 100, each as often', () => {
    const cluster = new GpuCluster('Random');
    for (const name of ['a', 'b', 'c', 'd']) cluster.gpuNode(name, 0);
    const counts = [0, 0, 0, 0];
    for (let at = 0; at < 2000; at++) {
      const scores = cluster.rawScores('Random', cluster.gpuPod());
      expect(scores.toSorted((a, b) => b - a)).toEqual([100, 0, 0, 0]);
      counts[scores.indexOf(100)]!++;
    }
    // Chi square with 3 degrees of freedom: above 16.3 in one of a thousand.
    expect(counts.reduce((sum, count) => sum + ((count - 500) * (count - 500)) / 500, 0)).toBeLessThan(16.3);
  });
});
