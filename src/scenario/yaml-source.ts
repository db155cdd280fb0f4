/**
 * YAML and JSON as Kubernetes reads them (YAML 1.1 without times of day and dates), with the place of every value. Hostile
 * text is stopped before it costs anything: deep nesting, alias bombs, values that contain themselves.
 */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, Node, Pair, ScalarTag, Tags, YAMLError, YAMLMap } from 'yaml';
import type { DiagnosticList, Place } from './diagnostics.ts';
import { wholeFile } from './diagnostics.ts';
import type { FieldPath } from './field-path.ts';
import * as messages from './messages.ts';
import { nestingProblem } from './nesting.ts';
import { reportOctals } from './octal-numbers.ts';
import { PlainValues } from './plain-values.ts';

/** Which side of a map entry a place is for. */
export type EntryPart = 'key' | 'value';

/** One document of a file. */
export interface SourceDocument {
  readonly file: string;
  /** The contents as plain maps, lists and scalars. */
  readonly raw: unknown;
  /** Where a value (or its key) stands; of a value that is missing, where its nearest container stands. */
  locate(path: FieldPath, part?: EntryPart): Place;
}

/** JSON above this size is read by the far faster JSON parser; places are found again only when a message needs one. */
const fastJsonSizeMin = 256 * 1024;

/** Reads all documents of a file; empty ones are left out. Problems go to `list`, and what is readable is returned. */
export function parseSource(file: string, text: string, list: DiagnosticList): readonly SourceDocument[] {
  const tooDeep = nestingProblem(text);
  const lines = new LineTable(file, text);
  if (tooDeep !== undefined) {
    list.add(
      messages.tooComplex(`nested more than ${tooDeep.limit} levels deep`),
      lines.place(tooDeep.offset, tooDeep.offset + 1),
    );
    return [];
  }
  const isJson = text.length >= fastJsonSizeMin && /^\s*\{/.test(text.slice(0, 1000));
  return (isJson ? fastJson(file, text, lines) : undefined) ?? parseYaml(file, text, lines, list);
}

function fastJson(file: string, text: string, lines: LineTable): readonly SourceDocument[] | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  let located: Located | undefined;
  const locate = (path: FieldPath, part: EntryPart = 'value'): Place => {
    located ??= new Located(documentsOf(text)[0]!, lines);
    return located.locate(path, part);
  };
  return [{ file, raw, locate }];
}

function documentsOf(text: string): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, { version: '1.1', customTags, prettyErrors: false, logLevel: 'silent' });
  return Array.isArray(documents) ? documents : [];
}

const knownTags: ReadonlySet<string> = new Set(['map', 'seq', 'str', 'null', 'bool', 'int', 'float', 'merge']);

/** The tags of YAML 1.1 that Kubernetes has: without base 60, dates, binary and the ordered collections. */
function customTags(tags: Tags): Tags {
  return tags
    .filter((tag) => {
      if (typeof tag === 'string') return knownTags.has(tag);
      return tag.format !== 'TIME' && knownTags.has(tag.tag.replace('tag:yaml.org,2002:', ''));
    })
    .map((tag) => (isFloat(tag) ? { ...tag, test: tag.format === 'EXP' ? floatWithExponent : floatWithPoint } : tag));
}

/** A number has a digit before its exponent (upstream `go-yaml/resolve.go`): `.` and `e1` are texts. */
const floatWithPoint = /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*)$/;
const floatWithExponent = /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)[eE][-+]?[0-9]+$/;

/** Of numbers with a point or an exponent; infinity and what is no number are another tag of the same name. */
function isFloat(tag: Tags[number]): tag is ScalarTag {
  if (typeof tag === 'string' || tag.collection !== undefined || tag.tag !== 'tag:yaml.org,2002:float') return false;
  return tag.format === 'EXP' || tag.test?.test('1.') === true;
}

function parseYaml(file: string, text: string, lines: LineTable, list: DiagnosticList): readonly SourceDocument[] {
  let documents: readonly Document.Parsed[];
  try {
    documents = documentsOf(text);
  } catch {
    list.add(messages.tooComplex('too deeply nested to be read'), wholeFile(file));
    return [];
  }
  const sources: SourceDocument[] = [];
  const plain = new PlainValues((problem, range) => {
    const isTemplate = text.startsWith('{{', range[0] - 1);
    list.add(isTemplate ? messages.template() : problem, lines.place(range[0], range[1]));
  });
  for (const document of documents) {
    const problems = [...document.errors, ...document.warnings];
    const template = problems.length === 0 ? -1 : text.indexOf('{{');
    if (template >= 0) {
      list.add(messages.template(), lines.place(template, template + 2));
      return sources;
    }
    for (const problem of firstPerLine(problems, lines))
      list.add(syntaxFinding(problem, text), lines.place(...problem.pos));
    if (problems.length > 0) continue;
    const located = new Located(document, lines);
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue;
    const raw = plain.of(document.contents, document);
    if (plain.isBroken) return sources;
    if (isOwnDocument(raw)) reportOctals(document, (finding, range) => list.add(finding, lines.place(...range)));
    sources.push({ file, raw, locate: (path, part = 'value') => located.locate(path, part) });
  }
  return sources;
}

/** Manifests are left alone: there `defaultMode: 0400` is meant as it is. */
function isOwnDocument(raw: unknown): boolean {
  const apiVersion = (raw as { readonly apiVersion?: unknown } | null)?.apiVersion;
  return typeof apiVersion === 'string' && apiVersion.startsWith('orrery.dev/');
}

/** One error often brings others on the same line after it. */
function firstPerLine(problems: readonly YAMLError[], lines: LineTable): readonly YAMLError[] {
  const seen = new Set<number>();
  return problems.filter((problem) => {
    const { line } = lines.place(problem.pos[0], problem.pos[0]);
    const isFirst = !seen.has(line);
    seen.add(line);
    return isFirst;
  });
}

function syntaxFinding(problem: YAMLError, text: string): ReturnType<typeof messages.syntax> {
  const [start] = problem.pos;
  if (problem.code === 'TAB_AS_INDENT') return messages.tab();
  if (text[start] === '\t') return messages.tab();
  if (problem.code === 'DUPLICATE_KEY') return messages.duplicateKey(keyAt(text, start));
  return messages.syntax(problem.message);
}

/** The key that begins at an offset, as far as it can be told without a parser. */
function keyAt(text: string, start: number): string {
  const line = text.slice(start, start + 200).split('\n')[0]!;
  return /^(?:"[^"]*"|'[^']*'|[^:,}\s]+)/.exec(line)?.[0] ?? line;
}

/** Lines of a text, for places. */
export class LineTable {
  private readonly file: string;
  private readonly text: string;
  private readonly counter = new LineCounter();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.counter.addNewLine(0);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.counter.addNewLine(at + 1);
  }

  /** The place from one offset to another; what goes on over several lines is cut at the end of the first. */
  place(start: number, end: number): Place {
    const from = Math.max(0, Math.min(start, this.text.length));
    const { line, col } = this.counter.linePos(from);
    const lineStart = from - (col - 1);
    const newLine = this.text.indexOf('\n', from);
    const lineEnd = newLine < 0 ? this.text.length : newLine;
    const excerpt = this.text.slice(lineStart, lineEnd).replace(/\r$/, '');
    return { file: this.file, line, column: col, endColumn: col + Math.max(1, Math.min(end, lineEnd) - from), excerpt };
  }
}

/** Finds places in a parsed document. */
class Located {
  private readonly document: Document.Parsed;
  private readonly lines: LineTable;

  constructor(document: Document.Parsed, lines: LineTable) {
    this.document = document;
    this.lines = lines;
  }

  locate(path: FieldPath, part: EntryPart): Place {
    let node: unknown = this.document.contents;
    let key: unknown;
    for (const step of path) {
      const next = this.child(node, step);
      if (next === undefined) return this.placeOf(key ?? node);
      node = next.value;
      key = next.key;
    }
    const isAbsent = node === null || node === undefined || (isScalar(node) && isEmpty(node));
    return this.placeOf((part === 'key' || isAbsent) && key !== undefined ? key : node);
  }

  private child(node: unknown, step: string | number): { readonly key: unknown; readonly value: unknown } | undefined {
    const target = this.resolved(node);
    if (isSeq(target) && typeof step === 'number') {
      return step < target.items.length ? { key: undefined, value: target.items[step] } : undefined;
    }
    return isMap(target) ? this.entry(target, String(step)) : undefined;
  }

  private entry(map: YAMLMap, name: string): { readonly key: unknown; readonly value: unknown } | undefined {
    const pair = map.items.find((item: Pair) => keyText(item.key) === name);
    if (pair !== undefined) return { key: pair.key, value: pair.value };
    for (const item of map.items) {
      if (keyText(item.key) !== '<<') continue;
      const merged = this.resolved(item.value);
      const maps = isSeq(merged) ? merged.items.map((each) => this.resolved(each)) : [merged];
      for (const each of maps) {
        const found = isMap(each) ? this.entry(each, name) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  private resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.document) : node;
  }

  private placeOf(node: unknown): Place {
    const range = (node as Node | null | undefined)?.range ?? this.document.contents?.range ?? [0, 0, 0];
    return this.lines.place(range[0], range[1]);
  }
}

function isEmpty(node: { readonly range?: readonly number[] | null | undefined }): boolean {
  return node.range !== null && node.range !== undefined && node.range[0] === node.range[1];
}

/** A key as the text that it becomes in JSON; undefined for keys that are no scalars. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'symbol' ? '<<' : String(key.value);
}
