/**
 * Pods whose classes no manifest creates, or whose overhead no class defines: the API server refuses them (plugin/pkg/admission/priority and
 * runtimeclass).
 */
import type { PodSpec } from '../../api/core-v1.ts';
import { systemPriorityClasses, unknownPriorityClass } from '../../api/scheduling-v1.ts';
import { overheadWithoutClass, unknownRuntimeClass } from '../../apiserver/admission/runtime-class.ts';
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
    if (spec === undefined) continue;
    for (const [field, problem] of problemsOf(spec.value, catalogue)) {
      const refusal = `is forbidden: ${problem}`;
      const finding =
        entry.kind === 'Pod'
          ? messages.invalidManifest(`pods ${messages.quoted(entry.object.metadata.name)} ${refusal}`)
          : messages.podsRefused(`pods "${entry.object.metadata.name}-..." ${refusal}`);
      diagnostics.add(finding, document.locate([...path, ...spec.path, field]), [], subjectOf(raw));
    }
  }
}

type Problem = readonly [field: string, problem: string];

function problemsOf(spec: PodSpec, catalogue: Catalogue): readonly Problem[] {
  const { priorityClassName, runtimeClassName } = spec;
  const isKnown = priorityClassName === '' || systemPriorityClasses.has(priorityClassName);
  if (!isKnown && catalogue.object('PriorityClass', '', priorityClassName) === undefined)
    return [['priorityClassName', unknownPriorityClass(priorityClassName)]];
  const found = runtimeClassName === '' ? undefined : catalogue.object('RuntimeClass', '', runtimeClassName);
  if (runtimeClassName !== '' && found === undefined)
    return [['runtimeClassName', unknownRuntimeClass(runtimeClassName)]];
  const isDefined = found?.kind === 'RuntimeClass' && found.object.overhead !== undefined;
  return spec.overhead.size > 0 && !isDefined ? [['overhead', overheadWithoutClass]] : [];
}
