import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { makeNode, makePod } from '../testing/builders.ts';
import { FactScript } from '../testing/fact-script.ts';
import { CheckSet } from './registry.ts';
import { deviceAccountingCheck } from './device-accounting.ts';

class GpuScript extends FactScript {
  private readonly checks = new CheckSet(() => this.now, [deviceAccountingCheck]);

  constructor() {
    super();
    this.checks.observe(this.recorder);
    this.gpus('n', 2);
  }

  gpus(name: string, count: number): void {
    this.put('Node', makeNode(name, { allocatable: { pods: 110, 'alibabacloud.com/gpu-count': count } }));
  }

  /** A pod that waits, annotated with the GPUs that it is to get: `0-1`. */
  gpuPod(name: string, count: number, milli: number, index: string, nodeName = ''): Pod {
    const annotations = {
      'alibabacloud.com/gpu-count': String(count),
      'alibabacloud.com/gpu-milli': String(milli),
      ...(index !== '' && { 'alibabacloud.com/gpu-index': index }),
    };
    return this.put('Pod', makePod(name, { metadata: { annotations }, spec: { nodeName } }));
  }

  found(): string[] {
    return this.checks.verify(this.state).map(({ subject, message }) => `${subject}: ${message}`);
  }
}

describe('device-accounting', () => {
  test('a GPU that is promised twice, one that is not there, and too few are told', () => {
    const script = new GpuScript();
    script.bind(script.gpuPod('a', 1, 600, '1'), 'n');
    script.bind(script.gpuPod('b', 1, 600, '1'), 'n');
    script.bind(script.gpuPod('c', 1, 100, '2'), 'n');
    script.bind(script.gpuPod('d', 2, 100, '0'), 'n');
    expect(script.found()).toEqual([
      'node n: 1200 thousandths of gpu 1 are taken; pod default/b was one too many',
      'node n: pod default/c has gpu 2, there are 2',
      'node n: pod default/d asks for 2 gpu devices and has 0',
      'node n: 1400 thousandths of its gpu devices are taken, its pods ask for 1500',
    ]);
  });

  test('pods that end, fail or are removed give back what they had', () => {
    const script = new GpuScript();
    const whole = (name: string): Pod => script.bind(script.gpuPod(name, 2, 1000, '0-1'), 'n');
    script.status(whole('a'), { phase: 'Succeeded' });
    script.status(whole('b'), { phase: 'Failed' });
    script.remove('Pod', whole('c'));
    whole('d');
    expect(script.found()).toEqual([]);
  });

  test('what is kept of a pod that is gone is told', () => {
    const script = new GpuScript();
    const pod = script.bind(script.gpuPod('a', 1, 300, '0'), 'n');
    // As if nobody told that it was removed.
    script.state.store('Pod').commit(pod, undefined, 99);
    expect(script.found()).toEqual(['node n: 300 thousandths of its gpu devices are taken, its pods ask for 0']);
  });

  test('pods that came with a node, a node that lost GPUs and schedulers that know none are no violation', () => {
    const script = new GpuScript();
    script.gpuPod('static', 1, 800, '0', 'n');
    script.bind(script.gpuPod('a', 1, 800, '0'), 'n');
    script.gpus('shrunk', 2);
    script.bind(script.gpuPod('b', 1, 800, '1'), 'shrunk');
    script.gpus('shrunk', 1);
    script.bind(script.gpuPod('c', 1, 800, '1'), 'shrunk');
    script.bind(script.gpuPod('unaware', 1, 800, ''), 'n');
    expect(script.found()).toEqual([]);
  });

  test('a node that is empty when it comes back is looked at again', () => {
    const script = new GpuScript();
    const pod = script.gpuPod('static', 1, 800, '0', 'n');
    script.remove('Pod', pod);
    script.gpus('n', 1);
    script.bind(script.gpuPod('a', 1, 1000, '1'), 'n');
    expect(script.found()).toEqual(['node n: pod default/a has gpu 1, there are 1']);
  });

  test('annotations that change later are those that count', () => {
    const script = new GpuScript();
    const pod = script.bind(script.gpuPod('a', 1, 300, '0'), 'n');
    const annotations = { ...pod.metadata.annotations, 'alibabacloud.com/gpu-milli': '500' };
    script.put('Pod', podWith(pod, { metadata: metadataWith(pod.metadata, { annotations }) }));
    expect(script.found()).toEqual([]);
  });
});
