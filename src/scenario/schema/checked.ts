/** How a schema carries the program's own messages through zod. */
import { z } from 'zod';
import type { Finding } from '../diagnostics.ts';
import * as messages from '../messages.ts';

const mark = 'finding:';

/** A finding as the text of a zod issue. */
export function encodeFinding(finding: Finding): string {
  return mark + JSON.stringify(finding);
}

/** The finding in the text of an issue, or undefined where the text is zod's own. */
export function decodeFinding(message: string): Finding | undefined {
  return message.startsWith(mark) ? (JSON.parse(message.slice(mark.length)) as Finding) : undefined;
}

/** Adds a check that answers with a finding, or with undefined when all is well. */
export function checked<T extends z.ZodType>(schema: T, check: (value: z.output<T>) => Finding | undefined): T {
  return schema.superRefine((value, context) => {
    const finding = check(value as z.output<T>);
    if (finding !== undefined) context.addIssue({ code: 'custom', message: encodeFinding(finding) });
  });
}

/** The text of a type error that names what is expected in the user's words; missing values are reported elsewhere. */
export function expecting(what: string, finding?: (value: unknown) => Finding | undefined) {
  return {
    error: (issue: { readonly input?: unknown }): string | undefined => {
      if (issue.input === undefined) return undefined;
      return encodeFinding(finding?.(issue.input) ?? messages.wrongType(what, issue.input));
    },
  };
}

/** A map that is named by its only key. */
export function oneOf<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(shape);
  return checked(z.strictObject(shape, expecting('a map with one key')), (value) => {
    const found = known.filter((name) => (value as Record<string, unknown>)[name] !== undefined);
    return found.length === 1 ? undefined : messages.notExactlyOneKey(found, known);
  });
}

/** Keys of which an entry needs exactly one, among others. */
export function exactlyOne(value: Readonly<Record<string, unknown>>, names: readonly string[]): Finding | undefined {
  const found = names.filter((name) => value[name] !== undefined);
  return found.length === 1 ? undefined : messages.notExactlyOneKey(found, names);
}
