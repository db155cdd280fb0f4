/** Names, label keys and label values, with upstream's wording (`apimachinery/pkg/util/validation`, `api/validate/content`). */

const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
  "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const searchPathRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start " +
  "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
const dns1035Rule =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and " +
  "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is " +
  "'[a-z]([-a-z0-9]*[a-z0-9])?')";
const qualifiedNameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const labelValueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const mayNotBeEmpty = 'must be non-empty';

/** Keys that would reach into JavaScript's own objects; no honest manifest has one. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a key of a user's map is refused because it names a part of every JavaScript object. */
export function isForbiddenKey(key: string): boolean {
  return forbiddenKeys.has(key);
}

/** What is wrong with a DNS-1123 label (names of containers, namespaces); undefined when nothing is. */
export function dnsLabelProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 characters';
  return isDnsLabel(text) ? undefined : labelRule;
}

/** What is wrong with a DNS-1123 subdomain (names of most objects); undefined when nothing is. */
export function dnsSubdomainProblem(text: string): string | undefined {
  if (text.length > 253) return 'must be no more than 253 characters';
  return text.split('.').every(isDnsLabel) ? undefined : subdomainRule;
}

/** What is wrong with a name that stands in a path; undefined when nothing is. */
export function pathSegmentProblem(name: string): string | undefined {
  if (name.length > 253) return 'must be no more than 253 bytes';
  if (name === '.' || name === '..') return `may not be '${name}'`;
  if (name.includes('/')) return "may not contain '/'";
  return name.includes('%') ? "may not contain '%'" : undefined;
}

/** What is wrong with a search path of a resolver, whose labels may hold underscores; undefined when nothing is. */
export function searchPathProblem(text: string): string | undefined {
  if (text.length > 253) return 'must be no more than 253 characters';
  return text.split('.').every(isSearchLabel) ? undefined : searchPathRule;
}

/** As a DNS label, with underscores where hyphens may stand, and one before the first letter. */
function isSearchLabel(label: string): boolean {
  return isDnsLabel((label.startsWith('_') ? label.slice(1) : label).replaceAll('_', '-'));
}

/** What is wrong with a DNS-1035 label (names of Services); undefined when nothing is. */
export function dns1035LabelProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 characters';
  const first = text.charCodeAt(0);
  return isDnsLabel(text) && first >= 97 && first <= 122 ? undefined : dns1035Rule;
}

/** All that is wrong with the name of a port, an IANA service name; empty when nothing is. */
export function portNameProblems(name: string): readonly string[] {
  const codes = [...name].map((letter) => letter.codePointAt(0)!);
  const isLetter = (code: number): boolean => code >= 97 && code <= 122;
  const isLegal = name !== '' && codes.every((code) => isLowerOrDigit(code) || code === 45);
  return [
    ...(name.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(isLegal ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(codes.some(isLetter) ? [] : ['must contain at least one letter (a-z)']),
    ...(name.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(name.startsWith('-') || name.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
  ];
}

/** What is wrong with a label key, an annotation key or a resource name; undefined when nothing is. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  if (slash !== key.lastIndexOf('/'))
    return `a valid label key ${qualifiedNameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  if (slash === 0) return `prefix part ${mayNotBeEmpty}`;
  if (slash > 253) return 'prefix part must be no more than 253 bytes';
  const prefixProblem = slash < 0 ? undefined : dnsSubdomainProblem(key.slice(0, slash));
  if (prefixProblem !== undefined) return `prefix part ${prefixProblem}`;
  const name = key.slice(slash + 1);
  if (name === '') return `name part ${mayNotBeEmpty}`;
  if (name.length > 63) return 'name part must be no more than 63 bytes';
  return isNamePart(name) ? undefined : `name part ${qualifiedNameRule}`;
}

/** What is wrong with a label value; undefined when nothing is. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 bytes';
  return value === '' || isNamePart(value) ? undefined : labelValueRule;
}

/** Whether the text is legal as the key of a label. */
export function isLabelKey(key: string): boolean {
  return labelKeyProblem(key) === undefined;
}

/** Whether the text is legal as the value of a label. */
export function isLabelValue(value: string): boolean {
  return labelValueProblem(value) === undefined;
}

function isDnsLabel(text: string): boolean {
  if (text === '' || text.length > 253 || text.startsWith('-') || text.endsWith('-')) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isLowerOrDigit(code) && code !== 45) return false;
  }
  return true;
}

/** Letters, digits, and between them `-`, `_` and `.`. */
function isNamePart(text: string): boolean {
  const last = text.length - 1;
  for (let at = 0; at <= last; at++) {
    const code = text.charCodeAt(at);
    const isAlphanumeric = isLowerOrDigit(code) || (code >= 65 && code <= 90);
    if (isAlphanumeric) continue;
    if (at === 0 || at === last || (code !== 45 && code !== 46 && code !== 95)) return false;
  }
  return text !== '';
}

function isLowerOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}
