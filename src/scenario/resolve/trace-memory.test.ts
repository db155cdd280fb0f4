import { describe, expect, test } from 'vitest';
import { loadFiles, messagesOf } from '../../testing/load-from-memory.ts';
import { TraceMemory } from './trace-memory.ts';

const nodes = 'sn,cpu_milli,memory_mib,gpu,model\nn-0,4000,8192,2,T4\n';
const pods = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\na,1000,1024,1,500,T4\n';
const text = `apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: test }
spec:
  workload:
    - trace: { format: alibaba-openb, nodes: nodes.csv, pods: pods.csv }
`;

describe('traces of scenarios that are loaded one after the other', () => {
  const traces = new TraceMemory();
  const load = (files: { readonly nodes?: string; readonly pods?: string } = {}) =>
    loadFiles({ 'main.yaml': text, 'nodes.csv': files.nodes ?? nodes, 'pods.csv': files.pods ?? pods }, { traces });

  test('are read once, and are inputs of each of them', () => {
    const [first, second] = [load().scenario!, load().scenario!];
    expect(second.trace!.pods).toBe(first.trace!.pods);
    expect(second.trace!.nodes).toBe(first.trace!.nodes);
    expect(second.inputs.map(({ path }) => path)).toEqual(['main.yaml', 'nodes.csv', 'pods.csv']);
  });

  test('are read anew where a text has changed', () => {
    expect(load({ pods: `${pods}b,1,0,0,0,\n` }).scenario!.trace!.pods).toHaveLength(2);
    expect(load().scenario!.trace!.pods).toHaveLength(1);
  });

  test('are judged by the nodes at hand', () => {
    const message = 'no node has a GPU of the model "T4"';
    const others = nodes.replace('T4', 'G3');
    for (let time = 0; time < 2; time++) expect(messagesOf(load({ nodes: others })).join('\n')).toContain(message);
    expect(load().errors).toEqual([]);
  });

  test('have their mistakes told each time', () => {
    const told = [1, 2].map(() => messagesOf(load({ pods: `${pods}c,1\n` })));
    expect(told[0]).toHaveLength(1);
    expect(told[1]).toEqual(told[0]);
  });
});

test('a memory forgets what was not asked for longest', () => {
  const memory = new TraceMemory();
  const read: string[] = [];
  const ask = (name: string): readonly string[] | undefined =>
    memory.rows('rows', name, () => (read.push(name), [name]));
  for (const name of ['a', 'b', 'c', 'd', 'a', 'e', 'a', 'b']) expect(ask(name)).toEqual([name]);
  expect(read).toEqual(['a', 'b', 'c', 'd', 'e', 'b']);
  expect(memory.rows('other rows', 'a', () => ['x'])).toEqual(['x']);
});
