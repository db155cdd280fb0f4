/** From YAML nodes to plain maps, lists and scalars, with a budget: aliases can make a small file enormous. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, YAMLMap, YAMLSeq } from 'yaml';
import type { Finding } from './diagnostics.ts';
import * as messages from './messages.ts';

const depthMax = 64;
const valuesMax = 1_000_000;
const aliasesMax = 10_000;

/** Hears of a problem and where it is, as offsets into the text. */
export type ReportRange = (finding: Finding, range: readonly [number, number]) => void;

type Range = readonly [number, number];

/** Converts the documents of one file; the budget is for the file as a whole. */
export class PlainValues {
  /** A limit was passed; what has been converted since is incomplete. */
  isBroken = false;
  private readonly report: ReportRange;
  private values = 0;
  private aliases = 0;
  private readonly open = new Set<unknown>();

  constructor(report: ReportRange) {
    this.report = report;
  }

  /** The plain value of a node. */
  of(node: unknown, document: Document.Parsed, depth = 0): unknown {
    if (this.isBroken) return null;
    if (++this.values > valuesMax) return this.stop(node, `more than ${valuesMax} values, aliases expanded`);
    if (depth > depthMax) return this.stop(node, `nested more than ${depthMax} levels deep`);
    if (isAlias(node)) return this.alias(node, document, depth);
    if (isScalar(node)) return this.scalar(node.value, node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (this.open.has(node)) return this.stop(node, 'the value contains itself');
    this.open.add(node);
    const value = isMap(node) ? this.map(node, document, depth) : this.list(node, document, depth);
    this.open.delete(node);
    return value;
  }

  private alias(
    node: { readonly source: string; resolve(document: Document): unknown },
    document: Document.Parsed,
    depth: number,
  ): unknown {
    if (++this.aliases > aliasesMax) return this.stop(node, `more than ${aliasesMax} aliases`);
    const target = node.resolve(document);
    if (target !== undefined) return this.of(target, document, depth);
    this.report(messages.syntax(`there is no anchor "${node.source}" before this alias`), rangeOf(node));
    this.isBroken = true;
    return null;
  }

  private scalar(value: unknown, node: unknown): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.report(messages.notFinite(), rangeOf(node));
      return 0;
    }
    if (typeof value === 'symbol') return '<<';
    return typeof value === 'bigint' ? Number(value) : (value ?? null);
  }

  private list(node: YAMLSeq, document: Document.Parsed, depth: number): unknown[] {
    return node.items.map((item) => this.of(item, document, depth + 1));
  }

  private map(node: YAMLMap, document: Document.Parsed, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const merges: unknown[] = [];
    for (const { key, value } of node.items) {
      const name = this.key(key);
      if (name === undefined) continue;
      if (name === '<<') merges.push(value);
      else result[name] = this.of(value, document, depth + 1);
    }
    for (const merge of merges) this.merge(result, merge, document, depth);
    return result;
  }

  /** `<<: *base`: what the map does not say itself. */
  private merge(result: Record<string, unknown>, merge: unknown, document: Document.Parsed, depth: number): void {
    const value = this.of(merge, document, depth + 1);
    for (const source of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.report(messages.syntax('a merge key takes a map, or a list of maps'), rangeOf(merge));
        continue;
      }
      for (const [name, inherited] of Object.entries(source))
        if (!Object.hasOwn(result, name)) result[name] = inherited;
    }
  }

  private key(key: unknown): string | undefined {
    if (!isScalar(key)) {
      this.report(messages.syntax('keys must be plain text'), rangeOf(key));
      return undefined;
    }
    const name = typeof key.value === 'symbol' ? '<<' : String(key.value);
    if (name !== '__proto__') return name;
    this.report(messages.reservedKey(name), rangeOf(key));
    return undefined;
  }

  private stop(node: unknown, why: string): null {
    this.isBroken = true;
    this.report(messages.tooComplex(why), rangeOf(node));
    return null;
  }
}

function rangeOf(node: unknown): Range {
  const range = (node as { readonly range?: readonly [number, number, number] | null } | null)?.range;
  return range === null || range === undefined ? [0, 0] : [range[0], range[1]];
}
