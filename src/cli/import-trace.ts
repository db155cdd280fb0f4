/**
 * `orrery import`: reads a trace three times, for its names, to check and to write, so that nothing is written of one that cannot be
 * used, and memory does not grow with it.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { formatDuration, parseDuration } from '../engine/time.ts';
import type { NameRegister } from '../workload/traces/name-register.ts';
import { NameSketch, nameRegister } from '../workload/traces/name-register.ts';
import { traceFormats } from '../workload/traces/registry.ts';
import type { RecordReport, TraceFormat, TraceNode, TracePod } from '../workload/traces/trace.ts';
import { extendedResources, nodeCells, nodeHeader, podCells, podHeader } from '../workload/traces/trace-tables.ts';
import type { ImportArguments } from './arguments.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { shellWord } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { hiddenBeside } from './hidden-names.ts';
import { makeFolders } from './result-folder.ts';
import { rowsOfFile, unpacked } from './trace-rows.ts';
import type { ReadRows } from './trace-rows.ts';
import { importedScenario, sharingConfiguration } from './imported-scenario.ts';
import type { ImportOptions } from './imported-scenario.ts';

/** One table of a trace: where it is read from, how, and what its rows become. */
interface Source<T extends TraceNode | TracePod> {
  /** As the user named it. */
  readonly named: string;
  readonly path: string;
  readonly read: ReadRows<T>;
  readonly amounts: (row: T) => ReadonlyMap<string, number>;
  readonly header: (extended: readonly string[]) => readonly string[];
  readonly cells: (row: T, extended: readonly string[]) => readonly string[];
}

/** What was found before anything is written. */
interface Survey {
  /** The file as the user named it. */
  readonly named: string;
  /** Names that may stand twice. */
  readonly names: NameSketch;
  /** The first bad rows. */
  readonly problems: string[];
  rows: number;
  badRows: number;
  hasDevices: boolean;
  /** Some pod arrives in the time that is wanted. */
  isInWindow: boolean;
  /** Microseconds of the trace: when the last pod ends, as far as it says. */
  endUs: number;
  readonly extended: Set<string>;
}

const badRowsShown = 10;
const rowsAtOnce = 2000;

/**
 * Writes the folder of a scenario that replays a trace.
 *
 * @throws CliError where an argument is wrong, the folder is there, or rows cannot be read: then nothing is written.
 */
export async function importTrace(args: ImportArguments, io: CliIo): Promise<ExitCode> {
  const options = optionsOf(args);
  const target = resolve(io.cwd, args.out);
  if (existsSync(target)) throw new CliError(`orrery: ${args.out} is there already; nothing was written`);
  makeFolders(dirname(target));
  const building = hiddenBeside(target);
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building);
  try {
    const told = await writeFolder(args, options, building, io);
    renameSync(building, target);
    io.stdout.write(told);
    return exitCodes.ok;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function optionsOf({ thin, replay, ...args }: ImportArguments): ImportOptions {
  const stated = [args['time-scale'], args.from, args.to, thin].some((value) => value !== undefined);
  if (replay === 'inOrder' && stated)
    throw new CliError('orrery: --time-scale, --from, --to and --thin go with --replay timed');
  const numberOf = (flag: string, text: string | undefined, max: number): number => {
    const value = text === undefined ? 1 : Number(text);
    if (value > 0 && value <= max) return value;
    throw new CliError(`orrery: --${flag} "${text}" is not a number above 0, at most ${max}`);
  };
  const timeOf = (flag: string, text: string | undefined): number | undefined => {
    const us = text === undefined ? undefined : parseDuration(text);
    if (text !== undefined && us === undefined)
      throw new CliError(`orrery: --${flag} "${text}" is not a duration; write 90s, 2h or 1d`);
    return us;
  };
  const fromUs = timeOf('from', args.from) ?? 0;
  const toUs = timeOf('to', args.to);
  if (toUs !== undefined && toUs <= fromUs) throw new CliError('orrery: --to is not after --from');
  return { timeScale: numberOf('time-scale', args['time-scale'], 1e6), fromUs, toUs, thin: numberOf('thin', thin, 1) };
}

async function writeFolder(args: ImportArguments, options: ImportOptions, folder: string, io: CliIo): Promise<string> {
  const unpackedFolder = join(folder, '.unpacked');
  mkdirSync(unpackedFolder);
  const format = traceFormats.find(({ name }) => name === args.format)!;
  const pods: Source<TracePod> = {
    named: args.pods,
    path: await plainFile(args.pods, join(unpackedFolder, 'pods'), io),
    read: (...reading) => format.pods(...reading),
    amounts: ({ requests }) => requests,
    header: podHeader,
    cells: podCells,
  };
  const nodes = await nodeSource(args, format, unpackedFolder, io);
  const found = { pods: survey(pods, options), nodes: nodes === undefined ? undefined : survey(nodes, options) };
  const tables = found.nodes === undefined ? [found.pods] : [found.pods, found.nodes];
  refuseUnusable(tables, args['skip-bad-rows']);
  if (!found.pods.isInWindow)
    throw new CliError(`orrery: none of the ${found.pods.rows} rows of ${args.pods} arrives from --from until --to`);
  for (const problem of tables.flatMap(({ problems }) => problems)) io.stderr.write(`${problem}\n`);
  writeTable(pods, found.pods, join(folder, 'pods.csv'));
  if (nodes !== undefined) writeTable(nodes, found.nodes!, join(folder, 'nodes.csv'));
  rmSync(unpackedFolder, { recursive: true });
  const { hasDevices, endUs } = found.pods;
  writeFileSync(join(folder, 'scenario.yaml'), importedScenario(args, options, { hasDevices, endUs }));
  if (hasDevices) writeFileSync(join(folder, 'kube-scheduler.yaml'), sharingConfiguration);
  return toldText(args, found.pods, found.nodes);
}

async function nodeSource(
  args: ImportArguments,
  format: TraceFormat,
  unpackedFolder: string,
  io: CliIo,
): Promise<Source<TraceNode> | undefined> {
  if (args.nodes === undefined) {
    if (args.replay === 'inOrder') throw new CliError('orrery: --replay inOrder needs --nodes');
    return undefined;
  }
  if (format.nodes === undefined) throw new CliError(`orrery: a trace of the format ${format.name} has no --nodes`);
  return {
    named: args.nodes,
    path: await plainFile(args.nodes, join(unpackedFolder, 'nodes'), io),
    read: (...reading) => format.nodes!(...reading),
    amounts: ({ allocatable }) => allocatable,
    header: nodeHeader,
    cells: nodeCells,
  };
}

async function plainFile(named: string, target: string, io: CliIo): Promise<string> {
  try {
    return await unpacked(resolve(io.cwd, named), target);
  } catch (error) {
    const code = String((error as { code?: unknown }).code ?? '');
    if (code === 'EISDIR') throw new CliError(`orrery: ${named} is a folder; a file is wanted`);
    if (code === 'ENOENT') throw new CliError(`orrery: there is no file ${named}`);
    if (!code.startsWith('Z_')) throw error;
    throw new CliError(`orrery: ${named}: it is not a whole gzip file; nothing was written`);
  }
}

function survey<T extends TraceNode | TracePod>(source: Source<T>, { fromUs, toUs = Infinity }: ImportOptions): Survey {
  const { named, path, read } = source;
  const found: Survey = {
    ...{ named, names: new NameSketch(), problems: [], extended: new Set<string>() },
    ...{ rows: 0, badRows: 0, hasDevices: false, isInWindow: false, endUs: 0 },
  };
  for (const row of rowsOfFile(path, read, unheard, noName)) found.names.note(row);
  const report: RecordReport = (line, message, column = 1) => {
    if (++found.badRows <= badRowsShown) found.problems.push(`${named}:${line}:${column} ${message}`);
  };
  for (const row of rowsOfFile(path, read, report, repeatsOf(found))) {
    found.rows++;
    found.hasDevices ||= row.devices !== undefined;
    for (const name of extendedResources(source.amounts(row))) found.extended.add(name);
    if (!('arrivalUs' in row)) continue;
    const { arrivalUs = fromUs, runTimeUs = 0 } = row;
    found.isInWindow ||= arrivalUs >= fromUs && arrivalUs < toUs;
    found.endUs = Math.max(found.endUs, (row.arrivalUs ?? 0) + runTimeUs);
  }
  return found;
}

const unheard = (): void => undefined;
const noName = (): undefined => undefined;

/** A register for one reading. */
function repeatsOf({ names }: Survey): NameRegister {
  return nameRegister((name) => names.mayRepeat(name));
}

/** Bad rows are refused if they are not to be left out, and a table without a good one in any case. */
function refuseUnusable(tables: readonly Survey[], skipsBadRows: boolean): void {
  const badRows = tables.reduce((sum, table) => sum + table.badRows, 0);
  const bare = tables.find(({ rows }) => rows === 0);
  if (bare === undefined && (badRows === 0 || skipsBadRows)) return;
  const problems = tables.flatMap((table) => table.problems);
  const rest = badRows - problems.length;
  const lines = rest > 0 ? [...problems, `... and ${rest} more`] : problems;
  const rows = badRows === 1 ? '1 row' : `${badRows} rows`;
  const what =
    bare === undefined
      ? `${rows} cannot be read; nothing was written. --skip-bad-rows leaves them out.`
      : `${bare.named} has no row ${bare.badRows > 0 ? 'that can be read' : 'below its first line'}; nothing was written.`;
  throw new CliError([...lines, `orrery: ${what}`].join('\n'));
}

function writeTable<T extends TraceNode | TracePod>(source: Source<T>, found: Survey, path: string): void {
  const extended = [...found.extended].sort((a, b) => (a < b ? -1 : 1));
  const file = openSync(path, 'wx');
  const write = (lines: readonly (readonly string[])[]): void => {
    writeSync(file, stringify(lines as string[][], { record_delimiter: '\n' }));
  };
  try {
    write([source.header(extended)]);
    let lines: (readonly string[])[] = [];
    for (const row of rowsOfFile(source.path, source.read, unheard, repeatsOf(found))) {
      lines.push(source.cells(row, extended));
      if (lines.length < rowsAtOnce) continue;
      write(lines);
      lines = [];
    }
    if (lines.length > 0) write(lines);
  } finally {
    closeSync(file);
  }
}

function toldText({ out }: ImportArguments, pods: Survey, nodes: Survey | undefined): string {
  const badRows = pods.badRows + (nodes?.badRows ?? 0);
  const counts = [
    `${pods.rows} ${pods.rows === 1 ? 'row' : 'rows'} of pods`,
    ...(nodes === undefined ? [] : [`${nodes.rows} ${nodes.rows === 1 ? 'node' : 'nodes'}`]),
    ...(badRows === 0 ? [] : [`${badRows} left out`]),
    `last end after ${formatDuration(pods.endUs)}`,
  ];
  return `${out}: ${counts.join(', ')}\nrun it: orrery run -f ${shellWord(join(out, 'scenario.yaml'))}\n`;
}
