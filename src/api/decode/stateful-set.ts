/** Decoder of a StatefulSet (`pkg/apis/apps/v1/defaults.go`, `pkg/apis/apps/validation`). */
import type { StatefulSet, StatefulSetUpdateStrategy, VolumeClaimTemplate } from '../apps-v1.ts';
import { newStatefulSetStatus } from '../apps-v1.ts';
import { dnsLabelProblem } from '../names.ts';
import { amountOf, checkPercent, decodeSelectorAndTemplate, intOrPercent, specOf, written } from './apps-v1.ts';
import type { FieldReader } from './field-reader.ts';
import {
  claimRetentionFields,
  objectFields,
  ordinalsFields,
  statefulSetRollingUpdateFields,
  statefulSetSpecFields,
  statefulSetStrategyFields,
  volumeClaimTemplateFields,
} from './known-fields.ts';
import { decodeMetadata, decodeTemplateMetadata } from './metadata.ts';
import { decodeClaimSpec } from './persistent-volumes.ts';

/** A StatefulSet with its defaults; the status of a dump is not taken over. */
export function decodeStatefulSet(root: FieldReader): StatefulSet {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  spec.warnUnknown(statefulSetSpecFields);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: decodeMetadata(root, 'namespaced', dnsLabelProblem),
    spec: {
      replicas: spec.integer('replicas', 1),
      ...decodeSelectorAndTemplate(spec, 'statefulset', 'StatefulSet'),
      volumeClaimTemplates: spec.objects('volumeClaimTemplates').map(decodeClaimTemplate),
      serviceName: serviceNameOf(spec),
      podManagementPolicy: decodePodManagementPolicy(spec),
      updateStrategy: decodeUpdateStrategy(spec),
      revisionHistoryLimit: spec.integer('revisionHistoryLimit', 10),
      minReadySeconds: spec.integer('minReadySeconds', 0),
      persistentVolumeClaimRetentionPolicy: decodeRetention(spec),
      firstOrdinal: decodeFirstOrdinal(spec),
    },
    status: newStatefulSetStatus,
  };
}

function serviceNameOf(spec: FieldReader): string {
  const name = spec.text('serviceName');
  const problem = name === '' ? undefined : dnsLabelProblem(name);
  if (problem !== undefined) spec.at.field('serviceName').invalid(name, problem);
  return name;
}

function decodePodManagementPolicy(spec: FieldReader): StatefulSet['spec']['podManagementPolicy'] {
  const text = spec.text('podManagementPolicy', 'OrderedReady');
  if (text === 'Parallel' || text === 'OrderedReady') return text;
  if (text !== '') spec.at.field('podManagementPolicy').invalid(text, "must be 'OrderedReady' or 'Parallel'");
  return 'OrderedReady';
}

function decodeUpdateStrategy(spec: FieldReader): StatefulSetUpdateStrategy {
  const one = { count: 1 };
  const reader = spec.object('updateStrategy');
  reader?.warnUnknown(statefulSetStrategyFields);
  const text = reader?.text('type') ?? '';
  const type = text === 'OnDelete' ? 'OnDelete' : 'RollingUpdate';
  if (reader !== undefined && text !== '' && text !== type) {
    reader.at.invalid(reader.raw, "must be 'RollingUpdate' or 'OnDelete'");
  }
  const rolling = reader?.object('rollingUpdate');
  rolling?.warnUnknown(statefulSetRollingUpdateFields);
  if (type === 'OnDelete') {
    rolling?.at.invalid(rolling.raw, "only allowed for updateStrategy 'RollingUpdate'");
    return { type, partition: 0, maxUnavailable: one };
  }
  const maxUnavailable = intOrPercent(rolling, 'maxUnavailable', one);
  if (amountOf(maxUnavailable) === 0) {
    rolling?.at.field('maxUnavailable').invalid(written(maxUnavailable), 'cannot be 0');
  }
  checkPercent(rolling, 'maxUnavailable', maxUnavailable);
  return { type, partition: rolling?.integer('partition', 0) ?? 0, maxUnavailable };
}

function decodeRetention(spec: FieldReader): StatefulSet['spec']['persistentVolumeClaimRetentionPolicy'] {
  const reader = spec.object('persistentVolumeClaimRetentionPolicy');
  reader?.warnUnknown(claimRetentionFields);
  const policies = ['Retain', 'Delete'] as const;
  return {
    whenDeleted: reader?.choice('whenDeleted', policies, 'Retain') ?? 'Retain',
    whenScaled: reader?.choice('whenScaled', policies, 'Retain') ?? 'Retain',
  };
}

function decodeFirstOrdinal(spec: FieldReader): number {
  const reader = spec.object('ordinals');
  reader?.warnUnknown(ordinalsFields);
  return reader?.integer('start', 0) ?? 0;
}

/** Metadata and spec, which must be that of a claim; the rest of the claim is made by the controller. */
function decodeClaimTemplate(reader: FieldReader): VolumeClaimTemplate {
  reader.warnUnknown(volumeClaimTemplateFields);
  const name = reader.object('metadata')?.text('name') ?? '';
  decodeClaimSpec(reader);
  return { name, ...decodeTemplateMetadata(reader), spec: reader.value('spec') };
}
