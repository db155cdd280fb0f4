import { expect, test } from 'vitest';
import { deepFreeze } from './deep-freeze.ts';

test('an object is frozen to the bottom', () => {
  const value = deepFreeze({ list: [{ deep: { x: 1 } }] });
  expect(() => {
    value.list[0]!.deep.x = 2;
  }).toThrow(/read only/);
  expect(value.list[0]!.deep.x).toBe(1);
});
