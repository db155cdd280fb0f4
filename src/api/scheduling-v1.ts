import type { ApiObject } from './meta-v1.ts';

/** scheduling.k8s.io/v1 PriorityClass. */
export interface PriorityClass extends ApiObject {
  readonly apiVersion: 'scheduling.k8s.io/v1';
  readonly kind: 'PriorityClass';
  readonly value: number;
  readonly globalDefault: boolean;
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
}
