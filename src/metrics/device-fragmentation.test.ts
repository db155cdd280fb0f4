import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeNode, makePod, makePodSpec, makeContainer } from '../testing/builders.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import type { ExpectedPods } from '../scheduler/framework/handle.ts';
import { deviceFragmentationMetric } from './device-fragmentation.ts';
import type { Metric } from './metric.ts';

interface Ask {
  readonly cpu: number;
  /** 0 = none. */
  readonly count: number;
  readonly milli: number;
  readonly models?: string;
}

const annotationsOf = ({ count, milli, models = '' }: Ask): Record<string, string> =>
  count === 0
    ? {}
    : {
        'alibabacloud.com/gpu-count': String(count),
        'alibabacloud.com/gpu-milli': String(milli),
        ...(models !== '' && { 'alibabacloud.com/gpu-card-model': models }),
      };

const expected = (ask: Ask, count: number): ExpectedPods => ({
  spec: makePodSpec({ containers: [makeContainer({ requests: { cpu: ask.cpu } })] }),
  annotations: annotationsOf(ask),
  count,
});

class GpuScript extends FactScript {
  readonly metric: Metric;

  constructor(workload: readonly ExpectedPods[], step = 10 * SECOND) {
    super({ step, expectedPods: () => workload });
    this.metric = this.start(deviceFragmentationMetric);
  }

  gpuNode(name: string, cpu: number, gpus: number, model: string): void {
    const allocatable = { cpu, pods: 110, 'alibabacloud.com/gpu-count': gpus };
    this.put('Node', makeNode(name, { allocatable, labels: { 'alibabacloud.com/gpu-card-model': model } }));
  }

  /** A pod that is bound with these GPUs. */
  gpuPod(name: string, ask: Ask, nodeName: string, gpus: readonly number[]): Pod {
    const annotations = { ...annotationsOf(ask), 'alibabacloud.com/gpu-index': gpus.join('-') };
    const pod = this.put('Pod', makePod(name, { requests: { cpu: ask.cpu }, metadata: { annotations } }));
    return this.bind(pod, nodeName);
  }

  rows(table = 'gpu_timeseries'): Record<string, unknown>[] {
    return recordsOf(this.metric.tables().find(({ name }) => name === table));
  }
}

const half = { cpu: 1000, count: 1, milli: 500 };
const pair = { cpu: 1000, count: 2, milli: 1000 };

describe('fragmentation of GPUs over time', () => {
  test('follows the pods that come and go: worked by hand', () => {
    const script = new GpuScript([expected(half, 3), expected(pair, 1)]);
    script.gpuNode('n', 8000, 2, 'T4');
    const pod = script.at(10).gpuPod('a', { cpu: 1000, count: 1, milli: 600 }, 'n', [0]);
    script.at(15).status(pod, { phase: 'Succeeded' });
    script.metric.finish(20 * SECOND);
    // Free 400 and 1000 for five seconds: a half (3/4) cannot use the 0.4, a pair (1/4) nothing of 1.4.
    const fragments = 0.75 * 0.4 + 0.25 * 1.4;
    const [first, second] = script.rows();
    expect(first).toMatchObject({
      gpus_timeavg: 2,
      given_gpus_timeavg: 0,
      fragmented_gpus_timeavg: 0,
      q3_gpus_timeavg: 2,
    });
    expect(second).toMatchObject({ gpus_timeavg: 2, given_gpus_timeavg: 0.3 });
    expect(second!['q2_gpus_timeavg']).toBeCloseTo(fragments / 2, 9);
    expect(second!['q3_gpus_timeavg']).toBeCloseTo((0.75 + 2) / 2, 9);
    const figures = script.metric.figures!();
    expect(figures.get('devices.allocated.mean')).toBeCloseTo(0.6 / 8, 9);
    expect(figures.get('devices.fragmented.mean')).toBeCloseTo(fragments / 8, 9);
    expect(figures.get('devices.fragmented.end')).toBe(0);
    expect(script.rows('typical_pods').map(({ share }) => share)).toEqual([0.75, 0.25]);
  });

  test('a node that is gone has no GPUs, and pods on a node that is not there yet hold theirs when it comes', () => {
    const script = new GpuScript([expected(half, 1)]);
    script.gpuPod('early', pair, 'late', [0, 1]);
    script.gpuNode('gone', 8000, 4, 'T4');
    const gone = script.state.get('Node', '', 'gone')!;
    script.at(10).remove('Node', gone);
    script.gpuNode('late', 8000, 3, 'T4');
    script.metric.finish(20 * SECOND);
    expect(
      script.rows().map((row) => [row['gpus_timeavg'], row['given_gpus_timeavg'], row['q3_gpus_timeavg']]),
    ).toEqual([
      [4, 0, 4],
      [3, 2, 1],
    ]);
  });

  test('there are neither tables nor figures where no node has GPUs', () => {
    const script = new GpuScript([expected(half, 1)]);
    script.node('n', 'True', { cpu: 1000 });
    script.bind(script.pod('a', { cpu: 100 }), 'n');
    script.metric.finish(20 * SECOND);
    expect(script.metric.tables()).toEqual([]);
    expect(script.metric.figures!().size).toBe(0);
  });
});

/** A node as the naive model knows it: nothing is kept but the lists. */
interface NaiveNode {
  readonly cpu: number;
  readonly gpus: number;
  readonly model: string;
}
interface NaivePod extends Ask {
  readonly node: number;
  readonly gpus: readonly number[];
}

/** The definition of section 1.6 of the reference, word by word, over all nodes: GPUs by class. */
function naiveClasses(
  nodes: ReadonlyMap<number, NaiveNode>,
  pods: Iterable<NaivePod>,
  workload: readonly Ask[],
): Record<string, number> {
  const classes: Record<string, number> = { q1: 0, q2: 0, q3: 0, q4: 0, xl: 0, xr: 0, na: 0, given: 0, all: 0 };
  const there = [...pods];
  for (const [at, { cpu, gpus, model }] of nodes) {
    const mine = there.filter(({ node }) => node === at);
    const free = Array.from({ length: gpus }, (_, gpu) =>
      mine.filter((pod) => pod.gpus.includes(gpu)).reduce((left, { milli }) => left - milli, 1000),
    ).map((milli) => Math.max(0, milli));
    const freeCpu = mine.reduce((left, pod) => left - pod.cpu, cpu);
    const all = free.reduce((sum, milli) => sum + milli, 0);
    classes['all']! += gpus;
    classes['given']! += gpus - all / 1000;
    for (const ask of workload) {
      const add = (name: string, milli: number): void => void (classes[name]! += milli / 1000 / workload.length);
      const hasCpu = freeCpu >= ask.cpu;
      const hasGpus = free.filter((milli) => milli >= ask.milli).length >= ask.count;
      const tooSmall = free.filter((milli) => milli < ask.milli).reduce((sum, milli) => sum + milli, 0);
      if (ask.count === 0) add(hasCpu ? 'xl' : 'xr', all);
      else if (ask.models !== undefined && ask.models !== model) add('na', all);
      else if (hasGpus && hasCpu) {
        add('q2', tooSmall);
        add('q3', all - tooSmall);
      } else add(hasGpus ? 'q4' : hasCpu ? 'q2' : 'q1', all);
    }
  }
  return classes;
}

test('equals the definition over all nodes at any time, whatever comes and goes', () => {
  const ask = fc.record(
    {
      cpu: fc.nat(4).map((n) => 1000 * n),
      count: fc.nat(2),
      milli: fc.integer({ min: 1, max: 10 }).map((n) => 100 * n),
      models: fc.constantFrom('A', 'B'),
    },
    { requiredKeys: ['cpu', 'count', 'milli'] },
  );
  const node = fc.record({ cpu: fc.nat(8).map((n) => 1000 * n), gpus: fc.nat(3), model: fc.constantFrom('A', 'B') });
  const step = fc.oneof(
    fc.record({ type: fc.constant('node' as const), at: fc.nat(3), node: fc.option(node) }),
    fc.record({ type: fc.constant('bind' as const), at: fc.nat(3), ask, first: fc.nat(1) }),
    fc.record({ type: fc.constant('end' as const), pick: fc.nat(), isDeleted: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(ask, { minLength: 1, maxLength: 4 }), fc.array(step, { maxLength: 30 }), (workload, steps) => {
      // Pods that ask for no GPU differ by cpu only.
      const distinct = new Map(workload.map((each) => [JSON.stringify(each.count === 0 ? each.cpu : each), each]));
      const asks = [...distinct.values()];
      const script = new GpuScript(
        asks.map((each) => expected(each, 1)),
        SECOND,
      );
      const nodes = new Map<number, NaiveNode>();
      const pods = new Map<Pod, NaivePod>();
      const wanted: Record<string, number>[] = [];
      steps.forEach((each, second) => {
        script.at(second);
        if (each.type === 'node') {
          if (each.node !== null) {
            nodes.set(each.at, each.node);
            script.gpuNode(`n${each.at}`, each.node.cpu, each.node.gpus, each.node.model);
          } else if (nodes.delete(each.at)) script.remove('Node', script.state.get('Node', '', `n${each.at}`)!);
        } else if (each.type === 'bind') {
          const gpus = Array.from({ length: each.ask.count }, (_, at) => each.first + at);
          const pod = script.gpuPod(`p${second}`, each.ask, `n${each.at}`, gpus);
          pods.set(pod, { ...each.ask, node: each.at, gpus: each.ask.count === 0 ? [] : gpus });
        } else if (pods.size > 0) {
          const pod = [...pods.keys()][each.pick % pods.size]!;
          pods.delete(pod);
          if (each.isDeleted) script.remove('Pod', pod);
          else script.status(pod, { phase: 'Failed' });
        }
        wanted.push(naiveClasses(nodes, pods.values(), asks));
      });
      script.metric.finish(steps.length * SECOND);
      const rows = script.rows();
      // Without rows no node ever had a GPU.
      expect(rows.length > 0 || wanted.every(({ all }) => all === 0)).toBe(true);
      rows.forEach((row, second) => {
        expect(row['gpus_timeavg']).toBe(wanted[second]!['all']);
        expect(row['given_gpus_timeavg']).toBeCloseTo(wanted[second]!['given']!, 9);
        for (const name of ['q1', 'q2', 'q3', 'q4', 'xl', 'xr', 'na'])
          expect(row[`${name}_gpus_timeavg`], name).toBeCloseTo(wanted[second]![name]!, 4);
      });
    }),
  );
});
