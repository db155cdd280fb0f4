/** Label selectors: matching, and the text form of `kubectl -l` (upstream `apimachinery/pkg/labels/selector.go`). */
import { noLabels, labelValue } from './meta-v1.ts';
import type { Labels, LabelSelector, LabelSelectorRequirement } from './meta-v1.ts';
import { labelKeyProblem, labelValueProblem } from './names.ts';
import { compareText } from '../util/compare-text.ts';

export { isLabelKey, isLabelValue } from './names.ts';

/**
 * The test of a selector; an absent selector matches nothing, an empty one everything. It remembers its last answers: the pods
 * of one template share one value of labels, or one for each zone.
 */
export function compileSelector(selector: LabelSelector | undefined): (labels: Labels) => boolean {
  if (selector === undefined) return matchesNothing;
  if (isEmptySelector(selector)) return matchesEverything;
  const entries = sortedLabels(selector.matchLabels);
  const { matchExpressions } = selector;
  const matches = (labels: Labels): boolean => {
    for (const [key, value] of entries) if (labelValue(labels, key) !== value) return false;
    for (const requirement of matchExpressions) if (!matchesRequirement(requirement, labels)) return false;
    return true;
  };
  const known: Labels[] = [];
  const answers: boolean[] = [];
  let oldest = 0;
  return (labels) => {
    for (let at = 0; at < known.length; at++) if (known[at] === labels) return answers[at]!;
    const answer = matches(labels);
    known[oldest] = labels;
    answers[oldest] = answer;
    oldest = (oldest + 1) % answersMax;
    return answer;
  };
}

/** Answers that a selector remembers. */
const answersMax = 8;

/** Whether a selector has no requirement, so that it matches everything. */
export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return matchExpressions.length === 0 && sortedLabels(matchLabels).length === 0;
}

const matchesNothing = (): boolean => false;
const matchesEverything = (): boolean => true;

function matchesRequirement({ key, operator, values }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labelValue(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Whether `labels` carry every entry of `matchLabels` (a nodeSelector, the selector of a Service). */
export function matchesLabels(matchLabels: Labels, labels: Labels): boolean {
  // The order of the keys cannot change the answer, so they are not sorted: this runs once per node and pod.
  for (const key of Object.keys(matchLabels)) if (labelValue(labels, key) !== matchLabels[key]) return false;
  return true;
}

/** Whether both have the same entries, whatever either says under the key `except`. */
export function sameLabelsBut(except: string, a: Labels, b: Labels): boolean {
  let surplus = 0;
  for (const key of Object.keys(a)) {
    if (key === except) continue;
    if (labelValue(b, key) !== a[key]) return false;
    surplus++;
  }
  for (const key of Object.keys(b)) if (key !== except) surplus--;
  return surplus === 0;
}

/** The entries in order of their keys: the only way in which this program walks through labels. */
export function sortedLabels(labels: Labels): readonly (readonly [string, string])[] {
  if (labels === noLabels) return noEntries;
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

const noEntries: readonly (readonly [string, string])[] = Object.freeze([]);

/** Canonical text, equal for equal labels: `app=web,tier=front`, keys in ascending order. */
export function labelsKey(labels: Labels): string {
  let text = '';
  for (const [key, value] of sortedLabels(labels)) text += `${text === '' ? '' : ','}${key}=${value}`;
  return text;
}

/** Labels built from entries: one object with its keys in ascending order. */
export function labelsOf(entries: Iterable<readonly [string, string]>): Labels {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? noLabels : Object.fromEntries(sorted);
}

/** A selector, or why the text is none. */
export type ParsedSelector =
  { readonly ok: true; readonly selector: LabelSelector } | { readonly ok: false; readonly message: string };

/**
 * Reads the selector of `kubectl -l`: `app=web,tier!=x,env in (a,b),owner,!legacy`. Empty text selects everything. The
 * comparisons `>` and `<` of upstream are not part of a LabelSelector and are refused.
 */
export function parseSelector(text: string): ParsedSelector {
  const parts = splitOutsideParentheses(text);
  if (typeof parts === 'string') return { ok: false, message: parts };
  const matchExpressions: LabelSelectorRequirement[] = [];
  for (const part of text.trim() === '' ? [] : parts) {
    const requirement = parseRequirement(part.trim());
    if (typeof requirement === 'string') return { ok: false, message: requirement };
    matchExpressions.push(requirement);
  }
  return { ok: true, selector: { matchLabels: noLabels, matchExpressions } };
}

/** The text that `parseSelector` reads: requirements in order of their keys (upstream `labels.Selector.String`). */
export function formatSelector({ matchLabels, matchExpressions }: LabelSelector): string {
  const parts: (readonly [string, string])[] = sortedLabels(matchLabels).map(([key, value]) => [
    key,
    `${key}=${value}`,
  ]);
  for (const requirement of matchExpressions) parts.push([requirement.key, formatRequirement(requirement)]);
  return parts
    .sort(([a], [b]) => compareText(a, b))
    .map(([, text]) => text)
    .join(',');
}

function formatRequirement({ key, operator, values }: LabelSelectorRequirement): string {
  const list = `(${[...values].sort((a, b) => (a < b ? -1 : 1)).join(',')})`;
  switch (operator) {
    case 'In':
      return `${key} in ${list}`;
    case 'NotIn':
      return `${key} notin ${list}`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

/** The parts between commas, or a message. */
function splitOutsideParentheses(text: string): readonly string[] | string {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0 || depth > 1) return `unable to parse requirement: unexpected '${character}' in ${quote(text)}`;
    if (character !== ',' || depth > 0) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  if (depth > 0) return `unable to parse requirement: missing ')' in ${quote(text)}`;
  parts.push(text.slice(start));
  return parts;
}

/** One requirement, or a message. */
function parseRequirement(text: string): LabelSelectorRequirement | string {
  if (text.startsWith('!')) return requirementOf(text.slice(1).trim(), 'DoesNotExist', []);
  if (text.endsWith(')')) return parseSet(text);
  const equals = text.indexOf('=');
  if (equals < 0) return requirementOf(text, 'Exists', []);
  if (text[equals - 1] === '!') return requirementOf(text.slice(0, equals - 1), 'NotIn', [text.slice(equals + 1)]);
  const valueFrom = text[equals + 1] === '=' ? equals + 2 : equals + 1;
  return requirementOf(text.slice(0, equals), 'In', [text.slice(valueFrom)]);
}

/** `key in (a, b)` or `key notin (a, b)`. */
function parseSet(text: string): LabelSelectorRequirement | string {
  const open = text.indexOf('(');
  const words = text
    .slice(0, open)
    .split(' ')
    .filter((word) => word !== '');
  const operator = words[1] === 'in' ? 'In' : words[1] === 'notin' ? 'NotIn' : undefined;
  if (open < 0 || words.length !== 2 || operator === undefined) {
    return `unable to parse requirement: expected 'in' or 'notin' before '(' in ${quote(text)}`;
  }
  return requirementOf(words[0]!, operator, text.slice(open + 1, -1).split(','));
}

function requirementOf(
  key: string,
  operator: LabelSelectorRequirement['operator'],
  rawValues: readonly string[],
): LabelSelectorRequirement | string {
  const values = rawValues.map((value) => value.trim());
  const keyProblem = labelKeyProblem(key.trim());
  if (keyProblem !== undefined) return `key: Invalid value: ${quote(key.trim())}: ${keyProblem}`;
  for (const [at, value] of values.entries()) {
    const problem = labelValueProblem(value);
    if (problem !== undefined) return `values[${at}][${key.trim()}]: Invalid value: ${quote(value)}: ${problem}`;
  }
  return { key: key.trim(), operator, values };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}
