import { CsvError, parse } from 'csv-parse/sync';
import type { RecordReport, TraceRecord } from './trace.ts';

/**
 * The records of a CSV text (RFC 4180) that comes in pieces; empty lines are left out. Memory for one piece and one record.
 *
 * @param report hears of quotes that are wrong; the piece with them is left out.
 */
export function* csvRecords(pieces: Iterable<string>, report: RecordReport): Generator<TraceRecord> {
  let rest = '';
  let line = 1;
  for (const piece of pieces) {
    rest += piece;
    const end = lastRecordEnd(rest);
    if (end === 0) continue;
    const whole = rest.slice(0, end);
    rest = rest.slice(end);
    yield* parsed(whole, line, report);
    line += lineCount(whole);
  }
  yield* parsed(rest, line, report);
}

/** Where the last record that is there as a whole ends: after a line break outside of quotes. */
function lastRecordEnd(text: string): number {
  if (!text.includes('"')) return text.lastIndexOf('\n') + 1;
  let end = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter === 34) isQuoted = !isQuoted;
    else if (letter === 10 && !isQuoted) end = at + 1;
  }
  return end;
}

function lineCount(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Text without quotes needs no parser: a split is several times quicker. */
function* parsed(text: string, firstLine: number, report: RecordReport): Generator<TraceRecord> {
  if (text.includes('"')) {
    yield* parsedWithQuotes(text, firstLine, report);
    return;
  }
  let line = firstLine;
  for (const row of text.split('\n')) {
    const trimmed = row.endsWith('\r') ? row.slice(0, -1) : row;
    if (trimmed !== '') yield { fields: trimmed.split(','), line };
    line++;
  }
}

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function* parsedWithQuotes(text: string, firstLine: number, report: RecordReport): Generator<TraceRecord> {
  const options = { info: true, relax_column_count: true, skip_empty_lines: true } as const;
  let records: readonly ParsedRecord[];
  try {
    records = parse(text, options) as unknown as readonly ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = Number((error as { lines?: unknown }).lines ?? 1);
    return report(firstLine + lines - 1, error.message);
  }
  for (const { record, info } of records) yield { fields: record, line: firstLine + info.lines - 1, isQuoted: true };
}
