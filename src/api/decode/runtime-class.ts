/** Decoder of a RuntimeClass (`pkg/apis/node/validation` ValidateRuntimeClass). */
import type { ResourceList, Toleration } from '../core-v1.ts';
import { noLabels } from '../meta-v1.ts';
import { dnsLabelProblem, dnsSubdomainProblem } from '../names.ts';
import type { RuntimeClass } from '../node-v1.ts';
import type { FieldReader } from './field-reader.ts';
import { runtimeClassFields } from './known-fields.ts';
import { decodeLabels, decodeMetadata } from './metadata.ts';
import { decodeResourceList } from './resource-list.ts';
import { checkOverhead } from './resource-requirements.ts';
import { decodeToleration } from './scheduling-fields.ts';

/** A RuntimeClass. */
export function decodeRuntimeClass(root: FieldReader): RuntimeClass {
  root.warnUnknown(runtimeClassFields);
  const handler = root.requiredText('handler');
  const problem = handler === '' ? undefined : dnsLabelProblem(handler);
  if (problem !== undefined) root.at.field('handler').invalid(handler, problem);
  const scheduling = root.object('scheduling');
  return {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    handler,
    overhead: decodeOverhead(root),
    nodeSelector: scheduling?.has('nodeSelector') === true ? decodeLabels(scheduling, 'nodeSelector') : noLabels,
    tolerations: scheduling === undefined ? [] : decodeTolerations(scheduling),
  };
}

function decodeOverhead(root: FieldReader): ResourceList | undefined {
  const overhead = root.object('overhead');
  if (overhead === undefined) return undefined;
  const amounts = decodeResourceList(overhead, 'podFixed');
  checkOverhead(overhead.at, amounts);
  return amounts;
}

/** Each is there once, whatever its seconds. */
function decodeTolerations(scheduling: FieldReader): readonly Toleration[] {
  const readers = scheduling.objects('tolerations');
  const seen = new Set<string>();
  for (const reader of readers) {
    const [Key, Operator, Value, Effect] = ['key', 'operator', 'value', 'effect'].map((field) => reader.text(field));
    const identity = JSON.stringify([Key, Operator, Value, Effect]);
    const printed = { Key, Operator, Value, Effect, TolerationSeconds: reader.value('tolerationSeconds') ?? null };
    if (seen.has(identity)) reader.at.duplicateParts(printed);
    seen.add(identity);
  }
  return readers.map(decodeToleration);
}
