import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileSelector,
  labelsKey,
  labelsOf,
  matchesLabels,
  formatSelector,
  parseSelector,
  sameLabelsBut,
  sortedLabels,
} from './labels.ts';
import type { LabelSelector, LabelSelectorRequirement } from './meta-v1.ts';
import { labelValue, noLabels } from './meta-v1.ts';

const expression = (
  key: string,
  operator: LabelSelectorRequirement['operator'],
  ...values: readonly string[]
): LabelSelector => ({ matchLabels: noLabels, matchExpressions: [{ key, operator, values }] });

describe('a selector', () => {
  test('that is absent matches nothing, an empty one everything', () => {
    expect(compileSelector(undefined)({ a: 'b' })).toBe(false);
    expect(compileSelector({ matchLabels: noLabels, matchExpressions: [] })(noLabels)).toBe(true);
  });

  test.each<[LabelSelectorRequirement['operator'], readonly string[], boolean, boolean, boolean]>([
    // operator, values, then for env=a, env=c, and no env
    ['In', ['a', 'b'], true, false, false],
    ['NotIn', ['a', 'b'], false, true, true],
    ['Exists', [], true, true, false],
    ['DoesNotExist', [], false, false, true],
  ])('%s %j', (operator, values, one, other, none) => {
    const matches = compileSelector(expression('env', operator, ...values));
    expect([matches({ env: 'a' }), matches({ env: 'c' }), matches({ app: 'a' })]).toEqual([one, other, none]);
  });

  test('needs all of its parts', () => {
    const matches = compileSelector({ ...expression('env', 'Exists'), matchLabels: { app: 'web' } });
    expect([matches({ app: 'web', env: 'x' }), matches({ app: 'web' }), matches({ env: 'x' })]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('does not take what every object inherits for labels', () => {
    expect(compileSelector(expression('constructor', 'Exists'))({})).toBe(false);
    expect(compileSelector(expression('toString', 'DoesNotExist'))({})).toBe(true);
    expect(labelValue({}, 'valueOf')).toBeUndefined();
    expect(matchesLabels({ app: 'web' }, { app: 'web', tier: 'x' })).toBe(true);
    expect(matchesLabels({ app: 'web' }, {})).toBe(false);
  });
});

describe('the text of a selector', () => {
  const labels = [{ app: 'web', env: 'prod' }, { app: 'api', env: 'dev' }, { app: 'web' }, {}];

  test.each<[string, readonly boolean[]]>([
    ['', [true, true, true, true]],
    ['app=web', [true, false, true, false]],
    ['app==web', [true, false, true, false]],
    ['app!=web', [false, true, false, true]],
    ['app', [true, true, true, false]],
    ['!env', [false, false, true, true]],
    ['env in (prod, dev)', [true, true, false, false]],
    ['env notin (prod)', [false, true, true, true]],
    ['app=web,env', [true, false, false, false]],
    [' app = web , env in (prod) ', [true, false, false, false]],
    ['app=', [false, false, false, false]],
  ])('%j', (text, expected) => {
    const parsed = parseSelector(text);
    expect(parsed.ok && labels.map(compileSelector(parsed.selector))).toEqual(expected);
  });

  test.each([
    'app in (a',
    'app in a)',
    'app within (a)',
    'in (a)',
    '=web',
    'app=web,',
    'a b',
    'app=-x',
    'cpu>5',
    '((a))',
    'UP/per/x',
  ])('%j is refused with a message', (text) => {
    const parsed = parseSelector(text);
    expect(!parsed.ok && parsed.message.length > 0).toBe(true);
  });

  test.each(['app=web', 'app=web,env in (a,b),tier notin (x)', '!old,owner', ''])(
    '%j is written as it is read',
    (text) => {
      const parsed = parseSelector(text);
      expect(parsed.ok && formatSelector(parsed.selector).replace('app in (web)', 'app=web')).toBe(text);
    },
  );

  test('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab=!,() in'), maxLength: 20 }),
        (text) => void parseSelector(text),
      ),
    );
  });
});

test('the key of labels does not depend on the order in which they were written', () => {
  const a = { tier: 'front', app: 'web' };
  expect(labelsKey(a)).toBe('app=web,tier=front');
  expect(labelsKey({ app: 'web', tier: 'front' })).toBe(labelsKey(a));
  expect(Object.keys(labelsOf(Object.entries(a)))).toEqual(['app', 'tier']);
  expect(labelsOf([])).toBe(noLabels);
  expect(sortedLabels(noLabels)).toEqual([]);
});

test('a selector answers alike however many labels it is asked about in between', () => {
  const ofWeb = compileSelector({ matchLabels: { app: 'web' }, matchExpressions: [] });
  const asked = Array.from({ length: 25 }, (_, at) => ({ app: at % 3 === 0 ? 'web' : 'db', at: String(at) }));
  for (let round = 0; round < 3; round++) {
    expect(asked.map((labels) => ofWeb(labels))).toEqual(asked.map(({ app }) => app === 'web'));
  }
});

test('labels are the same but for one key exactly when they are equal without it', () => {
  const someLabels = fc.dictionary(fc.constantFrom('a', 'b', 'hash'), fc.constantFrom('1', '2'));
  const without = (labels: Record<string, string>): string =>
    labelsKey(labelsOf(Object.entries(labels).filter(([key]) => key !== 'hash')));
  fc.assert(
    fc.property(someLabels, someLabels, (a, b) => {
      expect(sameLabelsBut('hash', a, b)).toBe(without(a) === without(b));
    }),
  );
});
