import { isTest } from './source-file.ts';
import type { SourceFile, Violation } from './source-file.ts';

interface WordBan {
  readonly words: readonly string[];
  readonly message: string;
  readonly isAllowedIn?: (file: SourceFile) => boolean;
}

/** Words of a name or a sentence that mean something else here, or nothing (the glossary says what to use). */
const wordBans: readonly WordBan[] = [
  { words: ['manager', 'managers'], message: "'manager' says nothing: name what it does (component names in quotes)" },
  { words: ['predicate', 'predicates'], message: "'predicate' is the scheduler's old word: say filter" },
  { words: ['ram'], message: "'ram' is not a resource name: say memory" },
  { words: ['epsilon', 'epsilons'], message: "'epsilon' means that time is not an integer: compare exactly" },
  {
    words: ['tick', 'ticks'],
    message: "'tick' belongs to the ticker and its users: nothing runs tick by tick",
    isAllowedIn: usesTicker,
  },
];

const phraseBans: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, message: 'unfinished work is an issue, not a comment' },
  {
    pattern: /eslint-(disable|enable)|@ts-(ignore|nocheck|expect-error)/,
    message: 'fix the code, do not silence the tool',
  },
  { pattern: /\bpriority functions?\b/i, message: "'priority function' is the scheduler's old word: say score plugin" },
  { pattern: /\b(interface|class|type)\s+\w*helper\w*/i, message: "'helper' says nothing: name what the type is" },
];

/** The rule itself and its tests have to name the words. */
const aboutWords = /^src\/(tidy\.test|lint\.test|testing\/tidy[\w-]*(\.test)?)\.ts$/;

/** Banned words and left-over marks, in code, comments and text alike. */
export function wordViolations(files: readonly SourceFile[]): Violation[] {
  return files.filter((file) => file.path.startsWith('src/') && !aboutWords.test(file.path)).flatMap(wordsOf);
}

function wordsOf(file: SourceFile): Violation[] {
  const bans = wordBans.filter((ban) => !ban.isAllowedIn?.(file));
  return file.text.split('\n').flatMap((text, index) => {
    const words = new Set(wordsIn(withoutNames(text)));
    const messages = [
      ...bans.filter((ban) => ban.words.some((word) => words.has(word))).map((ban) => ban.message),
      ...phraseBans.filter((ban) => isPhraseIn(ban.pattern, text, file)).map((ban) => ban.message),
    ];
    return messages.map((message) => ({ file: file.path, line: index + 1, rule: 'words', message }));
  });
}

/** A test may hand the compiler a fault on purpose and expect it to be refused. */
function isPhraseIn(pattern: RegExp, text: string, file: SourceFile): boolean {
  return pattern.test(isTest(file.path) ? text.replaceAll('@ts-expect-error', '') : text);
}

/** Words of upstream in the reasons and messages that users see: the taint eviction controller, a refusal and a shutdown of the kubelet. */
const quotedNames = /(taint|shutdown) ?manager|predicate \w+ failed/gi;

/** The line without upstream file names, names of Kubernetes components, and what stands in backticks in a comment. */
function withoutNames(line: string): string {
  const isComment = /^\s*(\/\/|\/?\*)/.test(line) || line.includes('//');
  const plain = line
    .replaceAll(/[\w./-]+\.go\b/g, ' ')
    .replaceAll(/\b(kube-|cloud-)?controller-manager\b/g, ' ')
    .replaceAll(/'[^']*'|"[^"]*"/g, (text) => text.replaceAll(quotedNames, ' '));
  return isComment ? plain.replaceAll(/`[^`]*`/g, ' ') : plain;
}

/** The words of a line in lower case, names split at humps and dashes: 'nodeRamBytes' is node, ram, bytes. */
function wordsIn(line: string): string[] {
  return line
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}

/** Charts are exempt: axis ticks are vega-lite's own word. */
function usesTicker(file: SourceFile): boolean {
  const isTickerPath = (path: string): boolean => /ticker[\w-]*(\.test)?\.ts$/.test(path);
  const isChart = file.path.startsWith('src/report/');
  return isChart || isTickerPath(file.path) || file.imports.some((entry) => isTickerPath(entry.specifier));
}
