import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { pendingStatus, skip, unschedulable } from '../framework/status.ts';
import { drawWorld } from './drawn-world.ts';
import { pluginConformance } from './plugin-conformance.ts';

const problemsOf = (make: (handle: Handle) => Omit<Plugin, 'name'>, name = 'Odd'): readonly string[] =>
  pluginConformance(definePlugin({ name: 'Odd', create: (_args, handle) => ({ name, ...make(handle) }) }), {
    worlds: 20,
  });

const full = unschedulable('full');

/** Counts the pods of the cluster by itself: at most twelve. */
interface Count {
  pods: number;
  clone(): Count;
}
const key = cycleStateKey<Count>('count');
const counting = (clone: (count: Count) => Count, removed: number): Omit<Plugin, 'name'> => ({
  preFilter(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[]) {
    const pods = nodes.reduce((sum, { podCount }) => sum + podCount, 0);
    const count: Count = { pods, clone: () => clone(count) };
    state.write(key, count);
    return undefined;
  },
  filter: (state: CycleState) => (state.read(key)!.pods >= 4 ? full : undefined),
  addPod(state: CycleState) {
    state.read(key)!.pods++;
    return undefined;
  },
  removePod(state: CycleState) {
    state.read(key)!.pods -= removed;
    return undefined;
  },
});
const copied = (count: Count): Count => ({ pods: count.pods, clone: () => copied(count) });

describe('a plugin conforms', () => {
  it('that scores by a label, draws random numbers of its own stream, or keeps account in its state', () => {
    expect(problemsOf(() => ({ score: (_s: CycleState, _p: Pod, node: NodeInfo) => node.podCount % 100 }))).toEqual([]);
    expect(problemsOf((handle) => ({ score: () => handle.random('mine').below(101) }))).toEqual([]);
    expect(problemsOf(() => counting(copied, 1))).toEqual([]);
  });

  it('that brings scores into range by normalizing', () => {
    const normalizeScore = (_s: CycleState, _p: Pod, scores: Float64Array) => void scores.fill(100);
    expect(problemsOf(() => ({ score: () => 1e9, normalizeScore }))).toEqual([]);
  });
});

describe('the kit finds', () => {
  it.each([
    [
      'a score between integers',
      { score: () => 0.5 },
      /^score: 0\.5 for n\d is no integer from 0 to 100 \(cluster 0, \d+ times/,
    ],
    ['a score that is too great', { score: () => 101 }, /^score: 101/],
    ['no number', { score: () => NaN }, /^score: NaN/],
    [
      'a score that normalizing leaves too great',
      { score: () => 1, normalizeScore: (_s: CycleState, _p: Pod, scores: Float64Array) => void scores.fill(200) },
      /^score after normalizeScore: 200/,
    ],
    [
      'two ways of scoring that differ',
      { score: () => 1, scoreNodes: () => undefined },
      /^scoreNodes and score differ/,
    ],
    [
      'a filter that refuses after Skip',
      { preFilter: () => skip, filter: () => full },
      /^PreFilter says Skip, which means that every node passes, and Filter refuses n0/,
    ],
    ['a refusal without a reason', { filter: () => unschedulable() }, /^Filter refuses n0 without a reason/],
    ['a code that Filter does not have', { filter: () => pendingStatus('soon') }, /^Filter must not answer Pending/],
    ['a pod that removePod forgets', counting(copied, 0), /addPod and removePod of one pod do not cancel out/],
    ['a clone that shares', counting((count) => count, 1), /clone\(\) shares something/],
    [
      'a label that is written',
      { score: (_s: CycleState, pod: Pod) => ((pod.metadata.labels as Record<string, string>)['app'] = 'x').length },
      /^the plugin throws: .*must not be changed/,
    ],
    [
      'an account that is written',
      { filter: (_s: CycleState, _p: Pod, node: NodeInfo) => void node.requestedScalars.set('x', 1) },
      /^the plugin changes the pod, a node or its account/,
    ],
    [
      'a bug',
      { filter: (_s: CycleState, _p: Pod, node: NodeInfo) => (node.pods[0] as PodInfo).pod && undefined },
      /^the plugin throws: .*undefined/,
    ],
    [
      'events without an action',
      { eventsToRegister: () => [{ event: { resource: 'Node', actions: 0 } }] },
      /without any action/,
    ],
  ] as [string, Omit<Plugin, 'name'>, RegExp][])('%s', (_what, plugin, expected) => {
    expect(problemsOf(() => plugin).join('\n')).toMatch(expected);
  });

  it('answers that hang on what was asked before', () => {
    let calls = 0;
    expect(problemsOf(() => ({ score: () => calls++ % 100 })).join()).toContain('keeps something outside');
    const perPlugin = (): Omit<Plugin, 'name'> => {
      let own = 0;
      return { score: () => own++ % 100 };
    };
    expect(problemsOf(perPlugin).join()).toContain('keeps something between cycles');
  });

  it('a plugin that is not named as its definition', () => {
    expect(problemsOf(() => ({ score: () => 1 }), 'Even')[0]).toContain(
      'is named "Odd", the plugin that it creates "Even"',
    );
  });

  it('args that the plugin refuses', () => {
    const picky = definePlugin<{ max: number }>({
      name: 'Picky',
      defaultArgs: { max: 1 },
      readArgs: (given) => given as { max: number },
      validateArgs: ({ max }) => (max > 9 ? [{ path: ['max'], message: 'is too great' }] : []),
      create: () => ({ name: 'Picky', score: () => 1 }),
    });
    expect(pluginConformance(picky, { args: { max: 5 } })).toEqual([]);
    expect(pluginConformance(picky, { args: { max: 10 } })[0]).toContain('is too great');
  });
});

describe('drawn clusters', () => {
  it('are the same for the same number, and others for others', () => {
    expect(drawWorld(3)).toEqual(drawWorld(3));
    expect(drawWorld(3)).not.toEqual(drawWorld(4));
  });

  it('hold what plugins look at', () => {
    const text = JSON.stringify(Array.from({ length: 100 }, (_, number) => drawWorld(number)));
    for (const word of ['NoExecute', 'hostPort', 'podAntiAffinity', 'topologySpreadConstraints', 'nodeSelectorTerms'])
      expect(text).toContain(word);
  });
});
