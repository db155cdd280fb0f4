/** What the program says to users about their files: one shape for errors and warnings, as text and as JSON. */
import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { FieldPath } from './field-path.ts';
import { formatPath } from './field-path.ts';

/** Where something stands in a file; lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The column behind the last character on that line. */
  readonly endColumn: number;
  /** The line itself; empty where there is none. */
  readonly excerpt: string;
}

/** A message without its place. */
export interface Finding {
  readonly code: DiagnosticCode;
  /** What was found and what is right, in one sentence without a full stop. */
  readonly message: string;
  /** What was expected, where it can be said shortly. */
  readonly expected?: string;
  /** The text to write instead. */
  readonly suggestion?: string;
}

/** A message with everything that a reader, human or program, needs to act on it. */
export interface Diagnostic extends Finding, Place {
  readonly severity: 'error' | 'warning';
  /** The field; empty for the file as a whole. */
  readonly path: string;
  /** The Kubernetes object that is meant; empty in scenario files. */
  readonly subject: string;
}

/** Errors beyond this number are counted, not shown: after so many the cause is elsewhere. */
export const errorsShownMax = 20;

/** Gathers diagnostics, errors and warnings apart, each in the order of finding. */
export class DiagnosticList {
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];
  private readonly known = new Set<string>();

  /** Adds a message; the code's letter says whether it is an error. The same message at the same place is kept once. */
  add(finding: Finding, place: Place, path: FieldPath = [], subject = ''): void {
    const severity = finding.code.startsWith('W') ? 'warning' : 'error';
    this.take({ ...finding, ...place, severity, path: formatPath(path), subject });
  }

  /** Adds a message of another list. */
  take(diagnostic: Diagnostic): void {
    const { code, message, file, line, column, severity } = diagnostic;
    const key = [code, message, file, line, column].join('\n');
    if (this.known.has(key)) return;
    this.known.add(key);
    (severity === 'warning' ? this.warnings : this.errors).push(diagnostic);
  }

  get hasErrors(): boolean {
    return this.errors.length > 0;
  }
}

/** The place of a file as a whole. */
export function wholeFile(file: string): Place {
  return { file, line: 1, column: 1, endColumn: 1, excerpt: '' };
}

/** Options of the text form. */
export interface FormatOptions {
  /** Prints the line below the message, with a mark under the place. */
  readonly withExcerpt?: boolean;
}

/** `zone.yaml:31:7 error E014: spec.faults[2].zoneOutage: unknown field "durration"; did you mean "duration"?` */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions = {}): string {
  const { file, line, column, severity, code, subject, path, message } = diagnostic;
  const parts = [subject, path, message].filter((part) => part !== '');
  const head = printable(`${file}:${line}:${column} ${severity} ${code}: ${parts.join(': ')}`);
  return options.withExcerpt === true && diagnostic.excerpt !== '' ? `${head}\n${excerptOf(diagnostic)}` : head;
}

/** All messages in text form, and a closing line that counts them; at most 20 errors of one file are shown. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions = {}): string {
  const shownByFile = new Map<string, number>();
  const lines: string[] = [];
  let hidden = 0;
  for (const diagnostic of diagnostics) {
    const shown = shownByFile.get(diagnostic.file) ?? 0;
    if (diagnostic.severity === 'error' && shown >= errorsShownMax) {
      hidden++;
      continue;
    }
    if (diagnostic.severity === 'error') shownByFile.set(diagnostic.file, shown + 1);
    lines.push(formatDiagnostic(diagnostic, options));
  }
  if (hidden > 0) lines.push(`... and ${count(hidden, 'more error')}`);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counts = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''];
  const summary = counts.filter((part) => part !== '').join(', ');
  if (errors > 0) lines.push(`${summary}; nothing was run.`);
  return lines.join('\n');
}

/** The messages as JSON, one array; field order is fixed. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): string {
  const plain = diagnostics.map((diagnostic) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    file: diagnostic.file,
    line: diagnostic.line,
    column: diagnostic.column,
    path: diagnostic.path,
    subject: diagnostic.subject === '' ? undefined : diagnostic.subject,
    message: diagnostic.message,
    expected: diagnostic.expected,
    suggestion: diagnostic.suggestion,
    excerpt: diagnostic.excerpt === '' ? undefined : diagnostic.excerpt,
  }));
  return JSON.stringify(plain, undefined, 2);
}

/** `1 error`, `2 errors`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

const excerptLengthMax = 160;

function excerptOf({ line, column, endColumn, excerpt }: Diagnostic): string {
  const from = column > excerptLengthMax - 40 ? column - 40 : 0;
  const shown = printable(excerpt.slice(from, from + excerptLengthMax).replaceAll('\t', ' '));
  const gutter = String(line);
  const start = column - 1 - from;
  const length = Math.max(1, Math.min(endColumn - column, excerptLengthMax - start));
  return `  ${gutter} | ${shown}\n  ${' '.repeat(gutter.length)} | ${' '.repeat(start)}${'^'.repeat(length)}`;
}

/** Control characters, and those that turn the direction of writing, as visible escapes: a name cannot fake a message. */
export function printable(text: string): string {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const isControl = code < 32 || (code >= 127 && code < 160);
    const turnsText =
      code === 0x200e || code === 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    result += isControl || turnsText ? `\\u${code.toString(16).padStart(4, '0')}` : character;
  }
  return result;
}
