/** What every part of the resolution needs: where things stand, and where to complain. */
import type { Composed } from '../composed.ts';
import { fileIn, locateIn } from '../composed.ts';
import type { Finding, Place } from '../diagnostics.ts';
import type { FieldPath } from '../field-path.ts';
import type { InputTexts, Mention } from '../input-texts.ts';
import type { EntryPart } from '../yaml-source.ts';
import { TraceMemory } from './trace-memory.ts';

/** A composed scenario under resolution. */
export class ResolveContext {
  readonly texts: InputTexts;
  readonly traces: TraceMemory;
  private readonly composed: Composed;

  /** @param traces what is known of traces from other scenarios. */
  constructor(texts: InputTexts, composed: Composed, traces = new TraceMemory()) {
    this.texts = texts;
    this.traces = traces;
    this.composed = composed;
  }

  /** Where a field of the scenario stands. */
  place(path: FieldPath, part: EntryPart = 'value'): Place {
    return locateIn(this.composed, path, part);
  }

  /** Reports a finding at a field of the scenario. */
  report(finding: Finding, path: FieldPath, part: EntryPart = 'value'): void {
    this.texts.diagnostics.add(finding, this.place(path, part), path);
  }

  /** A path of the scenario to another file. What the command line sets is relative to the scenario. */
  mention(text: string, field: FieldPath): Mention {
    const file = fileIn(this.composed, field);
    return { text, file: file === '--set' ? this.composed.document.file : file, place: this.place(field), field };
  }

  /** The same for a list of paths. */
  mentions(texts: readonly string[], field: FieldPath): readonly Mention[] {
    return texts.map((text, index) => this.mention(text, [...field, index]));
  }

  /** `scenario.yaml:31:7`, for messages that refer to another place. */
  describePlace(path: FieldPath): string {
    return describePlace(this.place(path));
  }
}

/** `scenario.yaml:31:7`. */
export function describePlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
