import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PodTemplateSpec } from './core-v1.ts';
import { decodeObject } from './decode/decode-object.ts';
import { canonicalText, fnv32a, hashTemplate, nameSuffix, nameSuffixCount } from './template-hash.ts';

test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('the FNV-1a hash of %j is the published one', (text, hash) => {
  expect(fnv32a(text)).toBe(hash);
});

describe('the hash of a template', () => {
  const template = (image: string, labels: object): PodTemplateSpec => {
    const spec = { containers: [{ name: 'c', image, resources: { requests: { cpu: '1', memory: '1Gi' } } }] };
    const raw = { selector: { matchLabels: { a: 'x' } }, template: { metadata: { labels }, spec } };
    const decoded = decodeObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: raw });
    if (!decoded.ok || decoded.kind !== 'Deployment') throw new Error(JSON.stringify(decoded));
    return decoded.object.spec.template;
  };

  test('does not depend on the order of keys, and does on what they say', () => {
    const hash = hashTemplate(template('i:1', { a: 'x', b: 'y' }));
    expect(hashTemplate(template('i:1', { b: 'y', a: 'x' }))).toBe(hash);
    expect(hashTemplate(template('i:2', { a: 'x', b: 'y' }))).not.toBe(hash);
    expect(hashTemplate(template('i:1', { a: 'x', b: 'y' }), 1)).not.toBe(hash);
  });

  test('is made of the letters of upstream, without vowels and look-alikes', () => {
    expect(hashTemplate(template('i:1', { a: 'x' }))).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });
});

test('canonical text sorts keys at every depth and leaves out what is undefined', () => {
  expect(
    canonicalText({
      b: [
        {
          d: 1,
          c: new Map([
            ['z', 2],
            ['a', 3],
          ]),
        },
      ],
      a: undefined,
      e: null,
    }),
  ).toBe('{"b":[{"c":{"a":3,"z":2},"d":1}],"e":null}');
});

test('the suffix of a name is five letters, different for different residues', () => {
  const number = fc.integer({ min: 0, max: nameSuffixCount - 1 });
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(nameSuffix(a)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(nameSuffix(a) === nameSuffix(b)).toBe(a === b);
      expect(nameSuffix(a + nameSuffixCount)).toBe(nameSuffix(a));
    }),
  );
});
