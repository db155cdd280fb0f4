/** What ResourceQuotas say to a new or changed object (upstream apiserver/pkg/admission/plugin/resourcequota/controller.go). */
import type { Container, Pod, ResourceList, ResourceQuota } from '../api/core-v1.ts';
import type { ApiObject, Timestamp } from '../api/meta-v1.ts';
import { formatResource } from '../api/quantity.ts';
import { changesDeadline, quotaUnit, quotaUsage } from '../api/quota.ts';
import { isInScopes } from '../api/quota-scopes.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Refused } from './outcome.ts';
import { refused, resourceOf } from './outcome.ts';

/** A refusal, or the versions of the quotas that the new object makes. */
export interface QuotaCharge {
  readonly refusal?: Refused;
  readonly quotas: readonly ResourceQuota[];
}

/** No quota has anything to say. */
export const noCharge: QuotaCharge = Object.freeze({ quotas: Object.freeze([]) as readonly ResourceQuota[] });

/**
 * Charges every quota of the namespace, or none when one of them would be exceeded. `before` is the stored version where the object is there already:
 * only what is more than before is charged.
 */
export function chargeQuotas(object: ApiObject, state: ClusterState, now: Timestamp, before?: ApiObject): QuotaCharge {
  const { namespace } = object.metadata;
  if (namespace === '' || state.store('ResourceQuota').size === 0) return noCharge;
  if (before !== undefined && !isUpdateCharged(before, object)) return noCharge;
  const matching = [...state.list('ResourceQuota')].filter(
    (quota) => quota.metadata.namespace === namespace && isInScopes(object, quota.spec),
  );
  const usage = quotaUsage(object, resourceOf(object), now);
  for (const quota of matching) {
    const problem = unsetResources(object, quota) ?? unknownStatus(quota, usage);
    if (problem !== undefined) return refusal(object, problem);
  }
  const previous = before === undefined ? nothing : quotaUsage(before, resourceOf(before), now);
  const quotas: ResourceQuota[] = [];
  for (const quota of matching) {
    const isCounted = before !== undefined && isInScopes(before, quota.spec);
    const counted = more(usage, isCounted ? previous : nothing, quota);
    const problem = excess(quota, counted);
    if (problem !== undefined) return refusal(object, problem);
    if (counted.length > 0) quotas.push(charged(quota, counted));
  }
  return { quotas };
}

const nothing: ResourceList = new Map();

/** Whether a quota asks about a change at all (`Handles` of the evaluators): other kinds and other changes cost what they did. */
function isUpdateCharged(before: ApiObject, after: ApiObject): boolean {
  if (after.kind === 'Service' || after.kind === 'PersistentVolumeClaim') return true;
  return after.kind === 'Pod' && changesDeadline(before as Pod, after as Pod);
}

/** What a quota limits of that which is more than before. */
function more(usage: ResourceList, before: ResourceList, { status }: ResourceQuota): Counted {
  return [...usage]
    .map(([name, amount]) => [name, amount - (before.get(name) ?? 0)] as const)
    .filter(([name, amount]) => amount > 0 && status.hard.has(name))
    .sort(byName);
}

function refusal(object: ApiObject, problem: string): QuotaCharge {
  return { refusal: refused('Forbidden', refusalText(object, problem)), quotas: [] };
}

type Counted = readonly (readonly [name: string, amount: number])[];

const byName = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);

/** Where a quota counts these, each container must say what it needs. */
const mustBeSet = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'] as const;

/** Pods with resources of their own need not say more (upstream `Constraints`). */
function unsetResources(object: ApiObject, { metadata, status }: ResourceQuota): string | undefined {
  if (object.kind !== 'Pod') return undefined;
  const pod = (object as Pod).spec;
  if (pod.resources !== undefined) return undefined;
  const unset: string[] = [];
  for (const name of mustBeSet) {
    if (!status.hard.has(name)) continue;
    const containers = [...pod.containers, ...pod.initContainers].filter((container) => !isSet(container, name));
    const names = containers.map((container) => container.name).sort((a, b) => (a < b ? -1 : 1));
    if (names.length > 0) unset.push(`${name} for: ${names.join(',')}`);
  }
  return unset.length === 0 ? undefined : `failed quota: ${metadata.name}: must specify ${unset.join('; ')}`;
}

function isSet({ resources }: Container, name: string): boolean {
  const list = name.startsWith('limits.') ? resources.limits : resources.requests;
  return list.has(quotaUnit(name));
}

function refusalText(object: ApiObject, problem: string): string {
  return `${resourceOf(object)} "${object.metadata.name}" is forbidden: ${problem}`;
}

/** The controller writes limits and use together: before that nothing is limited; limits alone come from somebody else. */
function unknownStatus({ metadata, status }: ResourceQuota, usage: ResourceList): string | undefined {
  const unknown = [...usage].filter(([name]) => status.hard.has(name) && !status.used.has(name)).sort(byName);
  if (unknown.length === 0) return undefined;
  return `status unknown for quota: ${metadata.name}, resources: ${unknown.map(([name]) => name).join(',')}`;
}

function excess({ metadata, status }: ResourceQuota, counted: Counted): string | undefined {
  const exceeded = counted.filter(([name, amount]) => usedOf(status.used, name) + amount > status.hard.get(name)!);
  if (exceeded.length === 0) return undefined;
  const list = (amountOf: (name: string, amount: number) => number): string =>
    exceeded.map(([name, amount]) => `${name}=${formatResource(quotaUnit(name), amountOf(name, amount))}`).join(',');
  const requested = list((_name, amount) => amount);
  const used = list((name) => usedOf(status.used, name));
  const limited = list((name) => status.hard.get(name)!);
  return `exceeded quota: ${metadata.name}, requested: ${requested}, used: ${used}, limited: ${limited}`;
}

function usedOf(used: ResourceList, name: string): number {
  return used.get(name) ?? 0;
}

function charged(quota: ResourceQuota, counted: Counted): ResourceQuota {
  const used = new Map(quota.status.used);
  for (const [name, amount] of counted) used.set(name, usedOf(used, name) + amount);
  return { ...quota, status: { ...quota.status, used } };
}
