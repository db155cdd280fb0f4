import { CsvError, parse } from 'csv-parse/sync';
import type { TraceRecord } from './trace.ts';

/** Letters of one record at most: what is longer is a quote that nobody closed. */
const recordLengthMax = 1 << 22;

/**
 * The records of a CSV text (RFC 4180) that comes in pieces; empty lines are left out. Memory for one piece and one record. A record
 * whose quotes are wrong has a problem in place of fields, and the next one begins with the next line.
 */
export function* csvRecords(pieces: Iterable<string>): Generator<TraceRecord> {
  let rest = '';
  let line = 1;
  for (const piece of pieces) {
    rest += piece;
    let from = 0;
    let nextQuote = quoteFrom(rest, 0);
    for (;;) {
      if (nextQuote < from) nextQuote = quoteFrom(rest, from);
      const end = recordEnd(rest, from, nextQuote);
      if (end < 0) break;
      const text = rest.slice(from, end);
      yield* recordOf(text, line);
      line += nextQuote < end ? lineBreaks(text) : 1;
      from = end;
    }
    rest = rest.slice(from);
    if (rest.length > recordLengthMax) break;
  }
  yield* recordOf(rest, line);
}

const quote = 34;
const comma = 44;
const lineBreak = 10;

/** Where the next quote stands; Infinity = there is none. */
function quoteFrom(text: string, from: number): number {
  const at = text.indexOf('"', from);
  return at < 0 ? Infinity : at;
}

/** Where the record ends that begins at `from`: after a line break outside of quotes; -1 = further on. */
function recordEnd(text: string, from: number, nextQuote: number): number {
  const end = text.indexOf('\n', from);
  if (end < 0 || nextQuote > end) return end < 0 ? -1 : end + 1;
  // Only a quote that begins a cell hides line breaks.
  let isQuoted = false;
  for (let at = from, before = comma; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter === quote) isQuoted = isQuoted ? false : before === comma || before === quote;
    else if (letter === lineBreak && !isQuoted) return at + 1;
    before = letter;
  }
  return -1;
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function* recordOf(text: string, line: number): Generator<TraceRecord> {
  const record = text.replace(/\r?\n$/, '');
  if (record === '') return;
  if (!record.includes('"')) {
    yield { fields: record.split(','), line };
    return;
  }
  const fields = quotedFields(record);
  yield fields === undefined ? { fields: [], line, problem: quoteProblem(record) } : { fields, line, isQuoted: true };
}

/** Cells of a record, some of them in quotes; undefined where the quotes are wrong. */
function quotedFields(record: string): readonly string[] | undefined {
  try {
    return parse(record, { relax_column_count: true })[0];
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

function quoteProblem(record: string): string {
  const lines = lineBreaks(record);
  if (lines > 0) return `a quote is opened here and not closed: this line and the ${lines} after it are no row`;
  return 'a quote is not closed, or stands within a cell; a cell with quotes is written "so ""quoted"" here"';
}
