import { describe, expect, test } from 'vitest';
import { float64Column, int32Column, uint8Column } from './columns.ts';
import { Interner } from './interner.ts';

describe('columns', () => {
  test('what was never set holds the initial value, in chunks that exist and in those that do not', () => {
    const column = int32Column(-1);
    expect(column.at(5000)).toBe(-1);
    column.set(5000, 7);
    expect([column.at(0), column.at(4999), column.at(5000), column.at(5001), column.at(9999)]).toEqual([
      ...[-1, -1, 7, -1, -1],
    ]);
  });

  test('values cross chunks unharmed', () => {
    const column = float64Column();
    for (let index = 0; index < 3000; index++) column.set(index, index * 1.5);
    for (let index = 0; index < 3000; index++) expect(column.at(index)).toBe(index * 1.5);
  });

  test('adding starts from the initial value', () => {
    const column = uint8Column();
    column.add(3, 2);
    column.add(3, 2);
    expect(column.at(3)).toBe(4);
  });
});

describe('interner', () => {
  test('equal texts have one index, in order of first appearance', () => {
    const interner = new Interner();
    expect(['a', 'b', 'a', ''].map((text) => interner.indexOf(text))).toEqual([0, 1, 0, 2]);
    expect([interner.textAt(1), interner.find('b'), interner.find('c'), interner.size]).toEqual(['b', 1, -1, 3]);
  });
});
