/** Pods that name a PriorityClass which no manifest creates: the API server refuses them (plugin/pkg/admission/priority). */
import { unknownPriorityClass, systemPriorityClasses } from '../../api/scheduling-v1.ts';
import type { DiagnosticList } from '../diagnostics.ts';
import { podSpecOf, subjectOf } from '../manifests.ts';
import type { ReadObject } from '../manifests.ts';
import * as messages from '../messages.ts';
import type { Catalogue } from './catalogue.ts';

/** An error for a pod; a warning for a template, since the API server takes the workload and refuses its pods later. */
export function reportMissingClasses(
  applied: readonly ReadObject[],
  catalogue: Catalogue,
  diagnostics: DiagnosticList,
): void {
  for (const { entry, raw, document, path } of applied) {
    const spec = podSpecOf(entry);
    const name = spec?.value.priorityClassName ?? '';
    if (spec === undefined || name === '' || systemPriorityClasses.has(name)) continue;
    if (catalogue.object('PriorityClass', '', name) !== undefined) continue;
    const isPod = entry.kind === 'Pod';
    const refusal = `is forbidden: ${unknownPriorityClass(name)}`;
    const finding = isPod
      ? messages.invalidManifest(`pods ${messages.quoted(entry.object.metadata.name)} ${refusal}`)
      : messages.podsRefused(`pods "${entry.object.metadata.name}-..." ${refusal}`);
    diagnostics.add(finding, document.locate([...path, ...spec.path, 'priorityClassName']), [], subjectOf(raw));
  }
}
