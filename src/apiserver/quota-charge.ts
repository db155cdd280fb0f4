/** What ResourceQuotas say to a new object (upstream apiserver/pkg/admission/plugin/resourcequota/controller.go). */
import type { Container, Pod, ResourceList, ResourceQuota } from '../api/core-v1.ts';
import type { ApiObject, Timestamp } from '../api/meta-v1.ts';
import { formatResource } from '../api/quantity.ts';
import { quotaUnit, quotaUsage } from '../api/quota.ts';
import { isInScopes } from '../api/quota-scopes.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Refused } from './outcome.ts';
import { refused, resourceName } from './outcome.ts';

/** A refusal, or the versions of the quotas that the new object makes. */
export interface QuotaCharge {
  readonly refusal?: Refused;
  readonly quotas: readonly ResourceQuota[];
}

const free: QuotaCharge = Object.freeze({ quotas: Object.freeze([]) as readonly ResourceQuota[] });

/** Charges every quota of the namespace, or none when one of them would be exceeded. */
export function chargeQuotas(object: ApiObject, state: ClusterState, now: Timestamp): QuotaCharge {
  const { namespace } = object.metadata;
  if (namespace === '' || state.store('ResourceQuota').size === 0) return free;
  const usage = quotaUsage(object, resourceName(object.kind), now);
  const quotas: ResourceQuota[] = [];
  for (const quota of state.list('ResourceQuota')) {
    if (quota.metadata.namespace !== namespace || !isInScopes(object, quota.spec)) continue;
    const counted = [...usage].filter(([name]) => quota.spec.hard.has(name)).sort(byName);
    const problem = unsetResources(object, quota) ?? problemOf(quota, counted);
    if (problem !== undefined) return { refusal: refused('Forbidden', refusalText(object, problem)), quotas: [] };
    if (counted.length > 0) quotas.push(charged(quota, counted));
  }
  return { quotas };
}

type Counted = readonly (readonly [name: string, amount: number])[];

const byName = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);

/** Where a quota counts these, each container must say what it needs. */
const mustBeSet = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'] as const;

function unsetResources(object: ApiObject, { metadata, spec }: ResourceQuota): string | undefined {
  if (object.kind !== 'Pod') return undefined;
  const pod = (object as Pod).spec;
  const unset: string[] = [];
  for (const name of mustBeSet) {
    if (!spec.hard.has(name) || isSet(pod, name)) continue;
    const containers = [...pod.containers, ...pod.initContainers].filter((container) => !isSet(container, name));
    const names = containers.map((container) => container.name).sort((a, b) => (a < b ? -1 : 1));
    if (names.length > 0) unset.push(`${name} for: ${names.join(',')}`);
  }
  return unset.length === 0 ? undefined : `failed quota: ${metadata.name}: must specify ${unset.join('; ')}`;
}

/** Of a container, or of a pod as a whole. */
function isSet({ resources }: { readonly resources: Container['resources'] | undefined }, name: string): boolean {
  const list = name.startsWith('limits.') ? resources?.limits : resources?.requests;
  return list?.has(quotaUnit(name)) ?? false;
}

function refusalText({ kind, metadata }: ApiObject, problem: string): string {
  return `${resourceName(kind)} "${metadata.name}" is forbidden: ${problem}`;
}

function problemOf({ metadata, spec, status }: ResourceQuota, counted: Counted): string | undefined {
  if (counted.length === 0) return undefined;
  const unknown = [...spec.hard.keys()].filter((name) => !status.hard.has(name));
  if (unknown.length > 0) return `status unknown for quota: ${metadata.name}, resources: ${unknown.join(',')}`;
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
