import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { loadFiles, messagesOf } from '../../testing/load-from-memory.ts';
import type { FileTable } from '../../testing/load-from-memory.ts';

const nodes = 'sn,cpu_milli,memory_mib,gpu,model\nn-0,4000,8192,2,T4\nn-1,4000,8192,1,G3\n';
const header = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n';
const pods = `${header}a,1000,1024,1,500,T4|G3\nb,1000,0,0,0,\n`;

function main(more = '', trace = ''): string {
  return `apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: test }
spec:
  workload:
    - trace: { format: alibaba-openb, nodes: nodes.csv, pods: pods.csv${trace} }
${more}`;
}

function load(files: FileTable = {}, text = main()) {
  return loadFiles({ 'main.yaml': text, 'nodes.csv': nodes, 'pods.csv': pods, ...files });
}

describe('a trace in a scenario', () => {
  test('is read with its files, which the results record', () => {
    const { scenario, errors } = load({}, main('', ', order: { tuneRatio: 1.3 }'));
    expect(errors).toEqual([]);
    expect(scenario!.trace).toMatchObject({ replay: 'inOrder', order: { shuffle: true, tuneRatio: 1.3 } });
    expect(scenario!.trace!.nodes.map(({ name }) => name)).toEqual(['n-0', 'n-1']);
    expect(scenario!.trace!.pods.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(scenario!.horizon).toBe(0);
    expect(scenario!.inputs.map(({ path }) => path)).toEqual(['main.yaml', 'nodes.csv', 'pods.csv']);
  });

  test('may be compressed', () => {
    const { scenario } = load({ 'pods.csv': new Uint8Array(gzipSync(pods)) });
    expect(scenario!.trace!.pods).toHaveLength(2);
  });

  test('is not tuned unless that is asked for', () => {
    expect(load().scenario!.trace!.order.tuneRatio).toBeUndefined();
  });
});

describe('what is wrong with a trace is told once, with file and line:', () => {
  const row = 'error E046:';
  test.each([
    ['a ragged row', { 'pods.csv': `${pods}c,1\n` }, `pods.csv:4:4 ${row} 2 cells, and the first line has 6 columns`],
    [
      'a negative demand',
      { 'pods.csv': `${pods}c,-1,0,0,0,\n` },
      `pods.csv:4:3 ${row} cpu_milli "-1" is negative; write a whole number from 0`,
    ],
    [
      'an unknown model',
      { 'pods.csv': `${pods}c,1,0,1,100,A100\n` },
      `pods.csv:4:13 ${row} no node has a GPU of the model "A100"; they have G3, T4`,
    ],
    [
      'a model with a letter too many',
      { 'pods.csv': `${pods}c,1,0,1,100,G3|T44\n` },
      `pods.csv:4:13 ${row} no node has a GPU of the model "T44"; did you mean "T4"?`,
    ],
    [
      'a name twice',
      { 'pods.csv': `${pods}a,1,0,0,0,\n` },
      `pods.csv:4:1 ${row} the name "a" stands in line 2 already`,
    ],
    [
      'a node twice',
      { 'nodes.csv': `${nodes}n-1,1,1,0,\n` },
      `nodes.csv:4:1 ${row} the name "n-1" stands in line 3 already`,
    ],
    [
      'no rows',
      { 'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\n' },
      `nodes.csv:1:1 ${row} there is no row below the first line`,
    ],
    [
      'another table',
      { 'nodes.csv': 'name,cpu\nx,1\n' },
      `nodes.csv:1:1 ${row} the first line names no column sn, cpu_milli, memory_mib, gpu, model; it has "name", "cpu"`,
    ],
    [
      'nodes on which nothing fits',
      { 'pods.csv': `${header}a,9000,0,0,0,\nb,1000,0,4,1000,\n` },
      'main.yaml:6:46 error E013: spec.workload[0].trace.nodes: none of the 2 pods fits on any of the 2 nodes, not even on an empty one',
    ],
    [
      'a file that is not there',
      { 'main.yaml': main().replace('pods.csv', 'pots.csv') },
      'main.yaml:6:63 error E001: spec.workload[0].trace.pods: there is no file "pots.csv"; did you mean "pods.csv"?',
    ],
    [
      'a broken gzip file',
      { 'pods.csv': new Uint8Array(gzipSync(pods).subarray(0, 20)) },
      'main.yaml:6:63 error E005: spec.workload[0].trace.pods: "pods.csv" cannot be read: it is not a whole gzip file',
    ],
    [
      'parts that need a clock',
      { 'main.yaml': main('  faults: []\n') },
      'main.yaml:7:3 error E027: spec.faults: "faults" has no part in a trace that is replayed in order, without a clock',
    ],
    [
      'an end that no clock reaches',
      { 'main.yaml': main('  horizon: 1h\n') },
      'main.yaml:7:3 error E027: spec.horizon: "horizon" has no part in a trace that is replayed in order, without a clock',
    ],
    [
      'a seed that is no number',
      { 'main.yaml': main('  seed: abc\n') },
      'main.yaml:7:9 error E013: spec.seed: the seed "abc" puts no trace in order; write a whole number',
    ],
    [
      'an unknown format',
      { 'main.yaml': main().replace('alibaba-openb', 'alibaba-open') },
      'main.yaml:6:24 error E015: spec.workload[0].trace.format: "alibaba-open" is none of the choices; did you mean "alibaba-openb"?',
    ],
    [
      'a share to be tuned that nobody asks for',
      { 'main.yaml': main('', ', order: { tuneRatio: 1 }'), 'pods.csv': `${header}a,1,0,0,0,\n` },
      'main.yaml:6:93 error E027: spec.workload[0].trace.order.tuneRatio: no pod of the trace asks for devices, so that their share cannot be tuned',
    ],
  ] as const)('%s', (_, files, message) => {
    const loaded = load(files);
    expect(messagesOf(loaded)).toEqual([message]);
    expect(loaded.scenario).toBeUndefined();
  });

  test('after ten lines of a file the others are counted', () => {
    const loaded = load({ 'pods.csv': pods + Array.from({ length: 40 }, () => 'x\n').join('') });
    const messages = messagesOf(loaded);
    expect(messages).toHaveLength(11);
    expect(messages.at(-1)).toBe('pods.csv:1:1 error E046: 30 more rows of this file cannot be used');
  });
});
