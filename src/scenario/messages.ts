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

/** A finding with what was expected, and what was perhaps meant, where there is such a thing. */
export function finding(code: DiagnosticCode, message: string, expected?: string, suggestion?: string): Finding {
  return {
    code,
    message,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** Adds "did you mean" where a candidate is near. */
export function meant(code: DiagnosticCode, message: string, word: string, candidates: readonly string[]): Finding {
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

/** A path leads to nothing; `near` is one that exists. */
export function fileNotFound(path: string, near: string | undefined): Finding {
  const message = `there is no file ${quoted(path)}`;
  return finding('E001', near === undefined ? message : `${message}; did you mean ${quoted(near)}?`, undefined, near);
}

/** A path leads out of the scenario's folder. */
export function outsideFolder(path: string, folder: string): Finding {
  return finding(
    'E002',
    `${quoted(path)} lies outside the scenario's folder ${quoted(folder)}; copy it there, or pass --allow-outside`,
  );
}

/** A file beyond the limit; sizes in bytes. */
export function fileTooLarge(path: string, sizeBytes: number, limitBytes: number): Finding {
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1048576)} MiB`;
  return finding(
    'E003',
    `${quoted(path)} has ${mebibytes(sizeBytes)}; at most ${mebibytes(limitBytes)} are read`,
    `at most ${mebibytes(limitBytes)}`,
  );
}

/** A link leads back to a folder on the way to it. */
export function folderLoop(path: string): Finding {
  return finding('E004', `${quoted(path)} leads back to a folder that contains it`);
}

/** Scenario files include each other in a circle. */
export function includeLoop(path: string): Finding {
  return finding('E004', `${quoted(path)} includes itself, directly or through others`);
}

/** Something stands at the path and cannot be read. */
export function unreadable(path: string, reason: string): Finding {
  return finding('E005', `${quoted(path)} cannot be read: ${reason}`);
}

/** A pattern or folder without files; `near` is a pattern that has some. */
export function patternWithoutMatch(pattern: string, near: string | undefined): Finding {
  const message = `no file matches ${quoted(pattern)}`;
  return finding('E036', near === undefined ? message : `${message}; did you mean ${quoted(near)}?`, undefined, near);
}

// Documents

/** Text that is not YAML, in the parser's words. */
export function syntax(message: string): Finding {
  return finding('E006', message);
}

/** Text from which manifests are still to be made, as a chart of Helm has it. */
export function template(): Finding {
  return finding('E006', 'this is a template ({{ ... }}), not YAML: render it first, for example with `helm template`');
}

/** A key for the second time in one map. */
export function duplicateKey(key: string): Finding {
  return finding('E007', `the key ${quoted(key)} stands here a second time`);
}

/** A tab where YAML wants blanks. */
export function tab(): Finding {
  return finding('E008', 'there is a tab in the indentation; YAML is indented with spaces', 'spaces');
}

/** A document beyond the limits of depth, size or aliases. */
export function tooComplex(why: string): Finding {
  return finding('E009', `the document is too complex: ${why}`);
}

/** A number without a finite value, such as 1e400. */
export function notFinite(): Finding {
  return finding('E017', 'the number is too large, infinite, or not a number');
}

/** A key that would reach into JavaScript itself. */
export function reservedKey(key: string): Finding {
  return finding('E013', `${quoted(key)} cannot be a key`);
}

/** A number with a leading zero, and what it means. */
export function octal(written: string, value: number): Finding {
  return finding('W004', `${written} is octal in YAML 1.1 and means ${value}`, undefined, String(Number(written)));
}

/** What a file of this program describes, in words. */
export type RootNoun = 'a scenario' | 'an experiment';

/** A scenario file without a document. */
export function emptyFile(noun: RootNoun): Finding {
  return finding('E010', `the file is empty; ${noun} begins with apiVersion: orrery.dev/v1alpha1`);
}

/** A scenario file with more than one document. */
export function severalDocuments(noun: RootNoun): Finding {
  return finding('E010', `${noun} is one document; a second one begins here`);
}

/** Another apiVersion or kind than that of a scenario. */
export function wrongRoot(noun: RootNoun, found: string, field: string, expected: string): Finding {
  const hint = otherCommand(found, expected);
  return finding('E010', `${field} is ${found}; ${noun} has ${field}: ${expected}${hint}`, expected, expected);
}

function otherCommand(found: string, expected: string): string {
  if (expected === 'Scenario' && found === '"Experiment"') return '; orrery sweep runs experiments';
  return expected === 'Experiment' && found === '"Scenario"' ? '; orrery run runs scenarios' : '';
}

// Fields

/** A field without a default is not there. */
export function missingField(name: string): Finding {
  return finding('E011', `the field ${quoted(name)} is missing`, name);
}

/** A value of another type than its field. */
export function wrongType(expected: string, found: unknown): Finding {
  return finding('E012', `expected ${expected}, found ${describe(found)}`, expected);
}

/** A number or a truth value where text is wanted. */
export function unquotedText(found: unknown): Finding {
  if (typeof found === 'boolean') {
    const words = found ? 'y, yes, on and true' : 'n, no, off and false';
    return finding(
      'E012',
      `expected text, found ${found}, as YAML reads ${words}; write it in quotes`,
      'text in quotes',
    );
  }
  return finding(
    'E012',
    `expected text, found ${describe(found)}; write it in quotes`,
    'text in quotes',
    `"${String(found)}"`,
  );
}

/** A value of the right type that cannot be used; `message` says why. */
export function unusable(message: string, expected?: string): Finding {
  return finding('E013', message, expected);
}

/** A field that does not exist; `known` are those that do. */
export function unknownField(name: string, known: readonly string[]): Finding {
  return meant('E014', `unknown field ${quoted(name)}`, name, known);
}

/** A word that is not among the choices. */
export function unknownChoice(found: unknown, known: readonly string[]): Finding {
  return meant('E015', `${describe(found)} is none of the choices`, String(found), known);
}

/** An entry that is named by its only key has none or several. */
export function notExactlyOneKey(found: readonly string[], known: readonly string[]): Finding {
  const what = found.length === 0 ? 'none' : found.join(' and ');
  return finding('E016', `expected exactly one of ${choices(known)}; found ${what}`, choices(known));
}

/** A number outside of `range`, which completes "is not ...". */
export function outOfRange(found: unknown, range: string): Finding {
  return finding('E017', `${describe(found)} is not ${range}`, range);
}

/** A text that is no duration; `suggestion` is one that was perhaps meant. */
export function notADuration(text: string, suggestion: string | undefined): Finding {
  if (text.startsWith('-'))
    return finding('E020', `${quoted(text)} is negative; a duration is not`, 'a duration such as 10s, 1m30s, 2h');
  const hint =
    suggestion === undefined
      ? 'durations are written 250ms, 10s, 1m30s, 2h, 30d'
      : `did you mean ${quoted(suggestion)}?`;
  return finding('E020', `${quoted(text)} is not a duration; ${hint}`, 'a duration such as 10s, 1m30s, 2h', suggestion);
}

/** A duration of zero where time must pass. */
export function zeroDuration(text: string): Finding {
  return finding('E017', `${quoted(text)} is not more than zero`, 'a duration above zero');
}

/** A bare number where a duration is wanted. */
export function durationWithoutUnit(value: unknown): Finding {
  return finding(
    'E020',
    `${describe(value)} has no unit; durations are written 250ms, 10s, 1m30s, 2h, 30d`,
    'a duration such as 10s, 1m30s, 2h',
    `${String(value)}s`,
  );
}

/** A text that is no quantity of Kubernetes. */
export function notAQuantity(text: string, suggestion: string | undefined): Finding {
  const hint =
    suggestion === undefined
      ? 'quantities are written 500m, 4, 64Gi (2^30), 64G (10^9)'
      : `Kubernetes writes ${suggestion}`;
  return finding('E021', `${quoted(text)} is not a quantity; ${hint}`, 'a quantity such as 500m, 4, 64Gi', suggestion);
}

/** A quantity below zero. */
export function negativeQuantity(text: string): Finding {
  return finding('E021', `${quoted(text)} is negative; a quantity is not`, 'a quantity of zero or more');
}

/** Parameters that no distribution has. */
export function impossibleDistribution(why: string): Finding {
  return finding('E022', `impossible distribution: ${why}`);
}

/** A label selector that Kubernetes would refuse. */
export function badSelector(why: string): Finding {
  return finding('E023', why);
}

/** A name that Kubernetes would refuse. */
export function badName(name: string, why: string): Finding {
  return finding('E024', `${quoted(name)} is not a legal name: ${why}`);
}

/** Two entries of one name; `first` is a place. */
export function duplicateName(what: string, name: string, first: string): Finding {
  return finding('E025', `the ${what} ${quoted(name)} is defined a second time; first at ${first}`);
}

/** Two manifests of one object; `first` is a place. */
export function duplicateObject(object: string, first: string): Finding {
  return finding('E026', `${object} is defined a second time; first at ${first}`);
}

/** Arguments that do not go together. */
export function contradiction(message: string): Finding {
  return finding('E027', message);
}

/** A name that nothing has; `known` are the names that there are. */
export function noSuch(what: string, name: string, known: readonly string[]): Finding {
  return meant('E028', `there is no ${what} ${quoted(name)}`, name, known);
}

/** A profile, or a file in its place, that is called otherwise than the plugins that are there. */
export function noPluginProfile(name: string, plugins: readonly string[], profiles: readonly string[]): Finding {
  const message = `there is no profile ${quoted(name)}: the modules hold ${plugins.join(', ')}, so that it is called`;
  const known = profiles.map(quoted).join(' or ');
  return finding('E028', `${message} ${known}; a module as --profile has that name too: ${profiles[0]}.ts`);
}

/** What the API server would say of an object. */
export function invalidManifest(message: string): Finding {
  return finding('E029', message);
}

/** A kind that does not exist in this version. */
export function unknownKind(message: string): Finding {
  return finding('E030', message);
}

/** Something that is known and not modelled, and what to do instead. */
export function unsupported(feature: string, instead?: string): Finding {
  return finding('E031', `${feature} is not supported${instead === undefined ? '' : `; ${instead}`}`);
}

/** A version of Kubernetes that is not simulated. */
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

/** The path of an override that has no steps, or half of one. */
export function unreadablePath(path: string): Finding {
  return badOverride(path, 'the path cannot be read; write for example spec.cluster.nodePools[name=general].count');
}

/** What kube-scheduler would say of its configuration. */
export function schedulerConfiguration(message: string): Finding {
  return finding('E034', message);
}

/** A module of plugins that cannot be used. */
export function pluginModule(message: string): Finding {
  return finding('E035', message);
}

/** A module that may not run: it, or the file that names it, comes from elsewhere. It would have the rights of the user. */
export function foreignPlugin(module: string, foreign: string): Finding {
  const what = module === foreign ? 'which lies' : `named by ${quoted(foreign)}, which lies`;
  return finding(
    'E045',
    `plugin module ${quoted(module)}, ${what} outside of the working folder, would run with your rights; ` +
      'look at its code, then pass --allow-plugins',
  );
}

/** A metric that the summary of a run does not have. */
export function unknownMetric(metric: string, known: readonly string[]): Finding {
  return meant('E040', `there is no metric ${quoted(metric)}`, metric, known);
}

/** A bound without a unit for a time, or with one for a count. */
export function wrongBoundUnit(metric: string, isDuration: boolean): Finding {
  const message = isDuration
    ? `${quoted(metric)} is a time; compare it with a duration such as 6m`
    : `${quoted(metric)} is not a time; compare it with a plain number`;
  return finding('E041', message, isDuration ? 'a duration' : 'a number');
}

// Experiments

/** A seed for the second time; `first` is how it was named before. */
export function seedTwice(seed: string, first: string): Finding {
  const where = first === seed ? 'is named here a second time' : `is in ${quoted(first)} already`;
  return finding('E050', `the seed ${quoted(seed)} ${where}; each seed is run once`);
}

/** A range of seeds that counts downwards or has too many. */
export function badSeedRange(text: string, why: string): Finding {
  return finding('E013', `the range of seeds ${quoted(text)} ${why}`, 'a range such as "42-51"');
}

/** No combination of levels, or far too many. */
export function noCells(why: string): Finding {
  return finding('E051', why);
}

/** A value that cannot stand for itself as the name of its level. */
export function levelWithoutLabel(value: unknown): Finding {
  return finding(
    'E013',
    `${describe(value)} cannot be the name of its level; use levels, each with a label and overrides`,
    'a text, a number, true, false or null',
  );
}

/** Two combinations of levels that are one run. */
export function sameRun(a: string, b: string): Finding {
  return finding('W050', `${b} is the same run as ${a}: nothing in it differs`);
}

// Warnings

/** A selector that nothing in the scenario matches. */
export function matchesNothing(what: string): Finding {
  return finding('W001', `no ${what} of the scenario matches, so this has no effect`);
}

/** A fault that is to hit more nodes than there are. */
export function fewerTargets(noun: 'node' | 'pod', wanted: number, chosen: number): Finding {
  const are = chosen === 1 ? `one ${noun} matches` : `${chosen} ${noun}s match`;
  return finding('W014', `only ${are}, so ${wanted} cannot be hit; all that match are`, `at most ${chosen}`);
}

/** An entry that begins when the run is over. */
export function beyondHorizon(at: string, horizon: string): Finding {
  return finding('W002', `${at} is not before the horizon ${horizon}, so this never happens`);
}

/** A line of a trace of faults that cannot be read. */
export function badTrace(why: string): Finding {
  return finding('E048', why);
}

/** Spans of a trace that lie over each other; `first` is a line. */
export function traceOverlaps(target: string, first: number): Finding {
  return finding('E047', `${quoted(target)} is hit here while the span of line ${first} is not over`);
}

/** An occurrence that begins while another one of the same kind holds; `first` is a place. */
export function overlaps(target: string, first: string): Finding {
  return finding('W013', `${target} is hit already by ${first}; the last of the two to end restores it`);
}

/** A fault without an end where one is to be expected. */
export function neverEnds(what: string): Finding {
  return finding('W011', what);
}

/** A fault that shows nowhere in the model. */
export function withoutEffect(why: string): Finding {
  return finding('W012', why);
}

/** Namespaces that are in use and that no manifest creates. */
export function namespacesCreated(names: readonly string[]): Finding {
  const list = choices(names.map(quoted));
  return finding(
    'W003',
    `no manifest creates the ${names.length === 1 ? 'namespace' : 'namespaces'} ${list}; created at the start`,
  );
}

/** A line of a trace or table that cannot be used; `message` says why. */
export function badRow(message: string): Finding {
  return finding('E046', message);
}

/** A field of manifests that has no effect. */
export function manifestWarning(message: string): Finding {
  return finding('W005', message);
}

/** A workload that the API server takes, while it will refuse its pods. */
export function podsRefused(message: string): Finding {
  return finding('W009', message);
}

/** An autoscaler whose target's pods use nobody knows how much. */
export function unmeasured({ kind, name }: { readonly kind: string; readonly name: string }): Finding {
  const why = `no behaviour states the usage of the pods of ${kind} ${quoted(name)}`;
  return finding('W010', `autoscaler without metrics: ${why}`);
}

/** Pods of a dump whose node is not part of it. */
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
