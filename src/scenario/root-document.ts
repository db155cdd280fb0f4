import { isMap } from './composed.ts';
import type { FoundFile, InputTexts, Mention } from './input-texts.ts';
import * as messages from './messages.ts';
import { scenarioApiVersion } from './schema/scenario-schema.ts';
import type { SourceDocument } from './yaml-source.ts';

const nouns = { Scenario: 'a scenario', Experiment: 'an experiment' } as const;

/** Kinds of files that a command can be given. */
export type RootKind = keyof typeof nouns;

/** The only document of a file, if it says that it is of this kind; undefined after a report. */
export function rootDocument(
  texts: InputTexts,
  found: FoundFile,
  mention: Mention,
  kind: RootKind,
): SourceDocument | undefined {
  const { diagnostics } = texts;
  const errorsBefore = diagnostics.errors.length;
  const [document, second] = texts.documents(found, mention);
  if (diagnostics.errors.length > errorsBefore) return undefined;
  if (document === undefined) {
    if (texts.text(found, mention) !== undefined)
      diagnostics.add(messages.emptyFile(nouns[kind]), {
        file: found.file,
        line: 1,
        column: 1,
        endColumn: 1,
        excerpt: '',
      });
    return undefined;
  }
  if (second !== undefined) diagnostics.add(messages.severalDocuments(nouns[kind]), second.locate([]));
  else if (hasKind(document, kind, diagnostics)) return document;
  return undefined;
}

function hasKind(document: SourceDocument, kind: RootKind, diagnostics: InputTexts['diagnostics']): boolean {
  const { raw } = document;
  if (!isMap(raw)) {
    diagnostics.add(messages.wrongType(nouns[kind], raw), document.locate([]));
    return false;
  }
  for (const [field, wanted] of [
    ['apiVersion', scenarioApiVersion],
    ['kind', kind],
  ] as const) {
    const found = Object.hasOwn(raw, field) ? raw[field] : undefined;
    if (found === wanted) continue;
    const what = found === undefined ? 'missing' : messages.describe(found);
    diagnostics.add(messages.wrongRoot(nouns[kind], what, field, wanted), document.locate([field]), [field]);
    return false;
  }
  return true;
}
