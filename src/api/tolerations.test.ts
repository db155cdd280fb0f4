// `k8s.io/api/core/v1/toleration.go`.
import { describe, expect, test } from 'vitest';
import type { Taint, Toleration } from './core-v1.ts';
import { findUntoleratedTaint, isTaintTolerated, toleratesTaint } from './tolerations.ts';

const taint = (key: string, value: string, effect: Taint['effect'] = 'NoSchedule'): Taint => ({
  key,
  value,
  effect,
  timeAdded: undefined,
});
const toleration = (parts: Partial<Toleration>): Toleration => ({
  key: '',
  operator: 'Equal',
  value: '',
  effect: '',
  tolerationSeconds: undefined,
  ...parts,
});

describe('a toleration', () => {
  test.each<[Partial<Toleration>, Taint, boolean]>([
    [{ key: 'a', value: 'x', effect: 'NoSchedule' }, taint('a', 'x'), true],
    [{ key: 'a', value: 'x', effect: 'NoExecute' }, taint('a', 'x'), false],
    [{ key: 'a', value: 'x' }, taint('a', 'x', 'NoExecute'), true],
    [{ key: 'a', value: 'y' }, taint('a', 'x'), false],
    [{ key: 'b', value: 'x' }, taint('a', 'x'), false],
    [{ key: 'a', operator: 'Exists' }, taint('a', 'x'), true],
    [{ key: 'b', operator: 'Exists' }, taint('a', 'x'), false],
    [{ operator: 'Exists' }, taint('a', 'x', 'NoExecute'), true],
    [{ operator: 'Exists', effect: 'NoExecute' }, taint('a', 'x'), false],
    // Validation forbids it; the comparison is of values only.
    [{ value: 'x' }, taint('a', 'x'), true],
    [{ key: 'a' }, taint('a', ''), true],
  ])('%j covers %j: %s', (parts, against, covers) => {
    expect(toleratesTaint(toleration(parts), against)).toBe(covers);
  });

  test.each<[Toleration['operator'], string, string, boolean]>([
    ['Gt', '5', '6', true],
    ['Gt', '5', '5', false],
    ['Lt', '5', '4', true],
    ['Lt', '-5', '-6', true],
    ['Gt', '05', '6', false],
    ['Gt', '5', 'x', false],
    ['Gt', '', '6', false],
    ['Lt', '9223372036854775808', '1', false],
  ])('with %s %s covers the value %s only behind its gate', (operator, bound, actual, covers) => {
    const entry = toleration({ key: 'a', operator, value: bound });
    expect(toleratesTaint(entry, taint('a', actual))).toBe(false);
    expect(toleratesTaint(entry, taint('a', actual), true)).toBe(covers);
  });
});

test('the first taint of the wanted effects that nothing covers is found', () => {
  const taints = [taint('soft', '', 'PreferNoSchedule'), taint('a', 'x'), taint('b', 'x'), taint('c', '', 'NoExecute')];
  const tolerations = [toleration({ key: 'a', operator: 'Exists' })];
  expect(findUntoleratedTaint(taints, tolerations, ['NoSchedule', 'NoExecute'])).toBe(taints[2]);
  expect(findUntoleratedTaint(taints, tolerations, ['NoExecute'])).toBe(taints[3]);
  expect(
    findUntoleratedTaint(taints, [toleration({ operator: 'Exists' })], ['NoSchedule', 'NoExecute']),
  ).toBeUndefined();
  expect(isTaintTolerated(taints[1]!, [])).toBe(false);
});
