import type { Finding } from '../scenario/diagnostics.ts';
import type { FieldPath } from '../scenario/field-path.ts';
import type { InputTexts } from '../scenario/input-texts.ts';
import type { EntryPart, SourceDocument } from '../scenario/yaml-source.ts';

/** What every part of the resolution of an experiment needs. */
export interface ExperimentContext {
  readonly texts: InputTexts;
  readonly document: SourceDocument;
}

/** Reports a finding at a field of the experiment. */
export function reportAt(
  { texts, document }: ExperimentContext,
  finding: Finding,
  field: FieldPath,
  part: EntryPart = 'value',
): void {
  texts.diagnostics.add(finding, document.locate(field, part), field);
}
