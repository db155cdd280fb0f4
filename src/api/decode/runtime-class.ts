/** Decoder of a RuntimeClass (`pkg/apis/node/validation` ValidateRuntimeClass). */
import type { ResourceList } from '../core-v1.ts';
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
    tolerations: scheduling?.objects('tolerations').map(decodeToleration) ?? [],
  };
}

function decodeOverhead(root: FieldReader): ResourceList | undefined {
  const overhead = root.object('overhead');
  if (overhead === undefined) return undefined;
  const amounts = decodeResourceList(overhead, 'podFixed');
  checkOverhead(overhead.at, amounts);
  return amounts;
}
