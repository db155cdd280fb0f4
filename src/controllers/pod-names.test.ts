import { expect, test } from 'vitest';
import { podNameSuffix } from './pod-names.ts';

test('the first ten thousand pods of an owner have different names, and those of another owner others', () => {
  const names = Array.from({ length: 10_000 }, (_, ordinal) => podNameSuffix('shop/web', ordinal));
  expect(new Set(names).size).toBe(10_000);
  for (const name of names) expect(name).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(podNameSuffix('shop/web', 0)).toBe(names[0]);
  expect(podNameSuffix('shop/api', 0)).not.toBe(names[0]);
});
