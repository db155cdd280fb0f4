import { describe, expect, test } from 'vitest';
import { hiddenBeside, readHiddenName, withoutHidden, writerName } from './hidden-names.ts';

describe('a hidden name', () => {
  test.each(['42', 'a.b-c', '0123abcd.failed.json', 'x.building-y'])('of %s is told again', (name) => {
    for (const state of ['building', 'replaced'] as const) {
      const path = hiddenBeside(`results/${name}`, state);
      expect(readHiddenName(path.slice('results/'.length))).toEqual({ name, state, writer: writerName() });
      expect(withoutHidden(`${path}/pods.csv`)).toBe(`results/${name}/pods.csv`);
    }
  });

  test('of one of several threads belongs to their process', () => {
    const path = hiddenBeside('42', 'building', 3);
    expect(path.endsWith('-3')).toBe(true);
    expect(readHiddenName(path)).toEqual({ name: '42', state: 'building', writer: writerName() });
  });

  test.each(['42', '.git', '.a.building', 'a.building-host-1'])('is not %s', (name) => {
    expect(readHiddenName(name)).toBeUndefined();
    expect(withoutHidden(`x/${name}`)).toBe(`x/${name}`);
  });
});
