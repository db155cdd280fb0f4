/** From what the simulation says about itself to the rows of a recording. */
import type { Kind } from '../../api/kinds.ts';
import { formatResource } from '../../api/quantity.ts';
import { quotaUnit } from '../../api/quota.ts';
import type { Condition, ApiObject } from '../../api/meta-v1.ts';
import type { Node, Pod, Taint } from '../../api/core-v1.ts';
import { podConditions } from '../../api/pod-status.ts';
import { controllerOf, labelValue } from '../../api/meta-v1.ts';
import type { ApiRequest, ApiResponse } from '../../apiserver/requests.ts';
import type { Facts, KubeEvent, SchedulingAttempt } from '../../record/facts.ts';
import type { ObjectNames } from './object-names.ts';
import { stateKey } from './tracks.ts';
import type { Row, RowCondition } from './timeline-case.ts';

interface Loose extends ApiObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly phase?: string;
}

const codes: ReadonlyMap<string, number> = new Map([
  ['Forbidden', 403],
  ['NotFound', 404],
  ['Conflict', 409],
  ['AlreadyExists', 409],
  ['Invalid', 422],
  ['TooManyRequests', 429],
  ['InternalError', 500],
]);

/** Writes rows; times are seconds since the case began. */
export class RowWriter implements Partial<Facts> {
  readonly rows: Row[] = [];
  private readonly names: ObjectNames;
  private readonly clock: () => number;
  private readonly actor: () => string;
  private readonly deleterOf: (object: ApiObject) => string | undefined;

  constructor(
    names: ObjectNames,
    clock: () => number,
    actor: () => string,
    deleterOf: (object: ApiObject) => string | undefined,
  ) {
    this.deleterOf = deleterOf;
    this.names = names;
    this.clock = clock;
    this.actor = actor;
  }

  committed(kind: Kind, _slot: number, before: ApiObject | undefined, after: ApiObject | undefined): void {
    const object = (after ?? before)!;
    if (kind === 'Custom' && object.kind !== 'ConfigMap') return;
    const name = this.names.of(object);
    const row = (event: string, fields: Partial<Row> = {}): void =>
      void this.rows.push({ t: this.clock(), kind: object.kind, name, event, ...fields });
    if (before === undefined) row('created', this.creation(after!));
    if (isMarked(before, after)) row('deletionTimestamp', this.deletion(before!, after));
    if (after === undefined) return row('removed', { by: this.deleterOf(before!) ?? this.actor() });
    const fields =
      object.kind === 'Pod' ? this.podChange(before as Pod | undefined, after as Pod) : changeOf(before, after);
    for (const [event, change] of fields) row(event, change);
  }

  /** A series is written twice, with its first message: when it begins, and when it turns out to be one. */
  kubeEvent({ involvedKind, name, reason, message, type, source, place = 1 }: KubeEvent): void {
    if (place > 2) return;
    const about = `${involvedKind}/${this.names.named(involvedKind, name)}`;
    const templated = this.names.templated(message);
    this.rows.push({
      t: this.clock(),
      kind: 'Event',
      name: about,
      event: place === 1 ? 'event' : 'event-again',
      reason,
      message: templated,
      type,
      source,
      count: 1,
    });
  }

  schedulingAttempt({ pod, result }: SchedulingAttempt): void {
    const name = this.names.of(pod);
    const row = (event: string, fields: Partial<Row> = {}): void =>
      void this.rows.push({ t: this.clock(), kind: 'Scheduler', name, event, ...fields });
    row('attempt');
    if (result === 'scheduled') return row('bound');
    row('unschedulable');
    row('moved', { queue: 'Unschedulable', cause: 'ScheduleAttemptFailure' });
  }

  refused(request: ApiRequest, response: ApiResponse, by: string): void {
    const code = codes.get(response.code) ?? 0;
    if (code !== 403 && code !== 429 && code !== 500) return;
    const resource = `${request.kind.toLowerCase()}s`;
    const verb = request.verb === 'evict' ? 'create' : request.verb;
    const hasOwnName = request.verb !== 'create' || !isNamedByServer(request);
    const target = request.verb === 'evict' ? 'pods/eviction' : resource;
    const about = hasOwnName ? `${target} ${this.names.named(request.kind, request.name)}` : target;
    const { message } = response;
    this.rows.push({ t: this.clock(), kind: 'Request', name: about, event: 'refused', verb, by, code, message });
  }

  private creation(object: ApiObject): Partial<Row> {
    const owner = this.names.ownerOf(object);
    const { spec, status, phase } = object as Loose;
    const fields: Record<string, unknown> = {};
    if (owner !== 'none') fields['owner'] = owner;
    if (spec?.['replicas'] !== undefined) fields['spec.replicas'] = spec['replicas'];
    if (object.kind === 'Job' && spec?.['suspend'] === true) fields['suspend'] = true;
    if (object.kind === 'Pod') Object.assign(fields, podCreation(object as Pod));
    if (object.kind === 'Node') {
      fields['taints'] = (object as Node).spec.taints.map(taintText);
      noteConditions(fields, undefined, object as Loose);
    }
    if (object.kind.startsWith('PersistentVolume')) fields['phase'] = status?.['phase'] ?? phase;
    return fields;
  }

  private deletion(before: ApiObject, after: ApiObject | undefined): Partial<Row> {
    const graceSeconds = after?.metadata.deletionGracePeriodSeconds ?? 0;
    return {
      by: this.actor(),
      graceSeconds,
      ...(before.kind !== 'Pod' && { finalizers: after?.metadata.finalizers ?? [] }),
    };
  }

  private *podChange(before: Pod | undefined, after: Pod): Generator<readonly [string, Partial<Row>]> {
    if (before !== undefined && this.names.ownerOf(before) !== this.names.ownerOf(after))
      yield ['owner', { owner: this.names.ownerOf(after) }];
    if (before !== undefined && before.spec.nodeName !== after.spec.nodeName)
      yield ['bound', { node: after.spec.nodeName }];
    const cost = deletionCost(after);
    if (before !== undefined && cost !== deletionCost(before)) yield ['annotation', { podDeletionCost: cost }];
    const fields: Record<string, unknown> = {};
    const { phase } = after.status;
    if (before !== undefined && before.status.phase !== phase) {
      fields['phase'] = phase;
      const exitCode = after.status.containerStatuses[0]?.state;
      if ((phase === 'Failed' || phase === 'Succeeded') && exitCode?.phase === 'terminated')
        fields['exitCode'] = exitCode.exitCode;
    }
    const conditions = changedConditions(this.conditions(before), this.conditions(after));
    if (conditions.length > 0) fields['conditions'] = conditions;
    const restarts = after.status.containerStatuses[0]?.restartCount ?? 0;
    if (restarts !== (before?.status.containerStatuses[0]?.restartCount ?? 0)) fields['restarts'] = restarts;
    const { nominatedNodeName } = after.status;
    if ((before?.status.nominatedNodeName ?? '') !== nominatedNodeName) fields['nominatedNodeName'] = nominatedNodeName;
    if (Object.keys(fields).length > 0) yield ['status', fields];
  }

  /** The reason of an unready pod is not stored: it follows from who said so, and of what. */
  private conditions(pod: Pod | undefined): readonly RowCondition[] {
    if (pod === undefined) return [];
    return podConditions(pod.status)
      .filter(
        ({ type, status }) =>
          type === 'Ready' || type === 'DisruptionTarget' || (type === 'PodScheduled' && status === 'False'),
      )
      .map(({ type, status, reason, message }) => {
        // A pod that stays unschedulable for other reasons is news.
        if (type === 'PodScheduled') return { type, status, reason, message };
        const told = type === 'Ready' && status === 'False' ? this.unreadyReason(pod) : reason;
        return told === '' ? { type, status } : { type, status, reason: told };
      });
  }

  private unreadyReason({ status }: Pod): string {
    if (status.phase === 'Succeeded') return 'PodCompleted';
    if (status.phase === 'Failed') return 'PodFailed';
    return this.actor() === 'node-controller' ? '' : 'ContainersNotReady';
  }
}

/** Controllers leave the names of most of their pods, and of slices, to the server. */
function isNamedByServer({ kind, object }: ApiRequest): boolean {
  if (kind === 'EndpointSlice') return true;
  const owner = object && controllerOf(object);
  return kind === 'Pod' && owner !== undefined && owner.kind !== 'StatefulSet';
}

function deletionCost({ metadata }: Pod): string | undefined {
  return labelValue(metadata.annotations, 'controller.kubernetes.io/pod-deletion-cost');
}

function isMarked(before: ApiObject | undefined, after: ApiObject | undefined): boolean {
  if (before === undefined || before.metadata.deletionTimestamp !== undefined) return false;
  return after === undefined ? before.kind === 'Pod' : after.metadata.deletionTimestamp !== undefined;
}

function podCreation({ metadata, spec }: Pod): Readonly<Record<string, unknown>> {
  const index = labelValue(metadata.labels, 'batch.kubernetes.io/job-completion-index');
  const { nodeName } = spec;
  return {
    image: spec.containers[0]!.image,
    ...(nodeName !== '' && { node: nodeName }),
    ...(index !== undefined && { index: Number(index) }),
  };
}

function taintText({ key, value, effect }: Taint): string {
  return value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}

function changedConditions(before: readonly RowCondition[], after: readonly RowCondition[]): readonly RowCondition[] {
  return after.filter(({ type, status, reason, message }) => {
    const known = before.find((condition) => condition.type === type);
    // A silent observer: an unready pod that stays unready is no news, whatever the reason.
    if (known !== undefined && known.status === status && type === 'Ready') return false;
    return known?.status !== status || known.reason !== reason || known.message !== message;
  });
}

function changeOf(before: ApiObject | undefined, after: ApiObject): readonly (readonly [string, Partial<Row>])[] {
  if (after.kind === 'EndpointSlice') return endpointsChange(before, after);
  const fields: Record<string, unknown> = {};
  const [old, now] = [before as Loose | undefined, after as Loose];
  if (before !== undefined) noteSpec(fields, old!, now);
  if (before !== undefined || after.kind !== 'Node') noteStatus(fields, old, now);
  if (after.kind === 'Node') noteNode(fields, before as Node | undefined, after as Node);
  if (Object.keys(fields).length === 0) return [];
  return [[after.kind === 'ResourceQuota' ? 'status' : 'changed', fields]];
}

function noteSpec(fields: Record<string, unknown>, before: Loose, { spec }: Loose): void {
  const old = before.spec;
  if (old?.['replicas'] !== spec?.['replicas']) fields['spec.replicas'] = spec?.['replicas'];
  if (spec?.['suspend'] !== undefined && old?.['suspend'] !== spec['suspend'])
    fields['spec.suspend'] = String(spec['suspend']);
  if (imageOf(before) !== imageOf({ spec } as Loose)) fields['image'] = imageOf({ spec } as Loose);
}

function imageOf({ spec }: Loose): string | undefined {
  const template = spec?.['template'] as
    { readonly spec?: { readonly containers?: readonly { readonly image: string }[] } } | undefined;
  return template?.spec?.containers?.[0]?.image;
}

function noteStatus(fields: Record<string, unknown>, before: Loose | undefined, after: Loose): void {
  const { status } = after;
  const phase = (status?.['phase'] ?? after.phase) as string | undefined;
  if (phase !== undefined && before !== undefined && phase !== (before.status?.['phase'] ?? before.phase))
    fields['phase'] = phase;
  if (after.kind === 'Node' || after.kind === 'Namespace') return noteConditions(fields, before, after);
  if (after.kind === 'ResourceQuota') return noteQuota(fields, before, after);
  if (after.kind.startsWith('PersistentVolume')) noteVolume(fields, before, after);
  else if (status !== undefined && stateKey(countersOf(before?.status)) !== stateKey(countersOf(status)))
    fields['status'] = countersOf(status);
  noteConditions(fields, before, after);
}

function countersOf(status: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  if (status === undefined) return {};
  const kept = Object.entries(status).filter(([name, value]) => {
    if (
      ['observedGeneration', 'collisionCount', 'currentRevision', 'updateRevision'].includes(name) ||
      name.endsWith('Time')
    )
      return false;
    return typeof value === 'number' || typeof value === 'string' || (name === 'active' && Array.isArray(value));
  });
  return Object.fromEntries(kept.map(([name, value]) => [name, Array.isArray(value) ? value.length : value]));
}

function noteConditions(fields: Record<string, unknown>, before: Loose | undefined, after: Loose): void {
  const list = (object: Loose | undefined): readonly RowCondition[] =>
    (
      ((object?.status?.['conditions'] ?? (object as { conditions?: unknown } | undefined)?.conditions) as
        readonly Condition[] | undefined) ?? []
    ).map(({ type, status, reason }) => (reason === '' ? { type, status } : { type, status, reason }));
  const conditions = list(after).filter(({ type, status, reason }) => {
    const known = list(before).find((condition) => condition.type === type);
    return known?.status !== status || known.reason !== reason;
  });
  if (conditions.length > 0) fields['conditions'] = conditions;
}

function noteQuota(fields: Record<string, unknown>, before: Loose | undefined, { status }: Loose): void {
  const key = (counted: Loose['status']): string => stateKey([amounts(counted?.['used']), amounts(counted?.['hard'])]);
  if (before === undefined || key(before.status) === key(status)) return;
  fields['used'] = amounts(status!['used']);
  fields['hard'] = amounts(status!['hard']);
}

function amounts(list: unknown): Readonly<Record<string, string>> {
  const entries = [...((list as ReadonlyMap<string, number> | undefined) ?? [])];
  return Object.fromEntries(entries.map(([name, amount]) => [name, formatResource(quotaUnit(name), amount)]));
}

function noteVolume(fields: Record<string, unknown>, before: Loose | undefined, { kind, spec }: Loose): void {
  if (kind === 'PersistentVolumeClaim') {
    if ((before?.spec?.['volumeName'] ?? '') !== (spec?.['volumeName'] ?? ''))
      fields['volumeName'] = spec?.['volumeName'];
    return;
  }
  const claim = (object: Readonly<Record<string, unknown>> | undefined): string =>
    (object?.['claimRef'] as { readonly name: string } | undefined)?.name ?? 'none';
  if (claim(before?.spec) !== claim(spec)) fields['claim'] = claim(spec);
}

function noteNode(fields: Record<string, unknown>, before: Node | undefined, after: Node): void {
  if (before === undefined) return;
  const [old, now] = [before.spec.taints.map(taintText), after.spec.taints.map(taintText)];
  const added = now.filter((taint) => !old.includes(taint));
  const removed = old.filter((taint) => !now.includes(taint));
  if (added.length > 0) fields['taintsAdded'] = added;
  if (removed.length > 0) fields['taintsRemoved'] = removed;
  if (before.spec.unschedulable !== after.spec.unschedulable) fields['unschedulable'] = after.spec.unschedulable;
}

function endpointsChange(
  before: ApiObject | undefined,
  after: ApiObject,
): readonly (readonly [string, Partial<Row>])[] {
  const counts = (object: ApiObject | undefined): Partial<Row> => {
    const endpoints = (object as unknown as { readonly endpoints?: readonly Endpoint[] } | undefined)?.endpoints ?? [];
    const count = (is: (endpoint: Endpoint) => boolean): number => endpoints.filter(is).length;
    return {
      total: endpoints.length,
      ready: count(({ ready }) => ready),
      serving: count(({ serving }) => serving),
      terminating: count(({ terminating }) => terminating),
    };
  };
  return stateKey(counts(before)) === stateKey(counts(after)) ? [] : [['endpoints', counts(after)]];
}

interface Endpoint {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}
