import { builtinModules } from 'node:module';
import { isTest } from './source-file.ts';
import type { SourceFile, Violation } from './source-file.ts';

/** One row of the layer table: a folder (or file) of src/, and how high it stands. */
interface Room {
  readonly prefix: string;
  readonly layer: number;
  /** May import other rooms of the same layer which are open too. */
  readonly isOpen?: true;
}

/** The layers of ARCHITECTURE.md. The longest prefix that matches a path decides. */
const rooms: readonly Room[] = [
  { prefix: 'src/util/', layer: 0 },
  { prefix: 'src/engine/', layer: 1 },
  { prefix: 'src/api/', layer: 1 },
  { prefix: 'src/record/', layer: 2 },
  { prefix: 'src/apiserver/', layer: 3 },
  { prefix: 'src/scheduler/framework/', layer: 4 },
  // Devices stand on the framework, and plugins on both.
  { prefix: 'src/scheduler/devices/', layer: 4.25 },
  // Plugins stand on the framework and are invisible from it, hence a step of their own.
  { prefix: 'src/scheduler/plugins/', layer: 4.5 },
  { prefix: 'src/scheduler/', layer: 5 },
  { prefix: 'src/controllers/', layer: 5 },
  { prefix: 'src/kubelet/', layer: 5 },
  { prefix: 'src/network/', layer: 5 },
  { prefix: 'src/storage/', layer: 5 },
  { prefix: 'src/cloud/', layer: 5 },
  { prefix: 'src/autoscaling/', layer: 5 },
  { prefix: 'src/faults/', layer: 5 },
  { prefix: 'src/workload/', layer: 5 },
  { prefix: 'src/metrics/', layer: 6 },
  { prefix: 'src/checks/', layer: 6 },
  { prefix: 'src/scenario/', layer: 7 },
  { prefix: 'src/elected-components.ts', layer: 7.5 },
  { prefix: 'src/simulation.ts', layer: 8, isOpen: true },
  { prefix: 'src/placement-replay.ts', layer: 8, isOpen: true },
  { prefix: 'src/experiment/', layer: 8, isOpen: true },
  { prefix: 'src/report/', layer: 8, isOpen: true },
  { prefix: 'src/cli/', layer: 9 },
  // What plugins of users import: the loader of the command line hands it to them, nothing else imports it.
  { prefix: 'src/plugin.ts', layer: 8 },
  // What the package exports: nothing inside imports it.
  { prefix: 'src/index.ts', layer: 10 },
];

const testing = 'src/testing/';

/** Files that may import Node.js built-ins. `eslint.config.js` holds the same list; `src/lint.test.ts` compares them. */
const builtinFiles = [/^src\/(cli|experiment)\//, /^src\/.*-files?\.ts$/, /^src\/report\/render[^/]*\.ts$/];

/** Whether a file of src/ may import Node.js built-ins such as node:fs. */
export function mayUseNodeBuiltins(path: string): boolean {
  if (path.startsWith(testing) || isTest(path)) return true;
  return builtinFiles.some((pattern) => pattern.test(path));
}

/** The row of the layer table a path belongs to; undefined for a folder nobody has placed. */
function roomOf(path: string): Room | undefined {
  let best: Room | undefined;
  for (const room of rooms) {
    if (path.startsWith(room.prefix) && room.prefix.length > (best?.prefix.length ?? 0)) best = room;
  }
  return best;
}

/** Imports that go up, sideways, or into src/testing. */
export function layerViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => (isExempt(file.path) ? [] : layersOf(file)));
}

function isExempt(path: string): boolean {
  return !path.startsWith('src/') || path.startsWith(testing) || isTest(path);
}

function layersOf(file: SourceFile): Violation[] {
  const from = roomOf(file.path);
  if (from === undefined) {
    return [{ file: file.path, line: 1, rule: 'layers', message: 'this folder has no row in the layer table' }];
  }
  const found: Violation[] = [];
  for (const { target, line } of file.imports) {
    const message = target === undefined ? undefined : whyForbidden(from, target);
    if (message !== undefined) found.push({ file: file.path, line, rule: 'layers', message });
  }
  return found;
}

function whyForbidden(from: Room, target: string): string | undefined {
  if (!target.startsWith('src/')) return `${target} is outside src/`;
  if (target.startsWith(testing)) return `${target} is for tests and benchmarks only`;
  const to = roomOf(target);
  if (to === undefined) return `${target} has no row in the layer table`;
  if (to === from || to.layer < from.layer) return undefined;
  if (to.layer === from.layer && to.isOpen && from.isOpen) return undefined;
  const why = to.layer > from.layer ? 'stands above' : 'is a stranger to';
  return `${target} (layer ${to.layer}) ${why} ${from.prefix} (layer ${from.layer})`;
}

const builtins: ReadonlySet<string> = new Set(builtinModules);

/** Node.js built-ins imported where the simulator must stay plain ECMAScript. */
export function builtinViolations(files: readonly SourceFile[]): Violation[] {
  const found: Violation[] = [];
  for (const file of files) {
    if (!file.path.startsWith('src/') || mayUseNodeBuiltins(file.path)) continue;
    for (const { specifier, line } of file.imports) {
      if (!specifier.startsWith('node:') && !builtins.has(specifier)) continue;
      const message = `${specifier} may be imported by the command line, experiments and file readers only`;
      found.push({ file: file.path, line, rule: 'node-builtins', message });
    }
  }
  return found;
}
