/** Autoscalers that will never know what the pods of their target use. */
import type { HorizontalPodAutoscaler } from '../../api/autoscaling-v2.ts';
import { isOutsideMetric } from '../../api/autoscaling-v2.ts';
import type { Behavior } from '../../kubelet/behavior.ts';
import type { DiagnosticList } from '../diagnostics.ts';
import { subjectOf } from '../manifests.ts';
import type { ReadObject } from '../manifests.ts';
import * as messages from '../messages.ts';
import { mayMatch } from './behaviors.ts';
import type { Catalogue } from './catalogue.ts';

/** A warning for each autoscaler whose target has pods of which no behaviour states the usage. */
export function reportUnmeasured(
  objects: readonly ReadObject[],
  behaviors: readonly Behavior[],
  catalogue: Catalogue,
  diagnostics: DiagnosticList,
): void {
  const measured = behaviors.filter(({ usage }) => usage !== undefined);
  for (const { entry, raw, document, path } of objects) {
    if (entry.kind !== 'HorizontalPodAutoscaler' || entry.object.spec.metrics.every(isOutsideMetric)) continue;
    const pods = catalogue.pods.filter((pod) => isTarget(entry.object, pod));
    if (pods.length === 0 || pods.some((pod) => measured.some((behavior) => mayMatch(behavior, pod)))) continue;
    const finding = messages.unmeasured(entry.object.spec.scaleTargetRef);
    diagnostics.add(finding, document.locate([...path, 'spec', 'scaleTargetRef']), [], subjectOf(raw));
  }
}

function isTarget({ metadata, spec }: HorizontalPodAutoscaler, pod: Catalogue['pods'][number]): boolean {
  return pod.namespace === metadata.namespace && pod.name === spec.scaleTargetRef.name;
}
