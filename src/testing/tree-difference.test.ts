import { expect, test } from 'vitest';
import { differences } from './tree-difference.ts';

test('missing, new and changed files are named in order, equal ones are not', () => {
  const expected = new Map([
    ['pods.csv', '1'],
    ['nodes.csv', '2'],
    ['same.csv', '3'],
  ]);
  const actual = new Map([
    ['same.csv', '3'],
    ['pods.csv', '9'],
    ['extra.csv', '4'],
  ]);
  expect(differences(expected, actual)).toEqual(['extra.csv is new', 'nodes.csv is missing', 'pods.csv differs']);
});

test('the order of files does not matter', () => {
  const one = new Map([
    ['a', '1'],
    ['b', '2'],
  ]);
  const other = new Map([
    ['b', '2'],
    ['a', '1'],
  ]);
  expect(differences(one, other)).toEqual([]);
});
