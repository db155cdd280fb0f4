// Plants each fault the lint rules know in a file that exists only in memory, and expects exactly that complaint.
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import { mayUseNodeBuiltins } from './testing/tidy-layers.ts';

/** The configuration of the repository, without the rules that need the type checker. */
const eslint = new ESLint({
  cwd: join(import.meta.dirname, '..'),
  overrideConfig: { ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] },
});

async function complaints(code: string, filePath = 'src/engine/planted.ts'): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath, warnIgnored: true });
  return result!.messages.map((message) => message.ruleId ?? message.message);
}

/** What each rule must catch, each sample alone in a file of src/engine/. */
const planted: Record<string, string[]> = {
  'no-math-random': ['export const x = Math.random();', "export const x = Math['random']();"],
  'no-math-pow': ['export const x = Math.pow(2, 3);'],
  'no-unstable-math': [
    'export const x = Math.sin(1);',
    'const { floor } = Math;\nexport const x = floor(1);',
    "const name = 'floor';\nexport const x = Math[name](1);",
  ],
  'no-exponent-operator': ['export const x = 2 ** 3;', 'let y = 2;\ny **= 3;\nexport const x = y;'],
  'no-wall-clock': ['export const x = Date.now();', 'export const x = new Date();', 'export const x = Date();'],
  'no-date-parse': ["export const x = Date.parse('2024-03-10');"],
  'no-local-date': [
    'export const x = new Date(2024, 2, 10);',
    'export const f = (at: Date) => at.getHours();',
    'export const f = (at: Date) => at.getTimezoneOffset();',
  ],
  'no-performance': ['export const x = performance.now();'],
  'no-process': ['export const x = process.argv;', 'export const f = () => process.exit(1);'],
  'no-timers': [
    'setTimeout(() => {}, 1);',
    'setInterval(() => {}, 1);',
    'setImmediate(() => {});',
    'queueMicrotask(() => {});',
  ],
  'no-promise-race': ['export const x = Promise.race([]);', 'export const x = Promise.any([]);'],
  'no-locale': [
    "export const x = 'a'.localeCompare('b');",
    'export const x = (1).toLocaleString();',
    "export const x = 'a'.toLocaleUpperCase();",
    'export const x = new Intl.NumberFormat();',
  ],
  'no-for-in': ['for (const key in { a: 1 }) String(key);'],
  'no-bare-sort': ['export const x = [3, 1].sort();', 'export const x = [3, 1].toSorted();'],
  'no-object-keys': [
    'export const x = Object.keys({});',
    'export const x = Object.values({});',
    'export const x = Object.entries({});',
    'export const x = Reflect.ownKeys({});',
  ],
  'no-metadata-spread': [
    'export const f = (pod: { metadata: object }) => ({ ...pod.metadata, labels: {} });',
    'export const f = (metadata: object) => ({ ...metadata, labels: {} });',
    "export const f = (pod: { status: object }) => ({ ...pod.status, phase: 'Failed' });",
  ],
  'no-weak-references': ['export const x = new WeakRef({});', 'export const x = new FinalizationRegistry(() => {});'],
  'no-node-builtins': [
    "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;",
    "import { cpus } from 'os';\nexport const x = cpus;",
    "export * from 'node:path';",
    "export { readFile } from 'fs/promises';",
    "export const x = import('node:crypto');",
  ],
  'no-global-this': ['export const x = globalThis;'],
  'no-console': ["console.log('x');"],
  'no-to-fixed': ['export const x = (1.5).toFixed(1);', 'export const x = (1.5).toPrecision(1);'],
  'no-default-export': ['export default 1;', 'const x = 1;\nexport { x as default };'],
};

/** Code that is near to each fault, and right. */
const clean = `
export const sqrt = Math.sqrt(Math.exp(2 * Math.log(3))) * Math.PI;
export const instant = new Date(0).toISOString();
export const hours = (at: Date) => at.getUTCHours();
export const sorted = [3, 1].sort((a, b) => a - b);
export function resolve(process: { name: string }, performance: number): string {
  return process.name + String(performance);
}
export function keys<T>(objects: Map<string, T>): string[] {
  const found: string[] = [];
  for (const key of objects.keys()) found.push(key);
  return found;
}
export const ready = (node: { status: object }) => ({ ...node.status, conditions: [] });
export const all = Promise.all([]);
export const built = Object.fromEntries([['a', 1]]);
`;

// The first call loads the parser and the rules, which takes seconds on a cold machine.
beforeAll(() => complaints('export {};'));

describe('the determinism rules', () => {
  for (const [rule, samples] of Object.entries(planted)) {
    test.each(samples)(`${rule} catches %j`, async (code) => {
      expect(await complaints(code)).toEqual([`determinism/${rule}`]);
    });
  }

  test('every rule has a planted fault', async () => {
    const config = (await eslint.calculateConfigForFile('src/engine/planted.ts')) as { rules: Record<string, unknown> };
    const rules = Object.keys(config.rules).filter((rule) => rule.startsWith('determinism/'));
    expect(rules.sort((a, b) => (a < b ? -1 : 1))).toEqual(
      Object.keys(planted)
        .map((rule) => `determinism/${rule}`)
        .sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  test('a message says what to do instead', async () => {
    const [result] = await eslint.lintText('export const x = Math.random();', { filePath: 'src/engine/planted.ts' });
    expect(result!.messages[0]!.message).toBe('Math.random cannot be seeded: draw from a named random stream.');
  });

  test('clean code passes', async () => {
    expect(await complaints(clean)).toEqual([]);
  });

  test('a comment cannot switch a rule off', async () => {
    const silenced = ['eslint', 'disable-next-line'].join('-');
    const found = await complaints(`// ${silenced} determinism/no-math-random\nexport const x = Math.random();`);
    expect(found).toContain('determinism/no-math-random');
  });
});

describe('where a rule does not hold', () => {
  test.each([
    ['src/cli/planted.ts', "console.log(process.argv, Date.now());\nsetTimeout(() => {}, 1);\nimport 'node:fs';"],
    ['src/report/planted.ts', 'export const x = (1.5).toFixed(1);'],
    ['src/scenario/planted.ts', 'export const x = Object.keys({});'],
    ['src/engine/planted.test.ts', 'export const x = [Math.random(), Date.now(), Object.keys({})];'],
    ['src/testing/planted.ts', 'export const x = Math.random();'],
    ['bench/planted.ts', 'export const x = performance.now();'],
  ])('%s may do it', async (filePath, code) => {
    expect(await complaints(code, filePath)).toEqual([]);
  });

  test('the command line draws no random numbers either', async () => {
    expect(await complaints('export const x = Math.random();', 'src/cli/planted.ts')).toEqual([
      'determinism/no-math-random',
    ]);
  });

  test.each([
    'src/cli/main.ts',
    'src/cli/commands/run.ts',
    'src/experiment/worker.ts',
    'src/workload/read-files.ts',
    'src/scenario/manifest-file.ts',
    'src/report/render-png.ts',
    'src/report/csv.ts',
    'src/engine/engine.ts',
    'src/simulation.ts',
    'src/util/hash.ts',
  ])('lint and layer test agree whether %s may import Node.js built-ins', async (filePath) => {
    const found = await complaints("import 'node:fs';", filePath);
    expect(found).toEqual(mayUseNodeBuiltins(filePath) ? [] : ['determinism/no-node-builtins']);
  });
});

describe('the other rules', () => {
  test.each([
    ['@typescript-eslint/no-explicit-any', 'export const x: any = 1;'],
    ['@typescript-eslint/consistent-type-imports', "import { A } from './a.ts';\nexport type B = A;"],
    ['@typescript-eslint/no-unused-vars', 'const x = 1;\nexport {};'],
    ['eqeqeq', 'export const f = (a: unknown) => a == 1;'],
    ['prefer-const', 'let x = 1;\nexport { x };'],
  ])('%s is on', async (rule, code) => {
    expect(await complaints(code)).toEqual([rule]);
  });

  test('a registry may say any', async () => {
    expect(await complaints('export const x: any = 1;', 'src/faults/registry.ts')).toEqual([]);
  });
});
