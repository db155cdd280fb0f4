// Text that is meant to do harm, and text that is broken at random: always diagnostics, never an exception.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadedScenario } from './load-scenario.ts';
import { deploymentText, loadFiles, loadSpec, messagesOf, scenarioText } from '../testing/load-from-memory.ts';
import { formatDiagnostics, diagnosticsToJson } from './diagnostics.ts';

const codesOf = ({ errors }: LoadedScenario): readonly string[] => errors.map(({ code }) => code);

describe('hostile YAML', () => {
  test('an alias bomb is stopped', () => {
    const levels = [...'bcdefghij'].map(
      (name, at) => `  ${name}: &${name} [${Array(10).fill(`*${'abcdefghij'[at]}`).join(', ')}]\n`,
    );
    expect(codesOf(loadFiles({ 'main.yaml': `${scenarioText()}x:\n  a: &a [1]\n${levels.join('')}` }))).toEqual([
      'E009',
    ]);
  });

  test.each([
    ['brackets', (depth: number) => `x: ${'['.repeat(depth)}${']'.repeat(depth)}\n`],
    ['maps', (depth: number) => `x: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}\n`],
    ['compact lists', (depth: number) => `x:\n  ${'- '.repeat(depth)}1\n`],
    ['lines', (depth: number) => Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:\n`).join('')],
  ])('deep nesting by %s is stopped', (_, nested) => {
    for (const depth of [70, 600, 5000]) {
      expect(codesOf(loadFiles({ 'main.yaml': scenarioText() + nested(depth) }))).toEqual(['E009']);
      const manifest = { 'main.yaml': scenarioText('workload:\n  - manifests: [x.yaml]\n'), 'x.yaml': nested(depth) };
      expect(codesOf(loadFiles(manifest))[0]).toBe('E009');
    }
  });

  test('a value that contains itself is stopped', () => {
    const loaded = loadFiles({ 'main.yaml': `${scenarioText()}x: &x { y: *x }\n` });
    expect(messagesOf(loaded)).toEqual([
      'main.yaml:6:7 error E009: the document is too complex: the value contains itself',
    ]);
  });

  test('keys that reach into JavaScript do not', () => {
    expect(codesOf(loadSpec('__proto__: { polluted: 1 }\n'))).toContain('E013');
    expect(codesOf(loadSpec('constructor: { polluted: 1 }\n'))).toEqual(['E014']);
    expect(
      codesOf(
        loadSpec('cluster: { nodePools: [{ name: p, count: 1, capacity: { cpu: 1, memory: 1, constructor: 1 } }] }\n'),
      ),
    ).toEqual(['E024']);
    const json = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","labels":{"__proto__":"x"}},"data":{"a":"${'x'.repeat(300_000)}"}}`;
    expect(codesOf(loadSpec('workload:\n  - manifests: [x.json]\n', { 'x.json': json }))).toEqual(['E029']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(['1e400', '-1e400', '.inf', '.nan'])('the number %s is refused', (text) => {
    expect(codesOf(loadSpec(`limits: { pods: ${text} }\n`))[0]).toBe('E017');
  });

  test.each(['!!js/function "x"', '!!binary aGk=', '!!set { a }', '!!timestamp 2001-01-01', '!local x'])(
    'the tag in %j is refused',
    (text) => {
      expect(codesOf(loadSpec(`description: ${text}\n`))).not.toEqual([]);
    },
  );

  test('names with control characters and turned text cannot fake a message', () => {
    const loaded = loadSpec('"x\\u001b[2K\\u202e": 1\n');
    expect(messagesOf(loaded)[0]).toContain('\\u001b');
    expect(formatDiagnostics(loaded.errors, { withExcerpt: true })).not.toMatch(/[\u001b\u202e]/);
  });

  test('a long line is cut in the message', () => {
    const loaded = loadSpec(`description: [${'x, '.repeat(20_000)}]\n`);
    expect(formatDiagnostics(loaded.errors, { withExcerpt: true }).length).toBeLessThan(1000);
  });
});

const spec = `seed: 42
cluster:
  nodePools:
    - { name: general, count: 4, zones: [a, b], capacity: { cpu: "4", memory: 8Gi }, taints: [{ key: k, effect: NoSchedule }] }
  manifests: [dump.json]
workload:
  - manifests: [apps/*.yaml]
  - generator:
      arrivals: { poisson: { ratePerHour: 120 } }
      template: apps/web.yaml
      runDuration: { lognormal: { mean: 10m, cv: 1.5 } }
actions:
  - { at: 5m, scale: { name: web, replicas: 4 } }
behaviors:
  - selector: { matchExpressions: [{ key: app, operator: In, values: [web] }] }
    crash: { interval: { exponential: { mean: 6h } }, exitCode: 1 }
faults:
  - nodeCrash: { interval: { weibull: { mean: 30d, shape: 0.7 } }, repair: 20m, selector: {} }
  - zoneOutage: { at: 20m, zone: b, duration: 30m }
latency: { watch: 5ms }
assert:
  - { metric: faults.detected.max, between: [40s, 55s] }
`;
const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers: [{ name: c, image: i }]\n';
const dump = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, status: { capacity: { cpu: '4', memory: '8Gi' } } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
    },
  ],
});
const files = {
  'main.yaml': scenarioText(spec),
  'apps/web.yaml': pod,
  'apps/api.yaml': deploymentText('web'),
  'dump.json': dump,
};

/** Cuts, repeats, swaps and foreign characters, at places that are shares of the length. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 40 }),
  text: fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '#',
      '|',
      '---\n',
      '<<: ',
      '\0',
    ),
    fc.constantFrom('null', '-1', '1e400', '010', '5 min', '__proto__', 'true', '64GB', '~', '!!x', '\ud800', '\u202e'),
    fc.string({ maxLength: 8 }),
  ),
});

function edited(text: string, { at, length, text: inserted }: { at: number; length: number; text: string }): string {
  const from = Math.floor(at * text.length);
  return text.slice(0, from) + inserted + text.slice(from + length);
}

describe('any text', () => {
  test('the scenario that is broken below is sound', () => {
    expect(messagesOf(loadFiles(files))).toEqual([]);
  });

  test('gives a scenario or at least one error, and messages that can be printed', () => {
    const name = fc.constantFrom(...(Object.keys(files) as (keyof typeof files)[]));
    fc.assert(
      fc.property(name, fc.array(edit, { minLength: 1, maxLength: 4 }), (file, edits) => {
        const loaded = loadFiles({ ...files, [file]: edits.reduce(edited, files[file]) });
        expect(loaded.scenario === undefined).toBe(loaded.errors.length > 0);
        for (const { line, column, endColumn, message } of [...loaded.errors, ...loaded.warnings]) {
          expect(Math.min(line, column, endColumn - column + 1, message.length)).toBeGreaterThan(0);
        }
        formatDiagnostics(loaded.errors, { withExcerpt: true });
        diagnosticsToJson(loaded.errors);
      }),
      { numRuns: 150 },
    );
  });

  test('as an override does the same', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `spec.${text}`),
          edit.map((each) => edited('spec.faults[0].nodeCrash.repair=5m', each)),
        ),
        (override) => {
          const loaded = loadFiles(files, { overrides: [override] });
          expect(loaded.scenario === undefined).toBe(loaded.errors.length > 0);
        },
      ),
    );
  });
});
