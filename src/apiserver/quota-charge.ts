/** What ResourceQuotas say to a new object (upstream apiserver/pkg/admission/plugin/resourcequota/controller.go). */
import type { ResourceList, ResourceQuota } from '../api/core-v1.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { formatResource } from '../api/quantity.ts';
import { quotaUnit, quotaUsage } from '../api/quota.ts';
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
export function chargeQuotas(object: ApiObject, state: ClusterState): QuotaCharge {
  const { namespace } = object.metadata;
  if (namespace === '' || state.store('ResourceQuota').size === 0) return free;
  const usage = quotaUsage(object, resourceName(object.kind));
  const quotas: ResourceQuota[] = [];
  for (const quota of state.list('ResourceQuota')) {
    if (quota.metadata.namespace !== namespace) continue;
    const counted = [...usage].filter(([name]) => quota.spec.hard.has(name));
    if (counted.length === 0) continue;
    const problem = problemOf(quota, counted);
    if (problem !== undefined) return { refusal: refused('Forbidden', refusalText(object, problem)), quotas: [] };
    quotas.push(charged(quota, counted));
  }
  return { quotas };
}

type Counted = readonly (readonly [name: string, amount: number])[];

function refusalText({ kind, metadata }: ApiObject, problem: string): string {
  return `${resourceName(kind)} "${metadata.name}" is forbidden: ${problem}`;
}

function problemOf({ metadata, spec, status }: ResourceQuota, counted: Counted): string | undefined {
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
