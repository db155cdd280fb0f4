/** One scenario out of a file, the files that it includes, its own overrides and those of the command line. */
import type { Composed } from './composed.ts';
import { composedOf, isMap, locateIn, merged, partOf, withPart, withoutFields } from './composed.ts';
import type { Finding } from './diagnostics.ts';
import type { FieldPath } from './field-path.ts';
import { parseOverridePath } from './field-path.ts';
import type { FoundFile, InputTexts, Mention } from './input-texts.ts';
import * as messages from './messages.ts';
import { overrideTextDocument } from './override-text.ts';
import { schemaFindings } from './schema-issues.ts';
import { shapeAt } from './schema-shape.ts';
import { rootDocument } from './root-document.ts';
import { compositionSchema, scenarioSchema } from './schema/scenario-schema.ts';
import type { SourceDocument } from './yaml-source.ts';

const includesMax = 100;

/** Composes a scenario; what is wrong goes to the diagnostics of `texts`, and undefined means that nothing is left to read. */
export function composeScenario(texts: InputTexts, path: string, overrides: readonly string[]): Composed | undefined {
  const root = texts.findRoot(path);
  const composed = root === undefined ? undefined : new Composer(texts).file(root, texts.rootMention(path));
  if (composed === undefined) return undefined;
  let result = composed;
  for (const [index, text] of overrides.entries()) result = commandLineOverride(texts, result, text, index);
  return result;
}

class Composer {
  private readonly texts: InputTexts;
  /** Real paths of the files that include one another, from the scenario to the present one. */
  private readonly open: string[] = [];
  private includes = 0;

  constructor(texts: InputTexts) {
    this.texts = texts;
  }

  /** The file on top of its includes, its overrides carried out. */
  file(found: FoundFile, mention: Mention): Composed | undefined {
    const document = rootDocument(this.texts, found, mention, 'Scenario');
    if (document === undefined || !this.hasUsableComposition(document)) return undefined;
    this.open.push(found.realPath);
    const own = composedOf(document);
    const bases = textsOf(own, 'include').map((text, index) => this.include(document, text, index));
    this.open.pop();
    if (bases.includes(undefined)) return undefined;
    const layers = [...(bases as Composed[]), withoutFields(own, ['include', 'overrides'])];
    return this.overridden(
      layers.reduce((base, over) => merged(base, over)),
      document,
    );
  }

  private include(document: SourceDocument, text: string, index: number): Composed | undefined {
    const field = ['include', index];
    const mention = { text, file: document.file, place: document.locate(field), field };
    const found = this.texts.find(mention);
    if (found === undefined) return undefined;
    if (this.open.includes(found.realPath)) this.texts.report(mention, messages.includeLoop(text));
    else if (++this.includes > includesMax)
      this.texts.report(mention, messages.tooComplex(`more than ${includesMax} includes`));
    else return this.file(found, mention);
    return undefined;
  }

  private overridden(target: Composed, document: SourceDocument): Composed {
    const entries = isMap(document.raw) ? document.raw['overrides'] : undefined;
    let result = target;
    for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries()) {
      const { path, value } = entry as { path: string; value?: unknown };
      const at: FieldPath = ['overrides', index];
      if (value === undefined) {
        this.texts.diagnostics.add(messages.missingField('value'), document.locate(at), at);
        continue;
      }
      const outcome = withOverride(result, path, composedOf(document, [...at, 'value'], value));
      if ('code' in outcome) this.texts.diagnostics.add(outcome, document.locate([...at, 'path']), [...at, 'path']);
      else result = outcome;
    }
    return result;
  }

  /** Checks `include` and `overrides`, which have to be right before anything can be put together. */
  private hasUsableComposition(document: SourceDocument): boolean {
    const outcome = compositionSchema.safeParse(document.raw);
    if (outcome.success) return true;
    for (const { finding, path, part } of schemaFindings(compositionSchema, document.raw, outcome.error.issues))
      this.texts.diagnostics.add(finding, document.locate(path, part), path);
    return false;
  }
}

function textsOf(composed: Composed, field: string): readonly string[] {
  return (partOf(composed, field)?.raw as readonly string[] | undefined) ?? [];
}

function commandLineOverride(texts: InputTexts, target: Composed, text: string, index: number): Composed {
  const read = overrideTextDocument(text, index);
  const outcome = 'code' in read ? read : withOverride(target, read.path, composedOf(read.document));
  if (!('code' in outcome)) return outcome;
  const place = { file: '--set', line: index + 1, column: 1, endColumn: text.length + 1, excerpt: text };
  texts.diagnostics.add(outcome, place);
  return target;
}

/** The scenario with one value set by path, or what is wrong with the override. */
function withOverride(target: Composed, path: string, value: Composed): Composed | Finding {
  const steps = parseOverridePath(path);
  if (steps === undefined) return messages.unreadablePath(path);
  const [first] = steps;
  if (first !== 'spec' && first !== 'metadata') {
    const isSpecField = typeof first === 'string' && shapeAt(scenarioSchema, ['spec']).includes(first);
    return isSpecField
      ? messages.badOverride(path, 'the path begins with "spec" or "metadata"', `spec.${path}`)
      : messages.badOverride(path, 'the path begins with "spec" or "metadata"');
  }
  const outcome = withPart(target, steps, value);
  if (!('why' in outcome)) return outcome;
  return messages.badOverride(path, outcome.why, outcome.wrong, outcome.known);
}

/** Places of a composed scenario, as the schema's findings need them. */
export function reportSchemaIssues(composed: Composed, diagnostics: InputTexts['diagnostics']): boolean {
  const outcome = scenarioSchema.safeParse(composed.raw);
  if (outcome.success) return true;
  for (const { finding, path, part } of schemaFindings(scenarioSchema, composed.raw, outcome.error.issues))
    diagnostics.add(finding, locateIn(composed, path, part), path);
  return false;
}
