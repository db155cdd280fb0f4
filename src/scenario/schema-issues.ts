/** From what zod found to what the user reads: every issue at its own key or value, with the nearest right name. */
import type { z } from 'zod';
import type { Finding } from './diagnostics.ts';
import type { FieldPath } from './field-path.ts';
import * as messages from './messages.ts';
import { decodeFinding } from './schema/checked.ts';
import { nearest } from '../util/suggest.ts';
import { shapeAt } from './schema-shape.ts';
import type { EntryPart } from './yaml-source.ts';

/** A finding about a raw document. */
export interface LocatedFinding {
  readonly finding: Finding;
  readonly path: FieldPath;
  readonly part: EntryPart;
}

type Issue = z.core.$ZodIssue;

/** Translates the issues of one document; a misspelt field is not reported as missing as well. */
export function schemaFindings(schema: z.ZodType, raw: unknown, issues: readonly Issue[]): readonly LocatedFinding[] {
  const found: LocatedFinding[] = [];
  for (const issue of issues) translate(schema, raw, issue, [], found);
  return withoutEchoes(found);
}

function translate(schema: z.ZodType, raw: unknown, issue: Issue, prefix: FieldPath, found: LocatedFinding[]): void {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  const own = decodeFinding(issue.message);
  if (issue.code === 'unrecognized_keys') {
    const known = shapeAt(schema, path);
    for (const key of issue.keys)
      found.push({ finding: messages.unknownField(key, known), path: [...path, key], part: 'key' });
  } else if (issue.code === 'invalid_union' && unionBranch(issue.errors) !== undefined) {
    for (const inner of unionBranch(issue.errors)!) translate(schema, raw, inner, path, found);
  } else if (own !== undefined) {
    found.push({ finding: own, path, part: own.code === 'E011' ? 'key' : 'value' });
  } else if (valueAt(raw, path) === undefined && path.length > 0) {
    found.push({ finding: messages.missingField(String(path.at(-1))), path: path.slice(0, -1), part: 'key' });
  } else {
    found.push({ finding: messages.unusable(issue.message), path, part: 'value' });
  }
}

/** The alternative whose type the value has: the one that does not complain about the value as a whole. */
function unionBranch(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const isTypeError = (issue: Issue): boolean =>
    issue.path.length === 0 &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value');
  return errors.find((issues) => !issues.some(isTypeError));
}

/** The value at a path, undefined where there is none. */
export function valueAt(raw: unknown, path: FieldPath): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function withoutEchoes(found: readonly LocatedFinding[]): readonly LocatedFinding[] {
  const unknown = found.filter(({ finding }) => finding.code === 'E014');
  const isEcho = ({ finding, path }: LocatedFinding): boolean => {
    if (finding.code === 'E016') return unknown.some((other) => isChild(other.path, path));
    if (finding.code !== 'E011') return false;
    const missing = finding.expected!;
    return unknown.some(
      (other) => isChild(other.path, path) && nearest(String(other.path.at(-1)), [missing]) === missing,
    );
  };
  return found.filter((each) => !isEcho(each));
}

function isChild(path: FieldPath, parent: FieldPath): boolean {
  return path.length === parent.length + 1 && parent.every((step, at) => path[at] === step);
}
