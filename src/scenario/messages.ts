/** Every sentence that a user can read about his files, one function each. */
import { nearest } from '../util/suggest.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { Finding } from './diagnostics.ts';

const shownLengthMax = 80;
const choicesShownMax = 12;

/** A value in quotes, never long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text);
}

/** What a value is, in words: `the number 3`, `"abc"`, `a list`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'a map';
}

function finding(code: DiagnosticCode, message: string, expected?: string, suggestion?: string): Finding {
  return {
    code,
    message,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** Adds "did you mean" where a candidate is near. */
function meant(code: DiagnosticCode, message: string, word: string, candidates: readonly string[]): Finding {
  const near = nearest(word, candidates);
  const list = choices(candidates);
  if (near !== undefined) return finding(code, `${message}; did you mean ${quoted(near)}?`, list, near);
  return finding(code, candidates.length === 0 ? message : `${message}; known: ${list}`, list);
}

function choices(candidates: readonly string[]): string {
  if (candidates.length <= choicesShownMax) return candidates.join(', ');
  return `${candidates.slice(0, choicesShownMax).join(', ')}, ... (${candidates.length} in all)`;
}

// Files

export function fileNotFound(path: string, near: string | undefined): Finding {
  const message = `there is no file ${quoted(path)}`;
  return finding('E001', near === undefined ? message : `${message}; did you mean ${quoted(near)}?`, undefined, near);
}

export function outsideFolder(path: string, folder: string): Finding {
  return finding(
    'E002',
    `${quoted(path)} lies outside the scenario's folder ${quoted(folder)}; copy it there, or pass --allow-outside`,
  );
}

export function fileTooLarge(path: string, sizeBytes: number, limitBytes: number): Finding {
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1048576)} MiB`;
  return finding(
    'E003',
    `${quoted(path)} has ${mebibytes(sizeBytes)}; at most ${mebibytes(limitBytes)} are read`,
    `at most ${mebibytes(limitBytes)}`,
  );
}

export function folderLoop(path: string): Finding {
  return finding('E004', `${quoted(path)} leads back to a folder that contains it`);
}

export function includeLoop(path: string): Finding {
  return finding('E004', `${quoted(path)} includes itself, directly or through others`);
}

export function unreadable(path: string, reason: string): Finding {
  return finding('E005', `${quoted(path)} cannot be read: ${reason}`);
}

export function patternWithoutMatch(pattern: string, near: string | undefined): Finding {
  const message = `no file matches ${quoted(pattern)}`;
  return finding('E036', near === undefined ? message : `${message}; did you mean ${quoted(near)}?`, undefined, near);
}

// Documents

export function syntax(message: string): Finding {
  return finding('E006', message);
}

export function duplicateKey(key: string): Finding {
  return finding('E007', `the key ${quoted(key)} stands here a second time`);
}

export function tab(): Finding {
  return finding('E008', 'there is a tab in the indentation; YAML is indented with spaces', 'spaces');
}

export function tooComplex(why: string): Finding {
  return finding('E009', `the document is too complex: ${why}`);
}

export function notFinite(): Finding {
  return finding('E017', 'the number is too large, infinite, or not a number');
}

export function reservedKey(key: string): Finding {
  return finding('E013', `${quoted(key)} cannot be a key`);
}

export function octal(written: string, value: number): Finding {
  return finding('W004', `${written} is octal in YAML 1.1 and means ${value}`, undefined, String(Number(written)));
}

export function emptyFile(): Finding {
  return finding('E010', 'the file is empty; a scenario begins with apiVersion: orrery.dev/v1alpha1');
}

export function severalDocuments(): Finding {
  return finding('E010', 'a scenario is one document; a second one begins here');
}

export function notAScenario(found: string, field: string, expected: string): Finding {
  return finding('E010', `${field} is ${found}; a scenario has ${field}: ${expected}`, expected, expected);
}

// Fields

export function missingField(name: string): Finding {
  return finding('E011', `the field ${quoted(name)} is missing`, name);
}

export function wrongType(expected: string, found: unknown): Finding {
  return finding('E012', `expected ${expected}, found ${describe(found)}`, expected);
}

export function unquotedVersion(found: unknown): Finding {
  return finding(
    'E012',
    `expected text, found ${describe(found)}; write it in quotes`,
    'text in quotes',
    // What YAML read as true may have been written as yes, on or y.
    typeof found === 'boolean' ? undefined : `"${String(found)}"`,
  );
}

export function unusable(message: string, expected?: string): Finding {
  return finding('E013', message, expected);
}

export function unknownField(name: string, known: readonly string[]): Finding {
  return meant('E014', `unknown field ${quoted(name)}`, name, known);
}

export function unknownChoice(found: unknown, known: readonly string[]): Finding {
  return meant('E015', `${describe(found)} is none of the choices`, String(found), known);
}

export function notExactlyOneKey(found: readonly string[], known: readonly string[]): Finding {
  const what = found.length === 0 ? 'none' : found.join(' and ');
  return finding('E016', `expected exactly one of ${choices(known)}; found ${what}`, choices(known));
}

export function outOfRange(found: unknown, range: string): Finding {
  return finding('E017', `${describe(found)} is not ${range}`, range);
}

export function notADuration(text: string, suggestion: string | undefined): Finding {
  if (text.startsWith('-'))
    return finding('E020', `${quoted(text)} is negative; a duration is not`, 'a duration such as 10s, 1m30s, 2h');
  const hint =
    suggestion === undefined
      ? 'durations are written 250ms, 10s, 1m30s, 2h, 30d'
      : `did you mean ${quoted(suggestion)}?`;
  return finding('E020', `${quoted(text)} is not a duration; ${hint}`, 'a duration such as 10s, 1m30s, 2h', suggestion);
}

export function zeroDuration(text: string): Finding {
  return finding('E017', `${quoted(text)} is not more than zero`, 'a duration above zero');
}

export function durationWithoutUnit(value: unknown): Finding {
  return finding(
    'E020',
    `${describe(value)} has no unit; durations are written 250ms, 10s, 1m30s, 2h, 30d`,
    'a duration such as 10s, 1m30s, 2h',
    `${String(value)}s`,
  );
}

export function notAQuantity(text: string, suggestion: string | undefined): Finding {
  const hint =
    suggestion === undefined
      ? 'quantities are written 500m, 4, 64Gi (2^30), 64G (10^9)'
      : `Kubernetes writes ${suggestion}`;
  return finding('E021', `${quoted(text)} is not a quantity; ${hint}`, 'a quantity such as 500m, 4, 64Gi', suggestion);
}

export function negativeQuantity(text: string): Finding {
  return finding('E021', `${quoted(text)} is negative; a quantity is not`, 'a quantity of zero or more');
}

export function impossibleDistribution(why: string): Finding {
  return finding('E022', `impossible distribution: ${why}`);
}

export function badSelector(why: string): Finding {
  return finding('E023', why);
}

export function badName(name: string, why: string): Finding {
  return finding('E024', `${quoted(name)} is not a legal name: ${why}`);
}

export function duplicateName(what: string, name: string, first: string): Finding {
  return finding('E025', `the ${what} ${quoted(name)} is defined a second time; first at ${first}`);
}

export function duplicateObject(object: string, first: string): Finding {
  return finding('E026', `${object} is defined a second time; first at ${first}`);
}

export function contradiction(message: string): Finding {
  return finding('E027', message);
}

export function noSuch(what: string, name: string, known: readonly string[]): Finding {
  return meant('E028', `there is no ${what} ${quoted(name)}`, name, known);
}

export function invalidManifest(message: string): Finding {
  return finding('E029', message);
}

export function unknownKind(message: string): Finding {
  return finding('E030', message);
}

export function unsupported(feature: string, instead?: string): Finding {
  return finding('E031', `${feature} is not supported${instead === undefined ? '' : `; ${instead}`}`);
}

export function unknownVersion(found: unknown, known: readonly string[]): Finding {
  return meant('E032', `Kubernetes ${String(found)} is not known`, String(found), known);
}

/** `known` are the words of which `wrong` may be a slip; without them, `wrong` is what to write instead. */
export function badOverride(text: string, why: string, wrong?: string, known?: readonly string[]): Finding {
  const message = `override ${quoted(text)}: ${why}`;
  if (wrong === undefined) return finding('E033', message);
  if (known !== undefined) return meant('E033', message, wrong, known);
  return finding('E033', `${message}; did you mean ${quoted(wrong)}?`, undefined, wrong);
}

export function schedulerConfiguration(message: string): Finding {
  return finding('E034', message);
}

export function pluginModule(message: string): Finding {
  return finding('E035', message);
}

export function unknownMetric(metric: string, known: readonly string[]): Finding {
  return meant('E040', `there is no metric ${quoted(metric)}`, metric, known);
}

export function wrongBoundUnit(metric: string, isDuration: boolean): Finding {
  const message = isDuration
    ? `${quoted(metric)} is a time; compare it with a duration such as 6m`
    : `${quoted(metric)} is not a time; compare it with a plain number`;
  return finding('E041', message, isDuration ? 'a duration' : 'a number');
}

// Warnings

export function matchesNothing(what: string): Finding {
  return finding('W001', `no ${what} of the scenario matches, so this has no effect`);
}

export function beyondHorizon(at: string, horizon: string): Finding {
  return finding('W002', `${at} is not before the horizon ${horizon}, so this never happens`);
}

export function namespacesCreated(names: readonly string[]): Finding {
  const list = choices(names.map(quoted));
  return finding(
    'W003',
    `no manifest creates the ${names.length === 1 ? 'namespace' : 'namespaces'} ${list}; created at the start`,
  );
}

export function manifestWarning(message: string): Finding {
  return finding('W005', message);
}

export function homelessPods(amount: number, example: string): Finding {
  return finding(
    'W006',
    `${amount === 1 ? 'a pod runs' : `${amount} pods run`} on a node that is not there (${example}); left out`,
  );
}

/** `counts` as `StatefulSet apps/v1 (2)`, in order. */
export function kindsNotModelled(counts: readonly string[]): Finding {
  const what = counts.length === 1 ? 'kind not modelled' : 'kinds not modelled';
  return finding('W007', `${what}, stored without effect: ${choices(counts)}`);
}

/** `what` with its amount: `3 pods of controllers`. */
export function leftOut(what: string): Finding {
  return finding('W008', `${what} left out; the control plane makes its own`);
}
