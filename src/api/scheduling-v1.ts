import type { ApiObject } from './meta-v1.ts';

/** scheduling.k8s.io/v1 PriorityClass. */
export interface PriorityClass extends ApiObject {
  readonly apiVersion: 'scheduling.k8s.io/v1';
  readonly kind: 'PriorityClass';
  readonly value: number;
  readonly globalDefault: boolean;
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
}

/** The two classes that every cluster has, with their values (upstream: pkg/apis/scheduling/v1/helpers.go). */
export const systemPriorityClasses: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** Why a pod that names a class is refused where there is none of that name. */
export function unknownPriorityClass(name: string): string {
  return `no PriorityClass with name ${name} was found`;
}
