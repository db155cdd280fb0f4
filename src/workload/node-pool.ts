/** Node pools: many equal nodes from one description. */
import type { ContainerImage, ResourceList, Taint } from '../api/core-v1.ts';
import type { Labels } from '../api/meta-v1.ts';

/** A group of equal nodes, spread over zones in turn. */
export interface NodePool {
  readonly name: string;
  readonly count: number;
  /** Empty = nodes without a zone label. */
  readonly zones: readonly string[];
  /** Empty = no region label. */
  readonly region: string;
  /** Racks in each zone, which its nodes take in turn; absent = nodes without a rack label. */
  readonly racks?: number;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  /** Present in the image cache of each node from the start. */
  readonly images: readonly ContainerImage[];
}
