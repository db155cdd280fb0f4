/** Values with units, and names. */
import { z } from 'zod';
import {
  isForbiddenKey,
  dnsLabelProblem,
  dnsSubdomainProblem,
  labelKeyProblem,
  labelValueProblem,
} from '../../api/names.ts';
import { parseQuantity, quantitySuggestion } from '../../api/quantity.ts';
import { parseDuration } from '../../engine/time.ts';
import type { Finding } from '../diagnostics.ts';
import * as messages from '../messages.ts';
import { checked, encodeFinding, expecting } from './checked.ts';

const wantsDuration = expecting('a duration', (value) =>
  typeof value === 'number' ? messages.durationWithoutUnit(value) : undefined,
);

/** A duration of zero or more. */
export const duration = checked(z.string(wantsDuration), (text) =>
  parseDuration(text) === undefined ? messages.notADuration(text, durationSuggestion(text)) : undefined,
).describe('Duration with its unit: 250ms, 10s, 1m30s, 2h, 30d');

/** A duration above zero. */
export const positiveDuration = checked(duration, (text) =>
  parseDuration(text) === 0 ? messages.zeroDuration(text) : undefined,
).describe('Duration above zero with its unit: 250ms, 10s, 1m30s, 2h, 30d');

const longUnits: readonly (readonly [RegExp, string])[] = [
  [/(\d) *(?:milliseconds?|millis|msecs?|msec)$/, '$1ms'],
  [/(\d) *(?:seconds?|secs?)$/, '$1s'],
  [/(\d) *(?:minutes?|mins?)$/, '$1m'],
  [/(\d) *(?:hours?|hrs?|hr)$/, '$1h'],
  [/(\d) *(?:days?)$/, '$1d'],
];

/** What somebody who wrote `10 min` or `5` may have meant. */
function durationSuggestion(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const compact = text.trim().toLowerCase().replaceAll(' ', '');
  if (/^\d+(\.\d+)?$/.test(compact)) return `${compact}s`;
  if (/^\d{1,6}w$/.test(compact)) return `${Number(compact.slice(0, -1)) * 7}d`;
  const shortened = longUnits.reduce((word, [pattern, unit]) => word.replace(pattern, unit), compact);
  return parseDuration(shortened) === undefined ? undefined : shortened;
}

/** A Kubernetes quantity, as text or as a number. */
export const quantity = checked(z.union([z.string(), z.number()], expecting('a quantity')), quantityProblem).describe(
  'Kubernetes quantity: 500m, 4, 64Gi (2^30), 64G (10^9)',
);

/** What is wrong with a quantity, as text or as a number. */
export function quantityProblem(value: string | number): Finding | undefined {
  const text = String(value);
  const parsed = parseQuantity(text);
  if (parsed === undefined) return messages.notAQuantity(text, quantitySuggestion(text));
  return parsed.nano < 0n ? messages.negativeQuantity(text) : undefined;
}

/** Any text. */
export const text = z.string(
  expecting('text', (value) =>
    typeof value === 'number' || typeof value === 'boolean' ? messages.unquotedText(value) : undefined,
  ),
);

/** Text that is not empty. */
export const someText = checked(text, (value) => (value === '' ? messages.unusable('the text is empty') : undefined));

/** Legal as the name of most Kubernetes objects. */
export const objectName = checked(text, (name) => named(name, dnsSubdomainProblem(name)));

/** Legal as a part of such a name, and as the value of a label. */
export const labelName = checked(text, (name) => named(name, dnsLabelProblem(name)));

function named(name: string, problem: string | undefined): Finding | undefined {
  return problem === undefined ? undefined : messages.badName(name, problem);
}

/** true or false. */
export const flag = z.boolean(expecting('true or false'));

/** A whole number from `min`, up to `max`. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  const range =
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  return checked(z.number(expecting('a whole number')), (value) =>
    Number.isSafeInteger(value) && value >= min && value <= max ? undefined : messages.outOfRange(value, range),
  ).meta({ type: 'integer', minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) });
}

/** A number above zero. */
export const positiveNumber = checked(z.number(expecting('a number')), (value) =>
  value > 0 ? undefined : messages.outOfRange(value, 'more than zero'),
);

/** One of a list of words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, {
    error: (issue) =>
      issue.input === undefined ? undefined : encodeFinding(messages.unknownChoice(issue.input, words)),
  });
}

/** A list. */
export function list<T extends z.ZodType>(entry: T): z.ZodArray<T> {
  return z.array(entry, expecting('a list'));
}

/** A map of labels (or annotations) with legal keys and values. */
export const labels = checked(z.record(z.string(), text, expecting('a map of labels')), (map) => {
  for (const [key, value] of Object.entries(map)) {
    const keyProblem = isForbiddenKey(key) ? 'the word is reserved' : labelKeyProblem(key);
    if (keyProblem !== undefined) return messages.badName(key, keyProblem);
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) return messages.badName(value, valueProblem);
  }
  return undefined;
});

/** Amounts by resource name. */
export const resources = checked(z.record(z.string(), quantity, expecting('a map of quantities')), (map) => {
  for (const key of Object.keys(map)) {
    const problem = isForbiddenKey(key) ? 'the word is reserved' : labelKeyProblem(key);
    if (problem !== undefined) return messages.badName(key, problem);
  }
  return undefined;
}).describe('Amounts by resource: cpu, memory, pods, ephemeral-storage, nvidia.com/gpu');

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

const requirement = checked(
  z.strictObject({ key: text, operator: choice(operators), values: list(text).optional() }, expecting('a requirement')),
  ({ key, operator, values }) => {
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined)
      return messages.badSelector(`the key ${messages.quoted(key)} is not legal: ${keyProblem}`);
    const amount = values?.length ?? 0;
    if ((operator === 'In' || operator === 'NotIn') && amount === 0)
      return messages.badSelector(`${operator} needs values`);
    if ((operator === 'Exists' || operator === 'DoesNotExist') && amount > 0)
      return messages.badSelector(`${operator} takes no values`);
    const bad = values?.find((value) => labelValueProblem(value) !== undefined);
    return bad === undefined
      ? undefined
      : messages.badSelector(`the value ${messages.quoted(bad)} is not legal: ${labelValueProblem(bad)}`);
  },
);

/** Labels that a selector wants. */
export const selectorLabels = checked(z.record(z.string(), text, expecting('a map of labels')), (map) => {
  for (const [key, value] of Object.entries(map)) {
    const problem = labelKeyProblem(key) ?? labelValueProblem(value);
    if (problem !== undefined)
      return messages.badSelector(`${messages.quoted(`${key}=${value}`)} is not a legal label: ${problem}`);
  }
  return undefined;
});

/** Requirements of a selector. */
export const requirements = list(requirement);

/** What is told of a selector that is no map: kubectl's texts are a common slip. */
export const expectingSelector = expecting('a selector', (value) =>
  typeof value === 'string'
    ? messages.badSelector(`a selector is a map; write { matchLabels: { ... } } for ${messages.quoted(value)}`)
    : undefined,
);

/** A label selector as in a manifest. */
export const selector = z
  .strictObject(
    { matchLabels: selectorLabels.optional(), matchExpressions: requirements.optional() },
    expectingSelector,
  )
  .describe('Label selector: matchLabels and matchExpressions; an empty one matches everything');
