import { expect, test } from 'vitest';
import { makePod } from '../testing/builders.ts';
import { freePodName, podNameSuffix } from './pod-names.ts';

test('the first ten thousand pods of an owner have different names, and those of another owner others', () => {
  const names = Array.from({ length: 10_000 }, (_, ordinal) => podNameSuffix('shop/web', ordinal));
  expect(new Set(names).size).toBe(10_000);
  for (const name of names) expect(name).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(podNameSuffix('shop/web', 0)).toBe(names[0]);
  expect(podNameSuffix('shop/api', 0)).not.toBe(names[0]);
});

test('a controller that counts from 0 again passes over the names that are taken', () => {
  const first = Array.from({ length: 300 }, (_, ordinal) => `web-${podNameSuffix('shop/web', ordinal)}`);
  const taken = new Set(first.filter((_, at) => at !== 7));
  const pods = { get: (_namespace: string, name: string) => (taken.has(name) ? makePod(name) : undefined) };
  const gap = freePodName(pods, 'shop', 'web', 'shop/web', 0);
  expect(gap).toEqual({ name: first[7], next: 8 });
  expect(freePodName(pods, 'shop', 'web', 'shop/web', gap.next).next).toBe(301);
});
