import { expect, test } from 'vitest';
import { semanticEqual } from './semantic-equal.ts';

const big = (): object => ({ a: [1, { b: undefined }], m: new Map([['cpu', 1]]), s: 'x', n: null });

test('equal contents are equal, whatever the order of keys', () => {
  expect(semanticEqual(big(), big())).toBe(true);
  expect(semanticEqual({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
  expect(semanticEqual(NaN, NaN)).toBe(true);
});

test.each([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], { 0: 1 }],
  [{}, []],
  [new Map([['a', 1]]), new Map([['a', 2]])],
  [new Map([['a', undefined]]), new Map([['b', undefined]])],
  [new Map(), {}],
  [{}, new Map()],
  [null, {}],
  [0, false],
  ['1', 1],
])('%j and %j differ', (a, b) => {
  expect(semanticEqual(a, b)).toBe(false);
});

test('keys that every object has are only found where they were put', () => {
  expect(semanticEqual({ constructor: 1 }, { toString: 1 })).toBe(false);
});
