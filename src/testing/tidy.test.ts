// Plants one fault for each house rule in a small tree that exists only in memory.
import { describe, expect, test } from 'vitest';
import { tidyReport } from './tidy.ts';
import type { TidyRule } from './tidy.ts';

function report(rule: TidyRule, files: Record<string, string>): string[] {
  return tidyReport(new Map(Object.entries(files)), rule);
}

const lines = (count: number): string => 'export {};\n'.repeat(count);
const longFunction = (count: number): string => `export function f(): void {\n${'  f();\n'.repeat(count - 2)}}\n`;

describe('layers', () => {
  const importing = (target: string): string => `export const a = 1;\nimport { b } from '${target}';\n`;

  test.each([
    ['src/engine/a.ts', '../apiserver/b.ts', 'src/apiserver/b.ts (layer 3) stands above src/engine/ (layer 1)'],
    ['src/engine/a.ts', '../api/b.ts', 'src/api/b.ts (layer 1) is a stranger to src/engine/ (layer 1)'],
    [
      'src/kubelet/a.ts',
      '../controllers/b.ts',
      'src/controllers/b.ts (layer 5) is a stranger to src/kubelet/ (layer 5)',
    ],
    ['src/scheduler/a.ts', '../faults/b.ts', 'src/faults/b.ts (layer 5) is a stranger to src/scheduler/ (layer 5)'],
    ['src/metrics/a.ts', '../checks/b.ts', 'src/checks/b.ts (layer 6) is a stranger to src/metrics/ (layer 6)'],
    [
      'src/scheduler/framework/a.ts',
      '../plugins/b.ts',
      'src/scheduler/plugins/b.ts (layer 4.5) stands above src/scheduler/framework/ (layer 4)',
    ],
    ['src/report/a.ts', '../cli/b.ts', 'src/cli/b.ts (layer 9) stands above src/report/ (layer 8)'],
    ['src/cli/a.ts', '../index.ts', 'src/index.ts (layer 10) stands above src/cli/ (layer 9)'],
    ['src/cli/a.ts', '../testing/b.ts', 'src/testing/b.ts is for tests and benchmarks only'],
    ['src/cli/a.ts', '../../bench/b.ts', 'bench/b.ts is outside src/'],
    ['src/cli/a.ts', '../helm/b.ts', 'src/helm/b.ts has no row in the layer table'],
  ])('%s must not import %s', (file, target, message) => {
    expect(report('layers', { [file]: importing(target) })).toEqual([`${file}:2: [layers] ${message}`]);
  });

  test.each([
    ['src/engine/a.ts', '../util/b.ts'],
    ['src/engine/a.ts', './b.ts'],
    ['src/scheduler/plugins/a.ts', '../framework/b.ts'],
    ['src/scheduler/a.ts', './plugins/b.ts'],
    ['src/kubelet/a.ts', '../scheduler/framework/b.ts'],
    ['src/experiment/a.ts', '../simulation.ts'],
    ['src/engine/a.test.ts', '../apiserver/b.ts'],
    ['src/testing/a.ts', '../cli/b.ts'],
    ['bench/a.ts', '../src/testing/b.ts'],
  ])('%s may import %s', (file, target) => {
    expect(report('layers', { [file]: importing(target) })).toEqual([]);
  });

  test('a type import, a re-export and a dynamic import count as well', () => {
    const code = [
      "import type { B } from '../apiserver/b.ts';",
      "export * from '../apiserver/b.ts';",
      "export const c = import('../apiserver/b.ts');",
      "export type D = import('../apiserver/b.ts').D;",
    ].join('\n');
    expect(report('layers', { 'src/engine/a.ts': code }).map((text) => text.split(': ')[0])).toEqual([
      'src/engine/a.ts:1',
      'src/engine/a.ts:2',
      'src/engine/a.ts:3',
      'src/engine/a.ts:4',
    ]);
  });

  test('a folder without a layer is refused', () => {
    expect(report('layers', { 'src/misc/a.ts': '' })).toEqual([
      'src/misc/a.ts:1: [layers] this folder has no row in the layer table',
    ]);
  });
});

describe('node-builtins', () => {
  test.each(['node:fs', 'fs', 'fs/promises'])('%s is refused in the simulator', (name) => {
    expect(report('node-builtins', { 'src/metrics/a.ts': `import '${name}';` })).toEqual([
      `src/metrics/a.ts:1: [node-builtins] ${name} may be imported by the command line, experiments and file readers only`,
    ]);
  });

  test.each(['src/cli/a.ts', 'src/experiment/a.ts', 'src/workload/read-files.ts', 'src/metrics/a.test.ts'])(
    '%s may use them',
    (file) => {
      expect(report('node-builtins', { [file]: "import 'node:fs';" })).toEqual([]);
    },
  );

  test('a package is no built-in', () => {
    expect(report('node-builtins', { 'src/engine/a.ts': "import 'tinyqueue';" })).toEqual([]);
  });
});

describe('cycles', () => {
  test('the shortest way round is shown', () => {
    const files = {
      'src/util/a.ts': "import './d.ts';\nimport './b.ts';",
      'src/util/b.ts': "import type { C } from './c.ts';",
      'src/util/c.ts': "import './a.ts';",
      'src/util/d.ts': "import './e.ts';",
      'src/util/e.ts': "import './f.ts';",
      'src/util/f.ts': "import './c.ts';",
    };
    expect(report('cycles', files)).toEqual([
      'src/util/a.ts:2: [cycles] import cycle: src/util/a.ts -> src/util/b.ts -> src/util/c.ts -> src/util/a.ts',
    ]);
  });

  test('a file that imports itself is a cycle', () => {
    expect(report('cycles', { 'src/util/a.ts': "import './a.ts';" })).toEqual([
      'src/util/a.ts:1: [cycles] import cycle: src/util/a.ts -> src/util/a.ts',
    ]);
  });

  test('two cycles are reported apart, a diamond is none', () => {
    const files = {
      'src/util/a.ts': "import './b.ts';\nimport './c.ts';",
      'src/util/b.ts': "import './d.ts';",
      'src/util/c.ts': "import './d.ts';",
      'src/util/d.ts': '',
      'src/util/p.ts': "import './q.ts';",
      'src/util/q.ts': "import './p.ts';",
      'src/util/r.ts': "import './s.ts';",
      'src/util/s.ts': "import './r.ts';",
    };
    expect(report('cycles', files)).toHaveLength(2);
  });
});

describe('dead-files', () => {
  test('a file that only a test imports is dead', () => {
    const files = {
      'src/index.ts': "export * from './engine/a.ts';",
      'src/engine/a.ts': '',
      'src/engine/b.ts': '',
      'src/engine/b.test.ts': "import './b.ts';",
    };
    expect(report('dead-files', files)).toEqual([
      'src/engine/b.ts:1: [dead-files] no entry point (cli/main.ts, index.ts, plugin.ts, a worker) reaches this file: ' +
        'import it, register it, or delete it',
    ]);
  });

  test('two files that import each other only are dead', () => {
    const files = { 'src/util/a.ts': "import './b.ts';", 'src/util/b.ts': "import './a.ts';" };
    expect(report('dead-files', files)).toHaveLength(2);
  });

  test('src/testing lives by tests and benchmarks', () => {
    const files = {
      'src/testing/used.ts': '',
      'src/testing/benched.ts': '',
      'src/testing/unused.ts': '',
      'src/engine/a.test.ts': "import '../testing/used.ts';",
      'bench/run.ts': "import '../src/testing/benched.ts';",
    };
    expect(report('dead-files', files)).toEqual([
      'src/testing/unused.ts:1: [dead-files] no test or benchmark reaches this file: import it, register it, or delete it',
    ]);
  });

  test('entries, workers and declarations are alive', () => {
    const files = {
      'src/cli/main.ts': "new URL('./commands/run.ts', import.meta.url);",
      'src/cli/commands/run.ts': '',
      'src/plugin.ts': '',
      'src/experiment/worker.ts': "import './cell.ts';",
      'src/experiment/cell.ts': '',
      'src/report/vega.d.ts': '',
    };
    expect(report('dead-files', files)).toEqual([]);
  });
});

describe('registry', () => {
  const fault = "export const x = defineFault({ name: 'x' });";

  test.each([
    ['src/scheduler/plugins/x.ts', 'src/scheduler/plugins/registry.ts'],
    ['src/controllers/x.ts', 'src/controllers/registry.ts'],
    ['src/faults/x.ts', 'src/faults/registry.ts'],
    ['src/metrics/x.ts', 'src/metrics/registry.ts'],
    ['src/checks/x.ts', 'src/checks/registry.ts'],
    ['src/report/charts/x.ts', 'src/report/registry.ts'],
    ['src/report/charts/x.ts', 'src/report/charts/registry.ts'],
    ['src/workload/x.ts', 'src/workload/registry.ts'],
    ['src/workload/traces/x.ts', 'src/workload/registry.ts'],
    ['src/cli/commands/x.ts', 'src/cli/main.ts'],
    ['src/cli/commands/x.ts', 'src/cli/commands/registry.ts'],
  ])('%s must stand in %s', (file, registry) => {
    const message = `${file}:1: [registry] ${registry} does not import this file: add its line there`;
    expect(report('registry', { [file]: fault, [registry]: '' })).toEqual([message]);
    expect(report('registry', { [file]: 'export const x = {};', [registry]: '' })).toEqual([message]);
    const up = file.split('/').length - registry.split('/').length;
    const name =
      up === 0
        ? './x.ts'
        : `./${file
            .split('/')
            .slice(-1 - up)
            .join('/')}`;
    expect(report('registry', { [file]: fault, [registry]: `import { x } from '${name}';` })).toEqual([]);
  });

  test('a definition used elsewhere must be registered all the same', () => {
    const files = {
      'src/faults/registry.ts': "import './y.ts';",
      'src/faults/x.ts': `\n${fault}`,
      'src/faults/y.ts': "import { x } from './x.ts';",
    };
    expect(report('registry', files)).toEqual([
      'src/faults/x.ts:2: [registry] src/faults/registry.ts does not import this file: add its line there',
    ]);
  });

  test('what extensions share need not be registered', () => {
    const files = {
      'src/faults/registry.ts': "import './x.ts';",
      'src/faults/x.ts': "import './fault.ts';",
      'src/faults/fault.ts': 'export function defineFault(): void {}',
      'src/faults/injector.ts': '',
      'src/simulation.ts': "import './faults/injector.ts';",
    };
    expect(report('registry', files)).toEqual([]);
  });
});

describe('words', () => {
  test.each([
    ['class PodManager {}', 'manager'],
    ['// asks the volume manager', 'manager'],
    ['class TaintManager {}', 'manager'],
    ["const reason = 'VolumeManagerBusy';", 'manager'],
    ['const isPredicate = 1;', 'predicate'],
    ['const nodeRamBytes = 1;', 'ram'],
    ['const EPSILON = 1;', 'epsilon'],
    ['const nextTick = 1;', 'tick'],
    ['interface PodHelper {}', 'helper'],
    ['type HelperArgs = 1;', 'helper'],
    ['// the priority function of upstream', 'priority function'],
  ])('%s is refused', (code, word) => {
    const found = report('words', { 'src/engine/a.ts': `\n${code}` });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`src/engine/a.ts:2: [words] '${word}'`);
  });

  test.each([
    ['TO', 'DO'],
    ['FIX', 'ME'],
    ['X', 'XX'],
    ['HA', 'CK'],
  ])('a left-over %s%s is refused', (...halves) => {
    expect(report('words', { 'src/engine/a.ts': `// ${halves.join('')}: later` })).toHaveLength(1);
  });

  test.each([
    ['eslint', 'disable'],
    ['eslint', 'enable'],
    ['@ts', 'ignore'],
    ['@ts', 'nocheck'],
    ['@ts', 'expect-error'],
  ])('%s-%s is refused', (...halves) => {
    expect(report('words', { 'src/engine/a.ts': `// ${halves.join('-')}` })).toHaveLength(1);
  });

  test.each([
    "const client = 'kube-controller-manager';",
    "const reason = 'DeletionByTaintManager';",
    "const message = 'Taint manager: deleting due to NoExecute taint';",
    '// kubelet: pkg/kubelet/eviction/eviction_manager.go',
    '// upstream calls it `volume manager`',
    'const params = diagram(program);',
    'const sticker = ticket;',
    'function helper(): void {}',
  ])('%s is fine', (code) => {
    expect(report('words', { 'src/engine/a.ts': code })).toEqual([]);
  });

  test('the ticker, its users and charts may say tick', () => {
    const files = {
      'src/engine/ticker.ts': 'export const nextTick = 1;',
      'src/controllers/a.ts': "import { nextTick } from '../engine/ticker.ts';\nnextTick;",
      'src/report/charts/a.ts': 'const tickCount = 1;',
    };
    expect(report('words', files)).toEqual([]);
  });
});

describe('length', () => {
  test('a file has at most 500 lines', () => {
    expect(report('length', { 'src/engine/a.ts': lines(500) })).toEqual([]);
    expect(report('length', { 'src/engine/a.ts': lines(501) })).toEqual([
      'src/engine/a.ts:501: [length] 501 lines, at most 500: split by responsibility',
    ]);
  });

  test('a function has at most 70 lines, its docstring not counted', () => {
    expect(report('length', { 'src/engine/a.ts': `/**\n * Why.\n */\n${longFunction(70)}` })).toEqual([]);
    expect(report('length', { 'src/engine/a.ts': `\n${longFunction(71)}` })).toEqual([
      'src/engine/a.ts:2: [length] function f has 71 lines, at most 70',
    ]);
  });

  test('methods and arrow functions are functions', () => {
    const body = '  f();\n'.repeat(80);
    const code = `class A {\n  m(): void {\n${body}  }\n}\nexport const g = () => {\n${body}};\n`;
    expect(report('length', { 'src/engine/a.ts': code })).toEqual([
      'src/engine/a.ts:2: [length] function m has 82 lines, at most 70',
      'src/engine/a.ts:85: [length] function g has 82 lines, at most 70',
    ]);
  });

  test('a suite is a list of tests, a test is a function', () => {
    const body = '  f();\n'.repeat(80);
    expect(report('length', { 'src/a.test.ts': `describe('x', () => {\n${body}});` })).toEqual([]);
    expect(report('length', { 'src/a.test.ts': `test('x', () => {\n${body}});` })).toHaveLength(1);
  });
});

describe('throw', () => {
  const code = 'export function f(): never {\n  throw new Error();\n}\n';

  test('the simulator returns outcomes', () => {
    expect(report('throw', { 'src/apiserver/a.ts': code })).toEqual([
      'src/apiserver/a.ts:2: [throw] return a value for an outcome, call assert for a programmer mistake',
    ]);
  });

  test.each(['src/scenario/a.ts', 'src/workload/a.ts', 'src/cli/a.ts', 'src/util/assert.ts', 'src/engine/a.test.ts'])(
    '%s may throw',
    (file) => {
      expect(report('throw', { [file]: code })).toEqual([]);
    },
  );
});

describe('module-state', () => {
  test('a module variable that can be assigned is refused', () => {
    expect(report('module-state', { 'src/engine/a.ts': 'const a = 1;\nexport let count = 0;' })).toEqual([
      'src/engine/a.ts:2: [module-state] a module holds constants only: move this into an object of the run',
    ]);
  });

  test('constants, locals and declarations are fine', () => {
    const code = 'export const a = 1;\ndeclare let b: number;\nexport function f(): void {\n  let c = 1;\n  c++;\n}\n';
    expect(report('module-state', { 'src/engine/a.ts': code })).toEqual([]);
  });
});

describe('docstrings', () => {
  test.each(['function f(): void {}', 'class C {}', 'interface I {}', 'type T = string;'])(
    'export %s needs one',
    (declaration) => {
      const name = declaration.split(/[ (]/)[1];
      const message = `${name} is exported without a docstring: units, ranges, errors, source`;
      expect(report('docstrings', { 'src/engine/a.ts': `// A note.\nexport ${declaration}` })).toEqual([
        `src/engine/a.ts:2: [docstrings] ${message}`,
      ]);
      expect(report('docstrings', { 'src/engine/a.ts': `/** Why. */\nexport ${declaration}` })).toEqual([]);
      expect(report('docstrings', { 'src/engine/a.ts': declaration })).toEqual([]);
      expect(report('docstrings', { 'src/engine/a.test.ts': `export ${declaration}` })).toEqual([]);
      expect(report('docstrings', { 'src/api/core-v1.ts': `export ${declaration}` })).toEqual([]);
    },
  );
});

test('without a fault nothing is reported, by all rules together', () => {
  const files = new Map([
    ['src/cli/main.ts', "import { run } from '../simulation.ts';\nrun();\n"],
    ['src/simulation.ts', '/** Runs. */\nexport function run(): void {}\n'],
  ]);
  expect(tidyReport(files)).toEqual([]);
});
