/** Limits of ephemeral-storage (upstream `eviction_manager.go` localStorageEviction): who uses more goes, whatever the node has left. */
import type { Container } from '../api/core-v1.ts';
import { formatBytes } from '../api/quantity.ts';

/** What one container uses of its node's disk, bytes. */
export interface ContainerDisk {
  readonly container: Container;
  readonly usage: number;
}

/** Why a pod has to go; undefined = it keeps its limits. The sum of the limits counts only where each container has one. */
export function storageExcess(containers: readonly ContainerDisk[]): string | undefined {
  const limits = containers.map(({ container }) => container.resources.limits.get('ephemeral-storage'));
  const total = limits.reduce<number>((sum, limit) => sum + (limit ?? Infinity), 0);
  const used = containers.reduce((sum, { usage }) => sum + usage, 0);
  if (used > total) {
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatBytes(total)}. `;
  }
  for (const [at, { container, usage }] of containers.entries()) {
    const limit = limits[at];
    if (limit !== undefined && usage > limit) {
      return `Container ${container.name} exceeded its local ephemeral storage limit "${formatBytes(limit)}". `;
    }
  }
  return undefined;
}
