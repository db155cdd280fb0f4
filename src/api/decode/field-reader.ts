import type { Labels } from '../meta-v1.ts';
import { isForbiddenKey } from '../names.ts';
import { labelsOf } from '../labels.ts';
import { nearest } from '../../util/suggest.ts';
import type { FieldPosition } from './field-position.ts';

/** A map as it comes out of YAML or JSON. */
export type RawObject = Readonly<Record<string, unknown>>;

/** Which integers a field takes. */
export interface IntegerBounds {
  /** Smallest value allowed; 0 unless told. */
  readonly min?: number;
  /** Largest value allowed; 2^31-1 unless told. */
  readonly max?: number;
}

const int32Max = 2147483647;

/**
 * Reads the fields of one raw object, reporting values of the wrong type. `null` counts as absent, as in Go. Every method
 * gives a usable value even after a problem, so that one pass finds all problems.
 */
export class FieldReader {
  readonly raw: RawObject;
  readonly at: FieldPosition;

  constructor(raw: RawObject, at: FieldPosition) {
    this.raw = raw;
    this.at = at;
  }

  /** The value as written; undefined when absent or null. */
  value(name: string): unknown {
    return Object.hasOwn(this.raw, name) ? (this.raw[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  text(name: string, fallback = ''): string {
    const value = this.value(name);
    if (value === undefined) return fallback;
    if (typeof value === 'string') return value;
    this.at.field(name).wrongType(value, needsText(value));
    return fallback;
  }

  /** A text that may not be absent or empty. */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === '' && !this.isWrongText(name)) this.at.field(name).required();
    return value;
  }

  private isWrongText(name: string): boolean {
    const value = this.value(name);
    return value !== undefined && typeof value !== 'string';
  }

  boolean(name: string, fallback = false): boolean {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    this.at.field(name).wrongType(value, 'must be true or false');
    return fallback;
  }

  integer(name: string, fallback: number, bounds: IntegerBounds = {}): number {
    return this.optionalInteger(name, bounds) ?? fallback;
  }

  optionalInteger(name: string, bounds: IntegerBounds = {}): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const at = this.at.field(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) at.wrongType(value, 'must be an integer');
    else if (value < (bounds.min ?? 0)) at.invalid(value, `must be greater than or equal to ${bounds.min ?? 0}`);
    else if (value > (bounds.max ?? int32Max))
      at.invalid(value, `must be less than or equal to ${bounds.max ?? int32Max}`);
    else return value;
    return undefined;
  }

  /** One of the values; the fallback when absent or empty. */
  choice<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const written = this.text(name);
    const found = values.find((value) => value === written);
    if (written !== '' && found === undefined) this.at.field(name).notSupported(written, values);
    return found ?? fallback;
  }

  object(name: string): FieldReader | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (isRawObject(value)) return new FieldReader(value, this.at.field(name));
    this.at.field(name).wrongType(value, 'must be an object');
    return undefined;
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (value === undefined || Array.isArray(value)) return (value as unknown[] | undefined) ?? [];
    this.at.field(name).wrongType(value, 'must be a list');
    return [];
  }

  objects(name: string): FieldReader[] {
    const readers: FieldReader[] = [];
    for (const [index, value] of this.list(name).entries()) {
      const at = this.at.field(name).index(index);
      if (isRawObject(value)) readers.push(new FieldReader(value, at));
      else at.wrongType(value, 'must be an object');
    }
    return readers;
  }

  texts(name: string): readonly string[] {
    const texts: string[] = [];
    for (const [index, value] of this.list(name).entries()) {
      if (typeof value === 'string') texts.push(value);
      else this.at.field(name).index(index).wrongType(value, needsText(value));
    }
    return texts;
  }

  /** The entries of a map in order of their keys; keys that reach into JavaScript's own objects are refused. */
  entries(name: string): readonly (readonly [string, unknown])[] {
    const map = this.object(name);
    if (map === undefined) return [];
    const entries = Object.entries(map.raw).sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.filter(([key]) => {
      if (isForbiddenKey(key)) map.at.key(key).forbidden('this name is reserved');
      return !isForbiddenKey(key);
    });
  }

  textMap(name: string): Labels {
    const texts: [string, string][] = [];
    for (const [key, value] of this.entries(name)) {
      if (typeof value === 'string') texts.push([key, value]);
      else this.at.field(name).key(key).wrongType(value, 'must be a string (put it in quotes)');
    }
    return labelsOf(texts);
  }

  /** Warns of fields that the API does not have, as `kubectl --validate=warn` does. */
  warnUnknown(known: ReadonlySet<string>): void {
    for (const name of Object.keys(this.raw).sort((a, b) => (a < b ? -1 : 1))) {
      if (known.has(name)) continue;
      const at = this.at.field(name);
      if (isForbiddenKey(name)) {
        at.forbidden('this name is reserved');
        continue;
      }
      const suggestion = nearest(name, known);
      const hint = suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
      at.warn('unknown-field', `unknown field ${JSON.stringify(at.text)}${hint}`);
    }
  }
}

/** Whether a value is a map. */
export function isRawObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What YAML has read as something else is a text in quotes. */
function needsText(value: unknown): string {
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? 'must be a string (put it in quotes)' : 'must be a string';
}
