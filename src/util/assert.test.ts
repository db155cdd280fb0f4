import { expect, test } from 'vitest';
import { assert, AssertionError, assertNever } from './assert.ts';

test('a claim that holds does nothing', () => {
  expect(() => assert(true, 'no')).not.toThrow();
});

test('a claim that does not hold stops the run with its message, as an error of its own kind', () => {
  expect(() => assert(false, 'seven nodes')).toThrow(AssertionError);
  expect(() => assert(false, 'seven nodes')).toThrow('seven nodes');
  expect(new AssertionError('x')).toMatchObject({ name: 'AssertionError', message: 'x' });
});

test('a branch that types rule out names the value that came', () => {
  expect(() => assertNever('surprise' as never)).toThrow('unreachable: surprise');
});
