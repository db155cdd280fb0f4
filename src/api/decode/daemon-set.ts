/** Decoder of a DaemonSet (`pkg/apis/apps/v1/defaults.go`, `pkg/apis/apps/validation`). */
import type { DaemonSet, DaemonSetUpdateStrategy } from '../apps-v1.ts';
import { newDaemonSetStatus } from '../apps-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { amountOf, checkPercent, decodeSelectorAndTemplate, intOrPercent, specOf, written } from './apps-v1.ts';
import type { FieldReader } from './field-reader.ts';
import { daemonSetSpecFields, objectFields, rollingUpdateFields, statefulSetStrategyFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';

/** A DaemonSet with its defaults; the status of a dump is not taken over. */
export function decodeDaemonSet(root: FieldReader): DaemonSet {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  spec.warnUnknown(daemonSetSpecFields);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: {
      ...decodeSelectorAndTemplate(spec, 'daemonset', 'DaemonSet'),
      updateStrategy: decodeUpdateStrategy(spec),
      minReadySeconds: spec.integer('minReadySeconds', 0),
      revisionHistoryLimit: spec.integer('revisionHistoryLimit', 10),
    },
    status: newDaemonSetStatus,
  };
}

function decodeUpdateStrategy(spec: FieldReader): DaemonSetUpdateStrategy {
  const reader = spec.object('updateStrategy');
  reader?.warnUnknown(statefulSetStrategyFields);
  const type = reader?.choice('type', ['RollingUpdate', 'OnDelete'], 'RollingUpdate') ?? 'RollingUpdate';
  const rolling = reader?.object('rollingUpdate');
  rolling?.warnUnknown(rollingUpdateFields);
  if (type === 'OnDelete') return { type, maxSurge: { count: 0 }, maxUnavailable: { count: 1 } };
  const maxSurge = intOrPercent(rolling, 'maxSurge', { count: 0 });
  const maxUnavailable = intOrPercent(rolling, 'maxUnavailable', { count: 1 });
  if (amountOf(maxSurge) === 0 && amountOf(maxUnavailable) === 0)
    rolling?.at.field('maxUnavailable').required('cannot be 0 when maxSurge is 0');
  if (amountOf(maxSurge) !== 0 && amountOf(maxUnavailable) !== 0)
    rolling?.at.field('maxSurge').invalid(written(maxSurge), 'may not be set when maxUnavailable is non-zero');
  checkPercent(rolling, 'maxUnavailable', maxUnavailable);
  checkPercent(rolling, 'maxSurge', maxSurge);
  return { type, maxSurge, maxUnavailable };
}
