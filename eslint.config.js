// Lint rules of kube-orrery: a small typed set, and the determinism bans.
//
// Each ban is a rule of its own (`determinism/<name>`), described by one entry of `bans` below: a message, what it
// looks for, and the files that may do it all the same. `src/lint.test.ts` plants every fault once.
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

/** Files which may import Node.js built-ins. `src/testing/tidy-imports.ts` holds the same list; a test compares them. */
const builtinFiles = [
  'src/cli/**',
  'src/experiment/**',
  'src/**/*-file.ts',
  'src/**/*-files.ts',
  'src/report/render*.ts',
];

/** Folders in which the order of object keys could reach the results. */
const keyOrderFolders =
  'engine|apiserver|record|scheduler|controllers|kubelet|network|storage|cloud|autoscaling|faults|metrics|checks';

const cli = ['src/cli/**'];
/** Layers 7 to 9, where figures are written for people. */
const presentation = ['src/scenario/**', 'src/experiment/**', 'src/report/**', 'src/cli/**', 'src/simulation.ts'];

/**
 * Members of Math that give the same bits on every engine, or whose results V8 has computed with the same code
 * (fdlibm) since before Node 20. `pow` and the trigonometric functions are not among them.
 */
const stableMath = new Set(
  (
    'log log1p log2 log10 exp expm1 sqrt cbrt abs min max floor ceil round trunc sign imul fround hypot clz32 ' +
    'PI E LN2 LN10 LOG2E LOG10E SQRT2 SQRT1_2'
  ).split(' '),
);

/** The member read from an identifier: 'random' in `Math.random` and in `Math['random']`; otherwise undefined. */
function memberOf(identifier) {
  const parent = identifier.parent;
  if (parent.type !== 'MemberExpression' || parent.object !== identifier) return undefined;
  if (!parent.computed) return parent.property.name;
  return typeof parent.property.value === 'string' ? parent.property.value : undefined;
}

const isConstructed = (identifier) =>
  identifier.parent.type === 'NewExpression' && identifier.parent.callee === identifier;
const isCalled = (identifier) => identifier.parent.type === 'CallExpression' && identifier.parent.callee === identifier;
const hasNoSpread = (node) => node.arguments.every((argument) => argument.type !== 'SpreadElement');

const builtins = [...new Set(builtinModules.filter((name) => !name.startsWith('_')))]
  .join('|')
  .replaceAll('/', '\\u002F');
const builtinName = `/^(node:.*|${builtins})$/`;

/**
 * The bans. `globals` are names resolved by scope (a local variable of the same name is fine), narrowed by `when`;
 * `selector` is an esquery selector. `allowedIn` lists files that may, `onlyIn` restricts the ban to some files.
 */
const bans = [
  {
    name: 'no-math-random',
    globals: ['Math'],
    when: (id) => memberOf(id) === 'random',
    message: 'Math.random cannot be seeded: draw from a named random stream.',
  },
  {
    name: 'no-math-pow',
    globals: ['Math'],
    when: (id) => memberOf(id) === 'pow',
    message: 'Math.pow differs between engines: multiply, or use Math.exp(y * Math.log(x)).',
  },
  {
    name: 'no-unstable-math',
    globals: ['Math'],
    when: (id) => !['random', 'pow'].includes(memberOf(id)) && !stableMath.has(memberOf(id)),
    message: 'Only the Math functions of the stable list may be used, and only as Math.name.',
  },
  {
    name: 'no-exponent-operator',
    selector: "BinaryExpression[operator='**'], AssignmentExpression[operator='**=']",
    message: '** is Math.pow and differs between engines: multiply, or use Math.exp(y * Math.log(x)).',
  },
  {
    name: 'no-wall-clock',
    globals: ['Date'],
    when: (id) => memberOf(id) === 'now' || isCalled(id) || (isConstructed(id) && id.parent.arguments.length === 0),
    message: 'The wall clock is not an input: read the virtual time of the engine.',
    allowedIn: cli,
  },
  {
    name: 'no-date-parse',
    globals: ['Date'],
    when: (id) => memberOf(id) === 'parse',
    message: 'Date.parse reads some forms as local time: parse RFC 3339 with an explicit offset.',
    allowedIn: cli,
  },
  {
    name: 'no-local-date',
    globals: ['Date'],
    when: (id) => isConstructed(id) && (id.parent.arguments.length > 1 || !hasNoSpread(id.parent)),
    selector:
      'CallExpression > MemberExpression.callee[property.name=/^([gs]et(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds)|getTimezoneOffset)$/]',
    message: 'Local calendar fields follow the time zone of the machine: use the UTC ones.',
    allowedIn: cli,
  },
  {
    name: 'no-performance',
    globals: ['performance'],
    message: 'performance reads the wall clock: only the command line and benchmarks may.',
    allowedIn: cli,
  },
  {
    name: 'no-process',
    globals: ['process'],
    message: 'process belongs to the command line: take what is needed as an argument.',
    allowedIn: cli,
  },
  {
    name: 'no-timers',
    globals: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
    message: 'Timers run in wall-clock time: post an event to the engine.',
    allowedIn: cli,
  },
  {
    name: 'no-promise-race',
    globals: ['Promise'],
    when: (id) => ['race', 'any'].includes(memberOf(id)),
    message: 'Promise.race and Promise.any depend on who is faster: await in a fixed order.',
    allowedIn: cli,
  },
  {
    name: 'no-locale',
    globals: ['Intl'],
    selector: 'MemberExpression[property.name=/^(localeCompare|toLocale[A-Z]\\w*)$/]',
    message: 'Locale functions follow LANG: compare with <, format with own functions.',
    allowedIn: cli,
  },
  {
    name: 'no-for-in',
    selector: 'ForInStatement',
    message: 'for..in moves integer-like keys to the front: use a Map, an array, or for..of.',
    allowedIn: cli,
  },
  {
    name: 'no-bare-sort',
    selector: 'CallExpression[arguments.length=0] > MemberExpression.callee[property.name=/^(sort|toSorted)$/]',
    message: 'sort() without a comparator orders numbers as text: give a total comparator.',
  },
  {
    name: 'no-object-keys',
    globals: ['Object', 'Reflect'],
    when: (id) => ['keys', 'values', 'entries', 'getOwnPropertyNames', 'ownKeys'].includes(memberOf(id)),
    message: 'Objects move integer-like keys to the front: keep what is iterated in a Map or an array.',
    onlyIn: [`src/@(${keyOrderFolders})/**/*.ts`],
  },
  {
    name: 'no-metadata-spread',
    selector:
      "ObjectExpression > SpreadElement > MemberExpression[property.name='metadata'], " +
      "ObjectExpression > SpreadElement > Identifier[name='metadata'], " +
      "ObjectExpression > SpreadElement > MemberExpression[object.name='pod'][property.name='status']",
    message: 'Parts of stored pods have accessors, which a spread loses: use metadataWith and statusWith.',
    onlyIn: [`src/@(${keyOrderFolders}|workload)/**/*.ts`],
  },
  {
    name: 'no-weak-references',
    globals: ['WeakRef', 'FinalizationRegistry'],
    message: 'Garbage collection has no fixed order: hold a plain reference and drop it explicitly.',
  },
  {
    name: 'no-node-builtins',
    selector:
      `ImportDeclaration[source.value=${builtinName}], ImportExpression[source.value=${builtinName}], ` +
      `ExportNamedDeclaration[source.value=${builtinName}], ExportAllDeclaration[source.value=${builtinName}]`,
    message: 'Node.js built-ins are for the command line, experiments and file readers: hand in what is needed.',
    allowedIn: builtinFiles,
  },
  {
    name: 'no-global-this',
    globals: ['globalThis', 'global', 'require', 'module', '__dirname', '__filename'],
    message: 'Name what is used, so that the other bans can see it.',
    allowedIn: cli,
  },
  {
    name: 'no-console',
    globals: ['console'],
    message: 'Only the command line prints: return the text, or record a fact.',
    allowedIn: cli,
  },
  {
    name: 'no-to-fixed',
    selector: 'MemberExpression[property.name=/^to(Fixed|Precision|Exponential)$/]',
    message: 'Figures below the report are integers or plain numbers: format them where they are shown.',
    allowedIn: presentation,
  },
];

/** Calls `report` for each use of a global name that no declaration of the file hides. */
function visitGlobals(sourceCode, names, report) {
  const globalScope = sourceCode.scopeManager.globalScope;
  const references = [...globalScope.through];
  for (const variable of globalScope.variables) {
    if (variable.defs.length === 0) references.push(...variable.references);
  }
  for (const { identifier } of references) {
    if (names.includes(identifier.name)) report(identifier);
  }
}

function ruleOf(ban) {
  return {
    meta: { type: 'problem', schema: [], docs: { description: ban.message } },
    create(context) {
      const report = (node) => context.report({ node, message: ban.message });
      const listeners = {};
      if (ban.selector !== undefined) listeners[ban.selector] = report;
      if (ban.globals !== undefined) {
        listeners['Program:exit'] = () =>
          visitGlobals(context.sourceCode, ban.globals, (id) => {
            if (ban.when === undefined || ban.when(id)) report(id);
          });
      }
      return listeners;
    },
  };
}

const defaultExports = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const report = (node) => context.report({ node, message: 'Named exports only: one name everywhere.' });
    return { ExportDefaultDeclaration: report, "ExportSpecifier[exported.name='default']": report };
  },
};

const determinism = {
  rules: Object.fromEntries([...bans.map((ban) => [ban.name, ruleOf(ban)]), ['no-default-export', defaultExports]]),
};

const notShipped = ['src/**/*.test.ts', 'src/testing/**'];

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'dist-bench/', 'coverage/', 'results/', '.orrery-tmp-*/'] },
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-fallthrough': 'error',
      'no-unreachable': 'error',
      'no-self-compare': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-loss-of-precision': 'error',
      'no-unsafe-finally': 'error',
      'use-isnan': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  // A registry holds definitions with different argument types; `satisfies Record<string, Definition<any>>` is the one
  // way to say so.
  { files: ['src/**/registry.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  // A test may show what becomes of a literal that a double cannot hold.
  { files: ['**/*.test.ts'], rules: { 'no-loss-of-precision': 'off' } },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  { files: ['src/**/*.ts'], plugins: { determinism }, rules: { 'determinism/no-default-export': 'error' } },
  ...bans.map((ban) => ({
    files: ban.onlyIn ?? ['src/**/*.ts'],
    ignores: [...notShipped, ...(ban.allowedIn ?? [])],
    rules: { [`determinism/${ban.name}`]: 'error' },
  })),
);
