import { semanticEqual } from '../util/semantic-equal.ts';

/** Nothing is wrong. */
export const none: readonly string[] = [];

/** `path: Invalid value: <value>: field is immutable` when a field has changed. */
export function immutable(path: string, before: unknown, after: unknown, shown: string): readonly string[] {
  return before === after || semanticEqual(before, after)
    ? none
    : [`${path}: Invalid value: ${shown}: field is immutable`];
}
