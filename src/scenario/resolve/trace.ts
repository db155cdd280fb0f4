/** `workload[].trace`: reads the files of a trace, and reports what is wrong with their lines. */
import { columnOf } from '../../workload/traces/trace.ts';
import type { TraceFormat, TraceNode, TracePod, TraceRecord } from '../../workload/traces/trace.ts';
import { csvRecords } from '../../workload/traces/csv-records.ts';
import { traceFormats } from '../../workload/traces/registry.ts';
import type { ManifestObject } from '../../workload/manifest-object.ts';
import { nodesOfTrace } from '../../workload/traces/trace-cluster.ts';
import { seedOf } from '../../workload/traces/trace-offers.ts';
import type { TraceReplay } from '../../workload/traces/trace-replay.ts';
import { fitsNowhere, unknownModel, unknownModelText } from '../../workload/traces/trace-checks.ts';
import { wholeFile } from '../diagnostics.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import type { Catalogue } from './catalogue.ts';
import type { ResolveContext } from './context.ts';
import { optionalMicroseconds } from './distribution.ts';

type Spec = ScenarioInput['spec'];
type TraceInput = NonNullable<NonNullable<Spec['workload']>[number]['trace']>;

/** Lines of one file that are reported one by one; the others are counted. */
const linesShownMax = 10;

/** Parts of a scenario that have a part in a simulation in time only. */
const timedParts = [
  'actions',
  'behaviors',
  'cluster',
  'controllers',
  'faults',
  'horizon',
  'images',
  'kubelet',
  'latency',
  'registry',
] as const satisfies readonly (keyof Spec)[];

/** The trace of a scenario; undefined where there is none, or after a report. */
export function resolveTrace(spec: Spec, seed: string, replication: number, context: ResolveContext) {
  const entries = (spec.workload ?? []).flatMap(({ trace }, at) => (trace === undefined ? [] : [{ trace, at }]));
  const [first, second] = entries;
  if (first === undefined) return undefined;
  const path: FieldPath = ['spec', 'workload', first.at, 'trace'];
  if (first.trace.replay !== 'timed') checkInOrder(spec, first.trace, path, context);
  else if (first.trace.order !== undefined)
    context.report(messages.contradiction('"order" has no part in a timed replay'), [...path, 'order'], 'key');
  if (second !== undefined)
    context.report(messages.contradiction('one trace is replayed'), ['spec', 'workload', second.at, 'trace'], 'key');
  if (first.trace.replay !== 'timed' && seedOf(seed, replication) === undefined) {
    const finding = messages.unusable(`the seed ${messages.quoted(seed)} puts no trace in order; write a whole number`);
    context.report(finding, spec.seed === undefined ? path : ['spec', 'seed']);
  }
  return readTrace(first.trace, path, context);
}

/** The nodes of a timed replay, for the start of the run; they go into the catalogue. */
export function resolveTraceNodes(
  spec: Spec,
  trace: TraceReplay | undefined,
  context: ResolveContext,
  catalogue: Catalogue,
): readonly ManifestObject[] {
  if (trace?.replay !== 'timed') return [];
  catalogue.knowsAllPods = false;
  const index = spec.workload!.findIndex((entry) => entry.trace !== undefined);
  const path: FieldPath = ['spec', 'workload', index, 'trace', 'nodes'];
  const nodes = nodesOfTrace(trace.nodes);
  for (const node of nodes) {
    const first = catalogue.addPoolNode(node, () => context.describePlace(path));
    if (first === undefined) continue;
    context.report(messages.duplicateName('node', node.metadata.name, first), path);
    break;
  }
  return nodes.map((object) => ({ kind: 'Node', object }) as const);
}

const noPart = 'has no part in a trace that is replayed in order, without a clock';

/** The command line states when the run ends. */
export function refuseEnd(trace: TraceReplay | undefined, context: ResolveContext): void {
  if (trace?.replay === 'inOrder')
    context.report(messages.contradiction(`--until ${noPart}`), ['spec', 'workload'], 'key');
}

/** Without a clock much of a scenario has no meaning. */
function checkInOrder(spec: Spec, trace: TraceInput, path: FieldPath, context: ResolveContext): void {
  if (spec.workload!.length > 1)
    context.report(messages.contradiction('a trace that is replayed in order is the whole workload'), path, 'key');
  for (const name of timedParts) {
    if (spec[name] === undefined) continue;
    context.report(messages.contradiction(`"${name}" ${noPart}`), ['spec', name], 'key');
  }
  for (const name of ['timeScale', 'window', 'thin'] as const) {
    if (trace[name] === undefined) continue;
    context.report(messages.contradiction(`"${name}" goes with "replay: timed"`), [...path, name], 'key');
  }
  if (trace.nodes === undefined)
    context.report(messages.contradiction('a replay in order needs "nodes"; or write "replay: timed"'), path, 'key');
}

function readTrace(input: TraceInput, path: FieldPath, context: ResolveContext): TraceReplay | undefined {
  const format = traceFormats.find(({ name }) => name === input.format)!;
  const nodes =
    input.nodes === undefined
      ? []
      : readRows(input.nodes, [...path, 'nodes'], context, `nodes of ${format.name}`, (records, report) =>
          format.nodes!(records, report),
        );
  if (nodes === undefined) return undefined;
  const hasNodes = input.nodes !== undefined;
  const models = new Set(nodes.map(({ devices }) => devices?.model ?? ''));
  const pods = readRows(
    input.pods,
    [...path, 'pods'],
    context,
    `pods of ${format.name}${hasNodes ? ` for ${JSON.stringify([...models])}` : ''}`,
    (records, report) => format.pods(records, report),
    (pod) => {
      const model = hasNodes ? unknownModel(pod, models) : undefined;
      return model === undefined ? undefined : { cell: model, message: unknownModelText(model, models) };
    },
  );
  if (pods === undefined) return undefined;
  if (hasNodes && fitsNowhere(pods, nodes)) {
    const message = `none of the ${pods.length} pods fits on any of the ${nodes.length} nodes, not even on an empty one`;
    context.report(messages.unusable(message), [...path, 'nodes']);
  }
  const { replay = 'inOrder' } = input;
  const timing = timingOf(input, pods, path, context);
  return { format: format.name, nodes, pods, replay, order: orderOf(input, pods, path, context), timing };
}

function orderOf(
  { order = {} }: TraceInput,
  pods: readonly TracePod[],
  path: FieldPath,
  context: ResolveContext,
): TraceReplay['order'] {
  const { shuffle = true, tuneRatio = 0 } = order;
  if (tuneRatio > 0 && pods.every(({ devices }) => devices === undefined)) {
    const message = 'no pod of the trace asks for devices, so that their share cannot be tuned';
    context.report(messages.contradiction(message), [...path, 'order', 'tuneRatio']);
  }
  return { shuffle, tuneRatio: tuneRatio > 0 ? tuneRatio : undefined };
}

function timingOf(
  { timeScale = 1, window = {}, thin = 1 }: TraceInput,
  pods: readonly TracePod[],
  path: FieldPath,
  context: ResolveContext,
): TraceReplay['timing'] {
  const fromUs = optionalMicroseconds(window.from) ?? 0;
  const untilUs = optionalMicroseconds(window.to);
  if (untilUs !== undefined && untilUs <= fromUs)
    context.report(messages.contradiction('"to" is not after "from"'), [...path, 'window', 'to']);
  const isInside = ({ arrivalUs = fromUs }: TracePod): boolean =>
    arrivalUs >= fromUs && arrivalUs < (untilUs ?? Infinity);
  if (!pods.some(isInside))
    context.report(messages.unusable(`none of the ${pods.length} pods arrived in the window`), [...path, 'window']);
  return { scale: timeScale, fromUs, untilUs, thin };
}

type Rows<T> = (records: Iterable<TraceRecord>, report: Parameters<TraceFormat['pods']>[1]) => Iterable<T>;

/** What is wrong with a well formed row. */
interface CellProblem {
  /** What the cell says that is wrong, or one of its alternatives does. */
  readonly cell: string;
  readonly message: string;
}

/**
 * All rows of a file; undefined after a report.
 *
 * @param purpose what `read` and `problemOf` depend on. @param problemOf what else is wrong with a row.
 */
function readRows<T extends TraceNode | TracePod>(
  text: string,
  field: FieldPath,
  context: ResolveContext,
  purpose: string,
  read: Rows<T>,
  problemOf: (row: T) => CellProblem | undefined = () => undefined,
): readonly T[] | undefined {
  const mention = context.mention(text, field);
  const found = context.texts.find(mention);
  const content = found === undefined ? undefined : context.texts.text(found, mention);
  if (content === undefined) return undefined;
  return context.traces.rows(purpose, content, () => rowsOf(content, found!.file, context, read, problemOf));
}

function rowsOf<T extends TraceNode | TracePod>(
  content: string,
  file: string,
  context: ResolveContext,
  read: Rows<T>,
  problemOf: (row: T) => CellProblem | undefined,
): readonly T[] | undefined {
  const lines = new LineReports(file, context);
  const rows: T[] = [];
  for (const row of read(lines.following(csvRecords([content])), lines.report)) {
    const problem = problemOf(row);
    if (problem !== undefined) lines.reportCell(problem);
    rows.push(row);
  }
  if (rows.length === 0 && lines.count === 0) lines.report(1, 'there is no row below the first line');
  lines.finish();
  return lines.count === 0 ? rows : undefined;
}

/** Reports lines of one file; after the first ones only their number. */
class LineReports {
  count = 0;
  /** The line that was read last. */
  current: TraceRecord = { fields: [], line: 1 };
  private readonly file: string;
  private readonly context: ResolveContext;

  constructor(file: string, context: ResolveContext) {
    this.file = file;
    this.context = context;
  }

  readonly report = (line: number, message: string, column = 1): void => {
    this.count++;
    if (this.count > linesShownMax) return;
    const place = { ...wholeFile(this.file), line, column, endColumn: column };
    this.context.texts.diagnostics.add(messages.badRow(message), place);
  };

  /** Of the line that was read last. */
  reportCell({ cell, message }: CellProblem): void {
    const at = this.current.fields.findIndex((field) => field.trim().split('|').includes(cell));
    this.report(this.current.line, message, columnOf(this.current, at));
  }

  /** The same records; notes where they stand. */
  *following(records: Iterable<TraceRecord>): Generator<TraceRecord> {
    for (const record of records) {
      this.current = record;
      yield record;
    }
  }

  finish(): void {
    const hidden = this.count - linesShownMax;
    if (hidden <= 0) return;
    const message = `${hidden} more ${hidden === 1 ? 'row' : 'rows'} of this file cannot be used`;
    this.context.texts.diagnostics.add(messages.badRow(message), wholeFile(this.file));
  }
}
