/** Decoder of a ReplicationController (`pkg/apis/core/v1/defaults.go`). */
import type { ReplicationController } from '../apps-v1.ts';
import { newReplicaSetStatus } from '../apps-v1.ts';
import type { PodTemplateSpec } from '../core-v1.ts';
import { sortedLabels } from '../labels.ts';
import type { LabelSelector } from '../meta-v1.ts';
import { metadataWith, noLabels } from '../meta-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { checkRunsForEver, checkTemplateMatches, specOf } from './apps-v1.ts';
import type { FieldReader } from './field-reader.ts';
import { objectFields, replicaSetSpecFields } from './known-fields.ts';
import { decodeLabels, decodeMetadata } from './metadata.ts';
import { decodePodTemplate } from './pod-spec.ts';

/** A ReplicationController; without a selector or labels of its own it takes the labels of its pods. */
export function decodeReplicationController(root: FieldReader): ReplicationController {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  spec.warnUnknown(replicaSetSpecFields);
  const template = decodePodTemplate(spec);
  const metadata = decodeMetadata(root, 'namespaced', dnsSubdomainProblem);
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: metadata.labels === noLabels ? metadataWith(metadata, { labels: template.labels }) : metadata,
    spec: {
      replicas: spec.integer('replicas', 1),
      selector: decodeSelector(spec, template),
      template,
      minReadySeconds: spec.integer('minReadySeconds', 0),
    },
    status: newReplicaSetStatus,
  };
}

function decodeSelector(spec: FieldReader, template: PodTemplateSpec): LabelSelector {
  const given = decodeLabels(spec, 'selector');
  const matchLabels = spec.has('selector') ? given : template.labels;
  const selector: LabelSelector = { matchLabels, matchExpressions: [] };
  if (sortedLabels(matchLabels).length === 0) spec.at.field('selector').required();
  else checkTemplateMatches(spec, selector, template);
  checkRunsForEver(spec, template, 'ReplicationController');
  return selector;
}
