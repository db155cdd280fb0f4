/** Objects of node.k8s.io/v1. */
import type { ResourceList, Toleration } from './core-v1.ts';
import type { ApiObject, Labels } from './meta-v1.ts';

/** How pods of a class are run, and what that costs beside their containers. */
export interface RuntimeClass extends ApiObject {
  readonly handler: string;
  /** What each pod of the class takes on top; undefined = the class says nothing. */
  readonly overhead: ResourceList | undefined;
  /** Added to each pod of the class. */
  readonly nodeSelector: Labels;
  readonly tolerations: readonly Toleration[];
}
