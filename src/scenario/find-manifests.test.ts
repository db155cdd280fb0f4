// Files, folders and patterns of `manifests`.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileTable } from '../testing/load-from-memory.ts';
import { loadFiles, messagesOf, scenarioText } from '../testing/load-from-memory.ts';
import { matchesName } from './path-pattern.ts';

const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;

/** Names of the namespaces that are found, in their order. */
function found(manifests: readonly string[], files: FileTable): readonly string[] {
  const spec = `workload:\n  - manifests: ${JSON.stringify(manifests)}\n`;
  const loaded = loadFiles({ 'main.yaml': scenarioText(spec), ...files });
  expect(messagesOf(loaded)).toEqual([]);
  const [timed] = loaded.scenario!.actions;
  const { action } = timed!;
  return action.verb === 'apply' ? action.objects.map(({ object }) => object.metadata.name) : [];
}

function codes(manifests: string, files: FileTable, options = {}): readonly string[] {
  const spec = `workload:\n  - manifests: ["${manifests}"]\n`;
  return loadFiles({ 'main.yaml': scenarioText(spec), ...files }, options).errors.map(({ code }) => code);
}

const tree: FileTable = {
  'apps/b.yaml': namespace('b'),
  'apps/a.yml': namespace('a'),
  'apps/readme.md': '# not a manifest\n',
  'apps/.hidden.yaml': namespace('hidden'),
  'apps/deep/c.json': '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"c"}}',
  'apps/deep/er/d.yaml': namespace('d'),
};

describe('manifests', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['apps/b.yaml'], ['b']],
    [['./apps/../apps/b.yaml'], ['b']],
    [['apps'], ['a', 'b', 'c', 'd']],
    [['apps/*.yaml'], ['b']],
    [['apps/*'], ['a', 'b']],
    [['apps/?.y*ml'], ['a', 'b']],
    [['apps/**'], ['a', 'b', 'c', 'd']],
    [['apps/**/*.yaml'], ['b', 'd']],
    [['**/d.yaml'], ['d']],
    [['*/deep/*.json'], ['c']],
    [
      ['apps/deep/**', 'apps/b.yaml'],
      ['c', 'd', 'b'],
    ],
    // Each file once, however it is met.
    [['apps/b.yaml', 'apps/*.yaml', '**/b.yaml', '/s/apps/b.yaml'], ['b']],
  ])('%j', (manifests, names) => {
    expect(found(manifests, tree)).toEqual(names);
  });

  test('a pattern passes over the scenario itself and over kustomizations', () => {
    const files = { 'a.yaml': namespace('a'), 'kustomization.yaml': 'resources: [a.yaml]\n' };
    expect(found(['*.yaml'], files)).toEqual(['a']);
    expect(codes('kustomization.yaml', files)).toEqual(['E029', 'E029']);
  });

  test('many double stars visit no folder twice', () => {
    expect(found([`${'**/'.repeat(12)}d.yaml`], tree)).toEqual(['d']);
  });

  test('links below the folder are followed, links out of it are not', () => {
    const files: FileTable = { 'real/a.yaml': namespace('a'), linked: { link: 'real' }, out: { link: '/elsewhere' } };
    const outside = { ...files, '/elsewhere/x.yaml': namespace('x') };
    expect(found(['linked/*.yaml'], files)).toEqual(['a']);
    expect(codes('out/*.yaml', outside)).toEqual(['E002']);
    expect(codes('out/x.yaml', outside)).toEqual(['E002']);
    expect(codes('out', outside)).toEqual(['E002']);
    expect(codes('**/x.yaml', outside)).toEqual(['E002']);
    expect(codes('out/x.yaml', outside, { allowOutside: true })).toEqual([]);
  });

  test('what lies outside is not even told to exist or not', () => {
    expect(codes('../../etc/passwd', {})).toEqual(['E002']);
    expect(codes('/etc/passwd', {})).toEqual(['E002']);
    expect(codes('../nothing/*.yaml', {})).toEqual(['E002']);
  });

  test('loops of folders and of links end', () => {
    const loop: FileTable = { 'a/b/x.yaml': namespace('x'), 'a/b/up': { link: '../../a' }, self: { link: 'self' } };
    expect(codes('a/**', loop)).toEqual(['E004']);
    expect(codes('**/y.yaml', loop)).toEqual(['E004']);
    expect(codes('self', loop)).toEqual(['E004']);
  });

  test('a folder without manifests is a mistake, and so is a folder in place of a file', () => {
    expect(codes('docs', { 'docs/readme.md': '' })).toEqual(['E036']);
    expect(codes('apps/b.yaml', { 'apps/b.yaml/x': '' })).toEqual(['E036']);
  });
});

test('a pattern of a name says the same as the regular expression', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(word, name, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesName(pattern, text)).toBe(expression.test(text));
    }),
  );
});
