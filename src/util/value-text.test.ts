import { expect, test } from 'vitest';
import { textOfValue } from './value-text.ts';

test('Maps, Sets and lists are written out, and a cycle ends', () => {
  const value: Record<string, unknown> = { map: new Map([['a', new Set([1])]]), list: ['x', undefined] };
  value['self'] = value;
  expect(textOfValue(value)).toBe('{map:Map("a"=Set(1)),list:{0:"x",1:undefined},self:known}');
});
