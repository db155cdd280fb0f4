/** Overrides of the command line: `path=value`, the value read as YAML. */
import type { Finding, Place } from './diagnostics.ts';
import { DiagnosticList } from './diagnostics.ts';
import { parseOverridePath } from './field-path.ts';
import * as messages from './messages.ts';
import type { SourceDocument } from './yaml-source.ts';
import { parseSource } from './yaml-source.ts';

/** An override that could be read; its document is the value. */
export interface OverrideText {
  readonly path: string;
  readonly document: SourceDocument;
}

/** Reads one override, or says what is wrong with it. `index` is its position among those of the command line. */
export function overrideTextDocument(text: string, index: number): OverrideText | Finding {
  const equals = splitAt(text);
  if (equals < 0) {
    const isPathBroken = text.includes('=') && parseOverridePath(text) === undefined;
    return isPathBroken ? messages.unreadablePath(text) : messages.badOverride(text, 'an override is path=value');
  }
  const problems = new DiagnosticList();
  const value = text.slice(equals + 1);
  const documents = parseSource('--set', value, problems);
  const [problem] = problems.errors;
  if (problem !== undefined) return messages.badOverride(text, `the value is not YAML: ${problem.message}`);
  if (documents.length > 1) return messages.badOverride(text, 'the value has several documents');
  const place = (inner: Place): Place => ({
    file: '--set',
    line: index + 1,
    column: equals + 1 + inner.column,
    endColumn: equals + 1 + inner.endColumn,
    excerpt: text,
  });
  const [document] = documents;
  if (document === undefined && value.trim() === '')
    return messages.badOverride(text, 'there is no value; write null to take the field away');
  const whole: Place = { file: '--set', line: 1, column: 1, endColumn: value.length + 1, excerpt: text };
  return {
    path: text.slice(0, equals),
    document: {
      file: '--set',
      raw: document?.raw ?? null,
      locate: (path, part) => place(document?.locate(path, part) ?? whole),
    },
  };
}

/** The first equals sign outside of brackets. */
function splitAt(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '[') depth++;
    else if (text[at] === ']') depth--;
    else if (text[at] === '=' && depth <= 0) return at;
  }
  return -1;
}
