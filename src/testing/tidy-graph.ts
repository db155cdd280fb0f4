import ts from 'typescript';
import { isTest, lineOf } from './source-file.ts';
import type { SourceFile, Violation } from './source-file.ts';

type Graph = ReadonlyMap<string, SourceFile>;

const isInSource = (path: string): boolean => path.startsWith('src/');
const isForTests = (path: string): boolean => path.startsWith('src/testing/');

function graphOf(files: readonly SourceFile[]): Graph {
  return new Map(files.map((file) => [file.path, file]));
}

/** The files of the graph that one file imports, once each, in source order. */
function targetsOf(graph: Graph, path: string): string[] {
  const targets = (graph.get(path)?.imports ?? []).map((entry) => entry.target);
  return [...new Set(targets)].filter((target) => target !== undefined && graph.has(target)) as string[];
}

/** Import cycles, type imports included: one violation for each strongly connected set of files. */
export function cycleViolations(files: readonly SourceFile[]): Violation[] {
  const graph = graphOf(files);
  return stronglyConnected(graph)
    .filter((set) => set.length > 1 || targetsOf(graph, set[0]!).includes(set[0]!))
    .map((set) => {
      const cycle = shortestCycle(graph, set);
      const next = cycle[1]!;
      const line = graph.get(cycle[0]!)!.imports.find((entry) => entry.target === next)!.line;
      return { file: cycle[0]!, line, rule: 'cycles', message: `import cycle: ${cycle.join(' -> ')}` };
    });
}

/** Tarjan's strongly connected components (SIAM J. Comput. 1, 1972); each set is sorted by path. */
function stronglyConnected(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const found: string[][] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.get(path)!);
    stack.push(path);
    onStack.add(path);
    for (const target of targetsOf(graph, path)) {
      if (!order.has(target)) visit(target);
      if (onStack.has(target)) low.set(path, Math.min(low.get(path)!, low.get(target)!));
    }
    if (low.get(path) !== order.get(path)) return;
    const members = stack.splice(stack.indexOf(path));
    for (const member of members) onStack.delete(member);
    found.push(members.sort((a, b) => (a < b ? -1 : 1)));
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return found;
}

/** The shortest way from the first file of a connected set back to itself, both ends included. */
function shortestCycle(graph: Graph, set: readonly string[]): string[] {
  const start = set[0]!;
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const target of targetsOf(graph, path)) {
      if (!set.includes(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      if (target === start) return wayBack(cameFrom, start);
      queue.push(target);
    }
  }
  return [start, start];
}

function wayBack(cameFrom: ReadonlyMap<string, string>, start: string): string[] {
  const way = [start];
  let path = cameFrom.get(start)!;
  while (path !== start) {
    way.push(path);
    path = cameFrom.get(path)!;
  }
  return [...way, start].reverse();
}

/** Files that are started or read by name, so that no import leads to them. */
const entries = [
  /^src\/(index|plugin)\.ts$/,
  /^src\/cli\/(main|build-assets)\.ts$/,
  /^src\/(.*[/-])?worker\.ts$/,
  /\.d\.ts$/,
];
/** The same for src/testing: configuration and scripts of package.json name them. */
const testingEntries = [/^src\/testing\/(vitest-setup|closing-reporter|cross-node|swarm\/run-swarm)\.ts$/];

/** Files of src/ that no entry point reaches (a test does not count), and files of src/testing no test reaches. */
export function deadFileViolations(files: readonly SourceFile[]): Violation[] {
  const graph = graphOf(files);
  const paths = [...graph.keys()];
  const live = reachable(
    graph,
    paths.filter((path) => matches(entries, path)),
  );
  const users = paths.filter((path) => isTest(path) || !isInSource(path) || matches(testingEntries, path));
  const liveForTests = reachable(graph, users);
  return paths
    .filter((path) => isInSource(path) && !isTest(path))
    .filter((path) => !(isForTests(path) ? liveForTests : live).has(path))
    .map((path) => ({ file: path, line: 1, rule: 'dead-files', message: deadMessage(path) }));
}

function deadMessage(path: string): string {
  const who = isForTests(path) ? 'no test or benchmark' : 'no entry point (cli/main.ts, index.ts, plugin.ts, a worker)';
  return `${who} reaches this file: import it, register it, or delete it`;
}

function matches(patterns: readonly RegExp[], path: string): boolean {
  return patterns.some((pattern) => pattern.test(path));
}

function reachable(graph: Graph, starts: readonly string[]): Set<string> {
  const seen = new Set(starts);
  for (const path of seen) for (const target of targetsOf(graph, path)) seen.add(target);
  return seen;
}

/** Folders whose files are extensions, each with the registry that must import them (the first that exists). */
const extensionFolders: readonly { readonly folder: string; readonly registries: readonly string[] }[] = [
  'apiserver/admission',
  'scheduler/plugins',
  'controllers',
  'faults',
  'metrics',
  'checks',
  'report/charts',
  'workload',
  'workload/traces',
  'cli/commands',
].map((name) => {
  const folder = `src/${name}/`;
  const parent = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  return { folder, registries: [`${folder}registry.ts`, `${parent}registry.ts`, 'src/cli/main.ts'] };
});

/**
 * Extensions their registry does not import. A file of an extension folder is an extension if it defines one
 * (`export const x = defineFault(...)`), or if nothing else of the sources imports it.
 */
export function registryViolations(files: readonly SourceFile[]): Violation[] {
  const graph = graphOf(files);
  const found: Violation[] = [];
  for (const { folder, registries } of extensionFolders) {
    const registry = registries.find((path) => graph.has(path) && isRegistryOf(folder, path));
    if (registry === undefined) continue;
    const registered = new Set(targetsOf(graph, registry));
    for (const file of files) {
      if (!isDirectlyIn(folder, file.path) || isTest(file.path) || file.path === registry) continue;
      if (registered.has(file.path) || !(definesExtension(file) || isImportedByNobody(files, file.path))) continue;
      const message = `${registry} does not import this file: add its line there`;
      found.push({ file: file.path, line: definitionLine(file), rule: 'registry', message });
    }
  }
  return found;
}

/** main.ts registers commands only. */
function isRegistryOf(folder: string, path: string): boolean {
  return path !== 'src/cli/main.ts' || folder === 'src/cli/commands/';
}

function isDirectlyIn(folder: string, path: string): boolean {
  return path.startsWith(folder) && !path.slice(folder.length).includes('/') && !path.endsWith('.d.ts');
}

function isImportedByNobody(files: readonly SourceFile[], path: string): boolean {
  return !files.some(
    (file) =>
      isInSource(file.path) &&
      !isTest(file.path) &&
      !isForTests(file.path) &&
      file.imports.some((entry) => entry.target === path),
  );
}

/** A definition is a constant of the module; a function that makes definitions of one family is not one itself. */
function definitionOf(file: SourceFile): ts.Node | undefined {
  for (const statement of file.syntax.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || !ts.isCallExpression(initializer)) continue;
      const { expression } = initializer;
      if (ts.isIdentifier(expression) && /^define[A-Z]/.test(expression.text)) return initializer;
    }
  }
  return undefined;
}

const definesExtension = (file: SourceFile): boolean => definitionOf(file) !== undefined;

function definitionLine(file: SourceFile): number {
  const definition = definitionOf(file);
  return definition === undefined ? 1 : lineOf(file.syntax, definition);
}
