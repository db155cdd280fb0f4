import { formatPath } from '../scenario/field-path.ts';
import type { FieldPath } from '../scenario/field-path.ts';

/** Fields in which two plain values differ, one line each: `spec.horizon: "20m" and "2h"`. */
export function differingFields(a: unknown, b: unknown, path: FieldPath = []): string[] {
  if (Object.is(a, b)) return [];
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, index) => differingFields(a[index], b[index], [...path, index])).flat();
  }
  if (isMap(a) && isMap(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].flatMap((key) => differingFields(a[key], b[key], [...path, key]));
  }
  return [`${formatPath(path)}: ${shown(a)} and ${shown(b)}`];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_LENGTH_MAX = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}...` : text;
}

/** The first line in which two texts differ: `line 12: "replicas: 3" and "replicas: 4"`. */
export function differingLine(a: string, b: string): string {
  const left = a.split('\n');
  const right = b.split('\n');
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return `line ${at + 1}: ${shown(left[at]?.trim())} and ${shown(right[at]?.trim())}`;
}
