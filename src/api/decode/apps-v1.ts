/** Decoders of apps/v1 with its defaults (`pkg/apis/apps/v1/defaults.go`). */
import type { Deployment, DeploymentStrategy, IntOrPercent, ReplicaSet } from '../apps-v1.ts';
import { newDeploymentStatus, newReplicaSetStatus } from '../apps-v1.ts';
import type { PodTemplateSpec } from '../core-v1.ts';
import { compileSelector } from '../labels.ts';
import type { LabelSelector } from '../meta-v1.ts';
import { noLabels } from '../meta-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { FieldReader } from './field-reader.ts';
import {
  deploymentSpecFields,
  deploymentStrategyFields,
  objectFields,
  replicaSetSpecFields,
  rollingUpdateFields,
} from './known-fields.ts';
import { decodeLabelSelector, decodeMetadata } from './metadata.ts';
import { decodePodTemplate } from './pod-spec.ts';

/** A Deployment with its defaults; the status of a dump is not taken over. */
export function decodeDeployment(root: FieldReader): Deployment {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  spec.warnUnknown(deploymentSpecFields);
  const minReadySeconds = spec.integer('minReadySeconds', 0);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: {
      replicas: spec.integer('replicas', 1),
      ...decodeSelectorAndTemplate(spec, 'deployment', 'ReplicaSet'),
      strategy: decodeStrategy(spec),
      minReadySeconds,
      revisionHistoryLimit: spec.integer('revisionHistoryLimit', 10),
      progressDeadlineSeconds: progressDeadlineOf(spec, minReadySeconds),
      paused: spec.boolean('paused'),
    },
    status: newDeploymentStatus,
  };
}

/** A ReplicaSet with its defaults; the status of a dump is not taken over. */
export function decodeReplicaSet(root: FieldReader): ReplicaSet {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  spec.warnUnknown(replicaSetSpecFields);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: {
      replicas: spec.integer('replicas', 1),
      ...decodeSelectorAndTemplate(spec, 'deployment', 'ReplicaSet'),
      minReadySeconds: spec.integer('minReadySeconds', 0),
    },
    status: newReplicaSetStatus,
  };
}

/** The spec; an absent one is reported. */
export function specOf(root: FieldReader): FieldReader {
  if (!root.has('spec')) root.at.field('spec').required();
  return root.object('spec') ?? new FieldReader({ selector: {}, template: {} }, root.at.field('spec'));
}

/**
 * Selector and template of a workload whose pods live for ever.
 *
 * @param word the kind in the message about an empty selector; upstream says `deployment` of ReplicaSets too.
 * @param kind the kind in the message about `activeDeadlineSeconds`.
 */
export function decodeSelectorAndTemplate(
  spec: FieldReader,
  word: string,
  kind: string,
): { selector: LabelSelector; template: PodTemplateSpec } {
  const selector = decodeLabelSelector(spec, 'selector');
  const template = decodePodTemplate(spec);
  if (!spec.has('selector')) spec.at.field('selector').required();
  else if (selector !== undefined) checkSelector(spec, selector, template, word);
  checkRunsForEver(spec, template, kind);
  return { selector: selector ?? emptySelector, template };
}

/** Pods of the template are always restarted and have no deadline. */
export function checkRunsForEver(spec: FieldReader, template: PodTemplateSpec, kind: string): void {
  const at = spec.at.field('template').field('spec');
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== 'Always') at.field('restartPolicy').notSupported(restartPolicy, ['Always']);
  if (activeDeadlineSeconds !== undefined) {
    at.field('activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${kind} is not Supported`);
  }
}

const emptySelector: LabelSelector = { matchLabels: noLabels, matchExpressions: [] };

function checkSelector(spec: FieldReader, selector: LabelSelector, template: PodTemplateSpec, word: string): void {
  const isEmpty = Object.keys(selector.matchLabels).length + selector.matchExpressions.length === 0;
  if (isEmpty) spec.at.field('selector').invalid(selector, `empty selector is invalid for ${word}`);
  else checkTemplateMatches(spec, selector, template);
}

/** A workload whose selector misses its own pods would create pods for ever. */
export function checkTemplateMatches(spec: FieldReader, selector: LabelSelector, template: PodTemplateSpec): void {
  if (compileSelector(selector)(template.labels)) return;
  const at = spec.at.field('template').field('metadata').field('labels');
  at.invalid(template.labels, '`selector` does not match template `labels`');
}

function progressDeadlineOf(spec: FieldReader, minReadySeconds: number): number {
  const seconds = spec.integer('progressDeadlineSeconds', 600);
  const at = spec.at.field('progressDeadlineSeconds');
  if (seconds <= minReadySeconds) at.invalid(seconds, 'must be greater than minReadySeconds');
  return seconds;
}

const none: IntOrPercent = { count: 0 };
const quarter: IntOrPercent = { percent: 25 };

function decodeStrategy(spec: FieldReader): DeploymentStrategy {
  const reader = spec.object('strategy');
  if (reader === undefined) return { type: 'RollingUpdate', maxSurge: quarter, maxUnavailable: quarter };
  reader.warnUnknown(deploymentStrategyFields);
  const type = reader.choice('type', ['Recreate', 'RollingUpdate'], 'RollingUpdate');
  const rolling = reader.object('rollingUpdate');
  if (type === 'Recreate') {
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    if (rolling !== undefined) rolling.at.forbidden(detail);
    return { type, maxSurge: none, maxUnavailable: none };
  }
  rolling?.warnUnknown(rollingUpdateFields);
  const maxSurge = intOrPercent(rolling, 'maxSurge', quarter);
  const maxUnavailable = intOrPercent(rolling, 'maxUnavailable', quarter);
  if (amountOf(maxSurge) === 0 && amountOf(maxUnavailable) === 0) {
    rolling?.at.field('maxUnavailable').invalid(written(maxUnavailable), 'may not be 0 when `maxSurge` is 0');
  }
  checkPercent(rolling, 'maxUnavailable', maxUnavailable);
  return { type, maxSurge, maxUnavailable };
}

/** A share of the replicas is at most all of them. */
export function checkPercent(reader: FieldReader | undefined, name: string, value: IntOrPercent): void {
  if ('count' in value || value.percent <= 100) return;
  reader?.at.field(name).invalid(written(value), 'must not be greater than 100%');
}

/** The number before `%`, or the count. */
export function amountOf(value: IntOrPercent): number {
  return 'count' in value ? value.count : value.percent;
}

/** As in a manifest. */
export function written(value: IntOrPercent): number | string {
  return 'count' in value ? value.count : `${value.percent}%`;
}

const percentRule =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for " +
  "validation is '[0-9]+%')";

/** A count or a percentage; the fallback when absent. */
export function intOrPercent(reader: FieldReader | undefined, name: string, fallback: IntOrPercent): IntOrPercent {
  return (reader === undefined ? undefined : decodeIntOrPercent(reader, name)) ?? fallback;
}

/** A count or a percentage; undefined when absent. */
export function decodeIntOrPercent(reader: FieldReader, name: string): IntOrPercent | undefined {
  const value = reader.value(name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return { count: reader.integer(name, 0) };
  const digits = value.endsWith('%') && value.length <= 10 ? value.slice(0, -1) : '';
  const isNumeric = digits !== '' && [...digits].every((digit) => digit >= '0' && digit <= '9');
  if (!isNumeric) reader.at.field(name).invalid(value, percentRule);
  return { percent: isNumeric ? Number(digits) : 0 };
}
