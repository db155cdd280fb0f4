/** Traces of faults: CSV files with the columns start, end and target. */
import { parseDuration, SECOND } from '../../engine/time.ts';
import type { TraceSpan } from '../../faults/fault.ts';
import type { Place } from '../diagnostics.ts';
import type { Mention } from '../input-texts.ts';
import * as messages from '../messages.ts';
import type { ResolveContext } from './context.ts';

/** A span with the place of its target. */
export interface ReadSpan extends TraceSpan {
  readonly place: Place;
}

interface Cell {
  readonly text: string;
  readonly place: Place;
}

const columnNames = ['start', 'end', 'target'] as const;
type Columns = ReadonlyMap<(typeof columnNames)[number], number>;

/** The spans of a file, in the order of their starts; what is wrong with it is reported at its line. */
export function readTrace({ texts }: ResolveContext, mention: Mention): readonly ReadSpan[] {
  const found = texts.find(mention);
  const text = found === undefined ? undefined : texts.text(found, mention);
  if (found === undefined || text === undefined) return [];
  const lines = text.split(/\r?\n/).map((line, at) => cellsOf(line, found.file, at + 1));
  const [header, ...rows] = lines.filter((cells) => cells.length > 0);
  const report = (finding: ReturnType<typeof messages.badTrace>, place: Place): void =>
    texts.diagnostics.add(finding, place, mention.field);
  const columns = header === undefined ? undefined : columnsOf(header);
  if (columns === undefined) {
    texts.report(mention, messages.badTrace(`${messages.quoted(mention.text)} has no header start,end,target`));
    return [];
  }
  const spans: ReadSpan[] = [];
  for (const row of rows) {
    const span = spanOf(row, columns, report);
    if (span !== undefined) spans.push(span);
  }
  spans.sort((a, b) => a.startsAt - b.startsAt || a.place.line - b.place.line);
  for (const [span, first] of overlapping(spans))
    report(messages.traceOverlaps(span.target, first.place.line), span.place);
  return spans;
}

/** The cells of a line that says something. */
function cellsOf(line: string, file: string, number: number): readonly Cell[] {
  if (line.trim() === '' || line.startsWith('#')) return [];
  const cells: Cell[] = [];
  let column = 1;
  for (const raw of line.split(',')) {
    const place = { file, line: number, column, endColumn: column + raw.length, excerpt: line };
    cells.push({ text: raw.trim().replace(/^"(.*)"$/, '$1'), place });
    column += raw.length + 1;
  }
  return cells;
}

function columnsOf(header: readonly Cell[]): Columns | undefined {
  const columns = new Map(columnNames.map((name) => [name, header.findIndex(({ text }) => text === name)] as const));
  return [...columns.values()].includes(-1) ? undefined : columns;
}

function spanOf(
  row: readonly Cell[],
  columns: Columns,
  report: (finding: ReturnType<typeof messages.badTrace>, place: Place) => void,
): ReadSpan | undefined {
  const cell = (name: (typeof columnNames)[number]): Cell | undefined => row[columns.get(name)!];
  const [start, end, target] = [cell('start'), cell('end'), cell('target')];
  if (start === undefined || end === undefined || target === undefined) {
    report(messages.badTrace('the line has fewer cells than the header'), row[0]!.place);
    return undefined;
  }
  const startsAt = timeOf(start.text);
  const endsAt = end.text === '' ? undefined : timeOf(end.text);
  for (const [each, time] of [
    [start, startsAt],
    [end, end.text === '' ? 0 : endsAt],
  ] as const) {
    if (time === undefined)
      report(messages.badTrace(`${messages.quoted(each.text)} is no time: write 10m, or seconds`), each.place);
  }
  if (startsAt === undefined || (endsAt === undefined && end.text !== '')) return undefined;
  if (endsAt !== undefined && endsAt <= startsAt) {
    report(messages.badTrace(`the end ${messages.quoted(end.text)} is not after the start`), end.place);
    return undefined;
  }
  return { startsAt, endsAt, target: target.text, place: target.place };
}

/** Microseconds of a duration or of seconds. */
function timeOf(text: string): number | undefined {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Math.round(Number(text) * SECOND);
  return parseDuration(text);
}

/** Each span that begins before an earlier one of its target is over, with that one. */
function overlapping(spans: readonly ReadSpan[]): readonly (readonly [ReadSpan, ReadSpan])[] {
  const last = new Map<string, ReadSpan>();
  const found: (readonly [ReadSpan, ReadSpan])[] = [];
  for (const span of spans) {
    const before = last.get(span.target);
    if (before !== undefined && (before.endsAt ?? Infinity) > span.startsAt) found.push([span, before]);
    else last.set(span.target, span);
  }
  return found;
}
