/** Where two runs part: both are run again side by side, and the first event or line of the journal that differs is shown. */
import type { SimTime } from '../engine/time.ts';
import { formatClock } from '../engine/time.ts';
import { formatNumber } from '../report/format.ts';
import { Journal, journalLine } from '../record/journal.ts';
import type { Simulation, SimulationStop } from '../simulation.ts';
import { breathe } from './cli-io.ts';
import type { CliIo } from './cli-io.ts';
import type { PreparedRun } from './prepare.ts';
import { newSimulation } from './simulate-in-time.ts';

const SLICE_EVENTS = 16_384;
/** The digest of the trace is noted after every so many events. */
const CHECKPOINT_EVENTS = 65_536;

/** One of two runs, and what to call it. */
export interface NamedRun {
  readonly run: PreparedRun;
  readonly name: string;
}

/** How a difference is looked for and shown. */
export interface DifferenceOptions {
  readonly io: CliIo;
  /** Lines of the journal before and after the difference. */
  readonly around: number;
  /** Leading checkpoints of the trace that are known to be the same. */
  readonly sameCheckpoints?: number;
}

interface TracedEvent {
  readonly index: number;
  readonly time: SimTime;
  readonly phase: number;
  readonly handler: string;
  readonly payload: number;
}

/** Lines that say where two runs part; none if they do not. */
export async function differenceOfRuns(a: NamedRun, b: NamedRun, options: DifferenceOptions): Promise<string[]> {
  const left = new Replay(a.run, options);
  const right = new Replay(b.run, options);
  let eventLines: string[] | undefined;
  for (;;) {
    left.advance();
    right.advance();
    eventLines ??= firstDifferentEvent(left, right, a.name, b.name);
    const lineAt = firstDifferentLine(left, right);
    if (lineAt !== undefined || (left.isOver && right.isOver)) {
      const journal = lineAt === undefined ? [] : await journalLines(left, right, lineAt, { a, b, options });
      return [...(eventLines ?? []), ...journal];
    }
    // Events that differ while the journal does not are told without waiting for the end of a long run.
    if (eventLines !== undefined && left.slices > SLICES_AFTER_EVENT) return eventLines;
    left.forget(options.around);
    right.forget(options.around);
    await breathe();
    if (options.io.interruption.signal !== undefined) return ['stopped before the difference was found'];
  }
}

const SLICES_AFTER_EVENT = 1_000;

/** A run that is repeated slice by slice while somebody listens. */
class Replay {
  readonly events: TracedEvent[] = [];
  readonly lines: string[] = [];
  /** Lines that were forgotten, those of events known to be the same included. */
  forgotten = 0;
  isOver = false;
  slices = 0;
  /** Undefined while it is made, at time 0. */
  private readonly simulation: Simulation | undefined;
  private readonly skipUntil: number;

  constructor(run: PreparedRun, { sameCheckpoints = 0 }: DifferenceOptions) {
    this.skipUntil = sameCheckpoints * CHECKPOINT_EVENTS;
    const journal = new Journal(
      () => this.simulation?.engine.now ?? 0,
      (time, text) => void this.lines.push(journalLine(time, text)),
    );
    this.simulation = newSimulation(run, {
      check: 'off',
      observers: [journal],
      onEvent: (index, time, phase, handler, payload) => {
        if (index >= this.skipUntil) this.events.push({ index, time, phase, handler, payload });
      },
    });
  }

  advance(): void {
    this.slices++;
    if (this.isOver) return;
    const stop: SimulationStop = this.simulation!.advance(SLICE_EVENTS);
    this.isOver = stop.reason !== 'paused';
  }

  /** Drops what both runs have in common, except the last few lines. */
  forget(around: number): void {
    const drop = Math.max(0, this.compared - around);
    this.lines.splice(0, drop);
    this.compared -= drop;
    this.forgotten += drop;
  }

  /** How many of `lines` were found to be the same. */
  compared = 0;
}

function firstDifferentEvent(left: Replay, right: Replay, a: string, b: string): string[] | undefined {
  const length = Math.min(left.events.length, right.events.length);
  for (let at = 0; at < length; at++) {
    if (isSameEvent(left.events[at]!, right.events[at]!)) continue;
    return eventDifference(left.events[at], right.events[at], a, b);
  }
  const isOneOver = (left.isOver && right.events.length > length) || (right.isOver && left.events.length > length);
  if (isOneOver) return eventDifference(left.events[length], right.events[length], a, b);
  left.events.splice(0, length);
  right.events.splice(0, length);
  return undefined;
}

function isSameEvent(a: TracedEvent, b: TracedEvent): boolean {
  return a.time === b.time && a.phase === b.phase && a.handler === b.handler && a.payload === b.payload;
}

function eventDifference(
  left: TracedEvent | undefined,
  right: TracedEvent | undefined,
  a: string,
  b: string,
): string[] {
  const first = [left, right].filter((event) => event !== undefined).sort((x, y) => x.time - y.time)[0]!;
  const width = Math.max(a.length, b.length);
  const shown = (event: TracedEvent | undefined): string =>
    event === undefined ? 'no further event' : `${formatClock(event.time)}  ${event.handler}  payload ${event.payload}`;
  return [
    `first difference at ${formatClock(first.time)} (event ${formatNumber(first.index)})`,
    `  ${a.padEnd(width)}  ${shown(left)}`,
    `  ${b.padEnd(width)}  ${shown(right)}`,
  ];
}

/** Index of the first line that differs; undefined as long as one run may still catch up. */
function firstDifferentLine(left: Replay, right: Replay): number | undefined {
  const length = Math.min(left.lines.length, right.lines.length);
  let at = Math.min(left.compared, length);
  while (at < length && left.lines[at] === right.lines[at]) at++;
  left.compared = at;
  right.compared = at;
  if (at < length) return at;
  const isOneShort = (left.isOver && right.lines.length > length) || (right.isOver && left.lines.length > length);
  return isOneShort ? at : undefined;
}

async function journalLines(
  left: Replay,
  right: Replay,
  at: number,
  { a, b, options }: { readonly a: NamedRun; readonly b: NamedRun; readonly options: DifferenceOptions },
): Promise<string[]> {
  const { around, io } = options;
  while (hasRoom(left, at + around) || hasRoom(right, at + around)) {
    left.advance();
    right.advance();
    await breathe();
    if (io.interruption.signal !== undefined) break;
  }
  const width = Math.max(a.name.length, b.name.length);
  const after = (replay: Replay, name: string): string[] =>
    [replay.lines[at] ?? '(the run is over)', ...replay.lines.slice(at + 1, at + around)].map(
      (line, index) => `${index === 0 ? '>' : ' '} ${(index === 0 ? name : '').padEnd(width)}  ${line}`,
    );
  return [
    '',
    `journal from line ${left.forgotten + Math.max(0, at - around) + 1}; > marks what differs`,
    ...left.lines.slice(Math.max(0, at - around), at).map((line) => `  ${' '.repeat(width)}  ${line}`),
    ...after(left, a.name),
    ...after(right, b.name),
  ];
}

const hasRoom = (replay: Replay, lines: number): boolean => !replay.isOver && replay.lines.length < lines;
