import { expect, test } from 'vitest';
import { differingFields, differingLine } from './field-difference.ts';

test('equal values have no differing fields', () => {
  expect(differingFields({ a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] })).toEqual([]);
});

test('changed, missing and added fields are named by their path', () => {
  const a = { spec: { horizon: '20m', faults: [{ nodeCrash: { at: '5m' } }], seed: '1' } };
  const b = { spec: { horizon: '2h', faults: [{ nodeCrash: { at: '5m' } }, { zoneOutage: {} }] } };
  expect(differingFields(a, b)).toEqual([
    'spec.horizon: "20m" and "2h"',
    'spec.faults[1]: nothing and {"zoneOutage":{}}',
    'spec.seed: "1" and nothing',
  ]);
});

test('the first line that differs is shown', () => {
  expect(differingLine('a\n  b: 1\nc', 'a\n  b: 2\nc')).toBe('line 2: "b: 1" and "b: 2"');
  expect(differingLine('a', 'a\nb')).toBe('line 2: nothing and "b"');
});
