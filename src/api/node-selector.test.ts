// `component-helpers/scheduling/corev1/nodeaffinity`: the rules as the reference text has them.
import { describe, expect, test } from 'vitest';
import type { NodeSelectorRequirement, NodeSelectorTerm } from './core-v1.ts';
import { decodeObject } from './decode/decode-object.ts';
import {
  compileRequiredNodeAffinity,
  compileTopologyTerms,
  matchesNodeSelectorTerms,
  matchesRequiredNodeAffinity,
  nodeSelectorTermProblem,
} from './node-selector.ts';

function object<K extends 'Node' | 'Pod'>(kind: K, raw: object) {
  const decoded = decodeObject({ apiVersion: 'v1', kind, ...raw });
  if (!decoded.ok || decoded.kind !== kind) throw new Error('not decoded');
  return decoded.object as Extract<typeof decoded, { kind: K }>['object'];
}

const node = object('Node', { metadata: { name: 'n1', labels: { zone: 'a', cores: '16', odd: '08', text: 'x' } } });
const requirement = (key: string, operator: string, ...values: readonly string[]): NodeSelectorRequirement => ({
  key,
  operator: operator as NodeSelectorRequirement['operator'],
  values,
});
const term = (
  matchExpressions: readonly NodeSelectorRequirement[],
  matchFields: readonly NodeSelectorRequirement[] = [],
): NodeSelectorTerm => ({ matchExpressions, matchFields });

describe('an expression', () => {
  test.each<[NodeSelectorRequirement, boolean]>([
    [requirement('zone', 'In', 'a', 'b'), true],
    [requirement('zone', 'In', 'b'), false],
    [requirement('none', 'In', 'a'), false],
    [requirement('zone', 'NotIn', 'b'), true],
    [requirement('zone', 'NotIn', 'a'), false],
    [requirement('none', 'NotIn', 'a'), true],
    [requirement('zone', 'Exists'), true],
    [requirement('none', 'Exists'), false],
    [requirement('none', 'DoesNotExist'), true],
    [requirement('zone', 'DoesNotExist'), false],
    [requirement('cores', 'Gt', '15'), true],
    [requirement('cores', 'Gt', '16'), false],
    [requirement('cores', 'Lt', '17'), true],
    // Go reads a leading zero as decimal.
    [requirement('odd', 'Lt', '9'), true],
    [requirement('text', 'Gt', '1'), false],
    [requirement('none', 'Lt', '1'), false],
  ])('%j matches: %s', (entry, matches) => {
    expect(matchesNodeSelectorTerms(node, [term([entry])])).toBe(matches);
  });

  test.each<[NodeSelectorRequirement]>([
    [requirement('zone', 'In')],
    [requirement('zone', 'Exists', 'a')],
    [requirement('cores', 'Gt')],
    [requirement('cores', 'Gt', '1', '2')],
    [requirement('cores', 'Gt', '1.5')],
    // An integer, but no legal value of a label.
    [requirement('cores', 'Gt', '-1')],
    [requirement('no key', 'Exists')],
  ])('%j cannot be parsed, so its term matches nothing', (entry) => {
    expect(nodeSelectorTermProblem(term([entry]))).toBeDefined();
    expect(matchesNodeSelectorTerms(node, [term([entry])])).toBe(false);
    // The other terms still count.
    expect(matchesNodeSelectorTerms(node, [term([entry]), term([requirement('zone', 'Exists')])])).toBe(true);
  });
});

describe('terms', () => {
  test('are alternatives; within one everything must hold; an empty one matches nothing', () => {
    const zoneA = requirement('zone', 'In', 'a');
    const zoneB = requirement('zone', 'In', 'b');
    expect(matchesNodeSelectorTerms(node, [term([zoneB]), term([zoneA])])).toBe(true);
    expect(matchesNodeSelectorTerms(node, [term([zoneA, zoneB])])).toBe(false);
    expect(matchesNodeSelectorTerms(node, [term([])])).toBe(false);
    expect(matchesNodeSelectorTerms(node, [])).toBe(false);
  });

  test('may name the node itself, one value at a time', () => {
    const field = (operator: string, ...values: readonly string[]): boolean =>
      matchesNodeSelectorTerms(node, [term([], [requirement('metadata.name', operator, ...values)])]);
    expect([field('In', 'n1'), field('In', 'n2'), field('NotIn', 'n2')]).toEqual([true, false, true]);
    expect([field('In', 'n1', 'n2'), field('Exists')]).toEqual([false, false]);
    expect(matchesNodeSelectorTerms(node, [term([], [requirement('metadata.uid', 'In', 'x')])])).toBe(false);
  });
});

test('nodeSelector and required affinity hold together', () => {
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
      },
    },
  };
  const spec = (more: object) =>
    object('Pod', { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } }).spec;
  for (const [more, expected] of [
    [{}, true],
    [{ affinity, nodeSelector: { text: 'x' } }, true],
    [{ affinity, nodeSelector: { text: 'y' } }, false],
    [{ nodeSelector: { zone: 'b' } }, false],
  ] as const) {
    expect(matchesRequiredNodeAffinity(node, spec(more))).toBe(expected);
    expect(compileRequiredNodeAffinity(spec(more))?.(node) ?? true).toBe(expected);
  }
  expect(compileRequiredNodeAffinity(spec({}))).toBeUndefined();
});

describe('terms of a volume', () => {
  const matches = (...terms: readonly NodeSelectorTerm[]): boolean => compileTopologyTerms(terms)(node.metadata.labels);

  test('are matched by labels alone: all expressions of one term', () => {
    const [here, there] = [requirement('zone', 'In', 'a'), requirement('text', 'In', 'y')];
    expect(matches(term([here, there]))).toBe(false);
    expect(matches(term([here, there]), term([here]))).toBe(true);
    expect(matches()).toBe(false);
    expect(matches(term([]))).toBe(false);
  });

  test('pass over fields, which volumes cannot know', () => {
    const name = requirement('metadata.name', 'In', 'another');
    expect(matches(term([requirement('zone', 'In', 'a')], [name]))).toBe(true);
    expect(matches(term([], [name]))).toBe(true);
    // A term that cannot be read matches nothing all the same.
    expect(matches(term([requirement('cores', 'Gt', 'many')]))).toBe(false);
  });
});
