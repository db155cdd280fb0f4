import { expect, test } from 'vitest';
import { CommandError } from './command-error.ts';
import { readOptions } from './command-options.ts';

const options = { seeds: { type: 'string' }, json: { type: 'boolean', default: false } } as const;

test('options have their values, and what is none is a word of its own', () => {
  const { values, positionals } = readOptions(['scheduler', '--seeds', '42-46'], options);
  expect({ values: { ...values }, positionals }).toEqual({
    values: { seeds: '42-46', json: false },
    positionals: ['scheduler'],
  });
});

test.each([
  [['--seed', '42'], 'unknown option --seed; did you mean --seeds?'],
  [['--tracks', 'a'], 'unknown option --tracks; there are --seeds, --json'],
  [['--seeds', '1', '--seeds=2'], '--seeds is given twice'],
  [['--seeds'], 'argument missing'],
])('%j is refused in one line', (args, message) => {
  expect(() => readOptions(args, options)).toThrow(CommandError);
  expect(() => readOptions(args, options)).toThrow(message);
});
