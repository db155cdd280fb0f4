import { expect, test } from 'vitest';
import { CopiedFiles } from './copied-files.ts';
import { PluginModuleError, PluginModules } from './plugin-modules.ts';

function modulesOf(files: Record<string, string>, known: [string, object][] = []): PluginModules {
  const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  return new PluginModules(new CopiedFiles(bytes), new Map(known), (path) =>
    path.startsWith('/s/') ? undefined : "it lies outside the scenario's folder",
  );
}

function errorOf(modules: PluginModules, path: string): PluginModuleError {
  try {
    modules.load(path);
  } catch (error) {
    if (error instanceof PluginModuleError) return error;
  }
  throw new Error('it did not throw a PluginModuleError');
}

test('types are stripped, and a module sees what is handed to it by name', () => {
  const text = `
    import { definePlugin, type Plugin } from 'kube-orrery/plugin';
    const weight: number = 3;
    export const mine = definePlugin({ name: 'Mine', weight } satisfies { name: string; weight: number });
    export default mine;`;
  const modules = modulesOf({ '/s/p.ts': text }, [['kube-orrery/plugin', { definePlugin: (value: unknown) => value }]]);
  const exported = modules.load('/s/p.ts');
  expect(exported['mine']).toEqual({ name: 'Mine', weight: 3 });
  expect(exported['default']).toBe(exported['mine']);
});

test('relative imports are found with .ts, with the .js of the compiled file, and without an ending', () => {
  const modules = modulesOf({
    '/s/p.ts': `export { a } from './lib/a.js'; export { b } from './lib/b'; export { c } from './lib/c.ts';`,
    '/s/lib/a.ts': 'export const a = 1;',
    '/s/lib/b.ts': 'export const b: number = 2;',
    '/s/lib/c.ts': 'export const c = 3;',
  });
  const { a, b, c } = modules.load('/s/p.ts');
  expect([a, b, c]).toEqual([1, 2, 3]);
  expect(modules.files.map(({ path }) => path)).toEqual(['/s/p.ts', '/s/lib/a.ts', '/s/lib/b.ts', '/s/lib/c.ts']);
});

test('each load starts with fresh modules, so that no state of one run reaches the next', () => {
  const files = { '/s/p.ts': 'let calls = 0; export const next = () => ++calls;' };
  const next = (modules: PluginModules): unknown => (modules.load('/s/p.ts')['next'] as () => unknown)();
  expect(next(modulesOf(files))).toBe(1);
  expect(next(modulesOf(files))).toBe(1);
});

test('a syntax error names its line', () => {
  const error = errorOf(modulesOf({ '/s/p.ts': 'export const a = 1;\nexport const = 2;\n' }), '/s/p.ts');
  expect([error.path, error.line]).toEqual(['/s/p.ts', 2]);
});

test('a name that a module does not export is told, with the nearest one', () => {
  const known: [string, object][] = [['kube-orrery/plugin', { definePlugin: (value: unknown) => value }]];
  const text = `import { definePlugn } from 'kube-orrery/plugin';\nexport const mine = definePlugn({});\n`;
  expect(errorOf(modulesOf({ '/s/p.ts': text }, known), '/s/p.ts').message).toBe(
    '"kube-orrery/plugin" exports no "definePlugn"; did you mean "definePlugin"?',
  );
});

test('an error that the module throws names its line', () => {
  const error = errorOf(modulesOf({ '/s/p.ts': 'type X = number;\n\nthrow new Error("not today");\n' }), '/s/p.ts');
  expect(error.message).toBe('the module throws: not today');
  expect(error.line).toBe(3);
});

test.each([
  [`import './gone.ts';`, 'cannot import "./gone.ts": there is no such file'],
  [`import '../o/secret.ts';`, `it lies outside the scenario's folder`],
  [`import { x } from 'no-such-package-at-all'; export const y = x;`, 'cannot import "no-such-package-at-all"'],
])('%s is refused', (text, message) => {
  const modules = modulesOf({ '/s/p.ts': text, '/o/secret.ts': 'export const secret = 1;' });
  expect(errorOf(modules, '/s/p.ts').message).toContain(message);
});
