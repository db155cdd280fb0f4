/** Values put together from several documents; every part still knows where it was written. */
import type { Place } from './diagnostics.ts';
import type { FieldPath, OverrideStep } from './field-path.ts';
import type { EntryPart, SourceDocument } from './yaml-source.ts';

/** A value and where it was written. */
export interface Composed {
  readonly raw: unknown;
  readonly document: SourceDocument;
  /** Where it stands in `document`. */
  readonly path: FieldPath;
  /** Parts that come from somewhere else than `document`; undefined = the whole value is written there. */
  readonly parts: ReadonlyMap<string | number, Composed> | undefined;
}

/** A document as it is, or one value of it. */
export function composedOf(document: SourceDocument, path: FieldPath = [], raw: unknown = document.raw): Composed {
  return { raw, document, path, parts: undefined };
}

/** Where the value at a path (or its key) stands; of a value that is missing, where its nearest container stands. */
export function locateIn(root: Composed, path: FieldPath, part: EntryPart = 'value'): Place {
  const { node, rest } = descend(root, path);
  return node.document.locate(node.parts === undefined ? [...node.path, ...rest] : node.path, part);
}

/** The file in which the value at a path is written. */
export function fileIn(root: Composed, path: FieldPath): string {
  return descend(root, path).node.document.file;
}

/** As far as the parts lead, and what is left of the path. */
function descend(root: Composed, path: FieldPath): { readonly node: Composed; readonly rest: FieldPath } {
  let node = root;
  for (const [at, step] of path.entries()) {
    const next = node.parts?.get(step);
    if (next === undefined) return { node, rest: path.slice(at) };
    node = next;
  }
  return { node, rest: [] };
}

/**
 * `over` on top of `base`: maps are merged, and lists whose entries all have names, by these; anything else is replaced. A
 * null in `over` takes the value away.
 */
export function merged(base: Composed, over: Composed): Composed {
  if (isMap(base.raw) && isMap(over.raw)) return mergedMap(base, over);
  return isNamedList(base.raw) && isNamedList(over.raw) ? mergedList(base, over) : over;
}

function mergedMap(base: Composed, over: Composed): Composed {
  const parts = partsOf(base);
  for (const [key, value] of partsOf(over)) {
    const inherited = parts.get(key);
    if (inherited === undefined) parts.set(key, value);
    else if (value.raw === null) parts.delete(key);
    else parts.set(key, merged(inherited, value));
  }
  return mapOf(over, parts);
}

function mergedList(base: Composed, over: Composed): Composed {
  const entries = [...partsOf(base).values()];
  for (const value of partsOf(over).values()) {
    const at = entries.findIndex((entry) => nameOf(entry.raw) === nameOf(value.raw));
    if (at < 0) entries.push(value);
    else entries[at] = merged(entries[at]!, value);
  }
  return listOf(over, entries);
}

function mapOf(like: Composed, parts: ReadonlyMap<string | number, Composed>): Composed {
  // Own properties even for a key such as `__proto__`.
  const raw = Object.fromEntries([...parts].map(([key, value]) => [key, value.raw]));
  return { raw, document: like.document, path: like.path, parts };
}

function listOf(like: Composed, entries: readonly Composed[]): Composed {
  const raw = entries.map((entry) => entry.raw);
  return { raw, document: like.document, path: like.path, parts: new Map(entries.entries()) };
}

/** Fields of a map or entries of a list, each with its place. */
function partsOf(value: Composed): Map<string | number, Composed> {
  if (value.parts !== undefined) return new Map(value.parts);
  const { raw, document, path } = value;
  const entries: [string | number, unknown][] = Array.isArray(raw)
    ? [...(raw as unknown[]).entries()]
    : Object.entries(raw as object);
  return new Map(entries.map(([step, part]) => [step, composedOf(document, [...path, step], part)]));
}

/** The value of one field, undefined where there is none. */
export function partOf(value: Composed, step: string): Composed | undefined {
  return isMap(value.raw) ? partsOf(value).get(step) : undefined;
}

/** The map without some of its fields. */
export function withoutFields(value: Composed, names: readonly string[]): Composed {
  if (!isMap(value.raw)) return value;
  const parts = partsOf(value);
  for (const name of names) parts.delete(name);
  return mapOf(value, parts);
}

/** Why an override does not work, and the word that may have been meant. */
export interface OverrideProblem {
  readonly why: string;
  readonly wrong?: string;
  readonly known?: readonly string[];
}

/** The value with one part replaced; maps on the way are made, entries of lists must be there. Null removes the part. */
export function withPart(
  target: Composed | undefined,
  steps: readonly OverrideStep[],
  value: Composed,
): Composed | OverrideProblem {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const holder = target === undefined || target.raw === null ? composedOf(value.document, value.path, {}) : target;
  const problem = stepProblem(holder, step);
  if (problem !== undefined) return problem;
  const parts = partsOf(holder);
  const key = typeof step === 'object' ? entryIndex(holder.raw as unknown[], step) : step;
  const isRemoval = rest.length === 0 && value.raw === null;
  if (isRemoval) parts.delete(key);
  else {
    const part = withPart(parts.get(key), rest, value);
    if ('why' in part) {
      // What leads nowhere was perhaps meant to be one of the fields that are there.
      return parts.has(key) ? part : { ...part, wrong: String(key), known: [...parts.keys()].map(String) };
    }
    parts.set(key, part);
  }
  return isMap(holder.raw) ? mapOf(holder, parts) : listOf(holder, [...parts.values()]);
}

function stepProblem({ raw }: Composed, step: OverrideStep): OverrideProblem | undefined {
  if (typeof step === 'string') {
    if (step === '__proto__') return { why: 'the word "__proto__" is reserved' };
    return isMap(raw) ? undefined : { why: `there is no map that could hold the field "${step}"` };
  }
  if (!Array.isArray(raw)) return { why: 'there is no list where the path has [...]' };
  if (typeof step === 'number') {
    return step < raw.length ? undefined : { why: `the list has ${raw.length} entries, [${step}] is not one of them` };
  }
  if (entryIndex(raw, step) >= 0) return undefined;
  const known = raw.map((entry) => textOf(entry, step.field)).filter((text) => text !== undefined);
  return { why: `the list has no entry with ${step.field} "${step.value}"`, wrong: step.value, known };
}

function entryIndex(list: readonly unknown[], { field, value }: { field: string; value: string }): number {
  return list.findIndex((entry) => textOf(entry, field) === value);
}

function textOf(entry: unknown, field: string): string | undefined {
  if (!isMap(entry) || !Object.hasOwn(entry, field)) return undefined;
  const value = entry[field];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function isNamedList(raw: unknown): raw is readonly unknown[] {
  return Array.isArray(raw) && raw.length > 0 && raw.every((entry) => nameOf(entry) !== undefined);
}

function nameOf(entry: unknown): string | undefined {
  return textOf(entry, 'name');
}

/** Whether a raw value is a map. */
export function isMap(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
