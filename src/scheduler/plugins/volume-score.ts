/** How good a use of a node's storage a pod's claims make (`volumebinding/scorer.go`). */
import { percent, roundHalfAway } from './integer-math.ts';
import { shapeScore, utilizationMax } from './shape-score.ts';
import type { ShapePoint } from './shape-score.ts';
import type { PodVolumes } from './volume-binder.ts';
import { capacityBytes, requestedBytes } from './volume-matching.ts';

/** Bytes of one storage class. */
interface ClassStorage {
  requested: number;
  capacity: number;
}

/**
 * 0..100: the mean over the classes of the shape's score of the used part. Volumes that are there count, if there are any;
 * else those that are to be made where somebody keeps count of the room.
 */
export function scoreVolumes(volumes: PodVolumes, shape: readonly ShapePoint[]): number {
  const classes = volumes.bindings.length > 0 ? boundStorage(volumes) : provisionedStorage(volumes);
  if (classes.size === 0) return 0;
  let sum = 0;
  for (const { requested, capacity } of classes.values()) {
    const isOver = capacity === 0 || requested > capacity;
    sum += shapeScore(shape, isOver ? utilizationMax : percent(requested, capacity));
  }
  return roundHalfAway(sum / classes.size);
}

function boundStorage({ bindings }: PodVolumes): ReadonlyMap<string, ClassStorage> {
  const classes = new Map<string, ClassStorage>();
  for (const { volume, claim } of bindings) {
    const entry = entryOf(classes, volume.spec.storageClassName);
    entry.requested += requestedBytes(claim);
    entry.capacity += capacityBytes(volume);
  }
  return classes;
}

/** All claims of a class share one account of room, so its capacity counts once. */
function provisionedStorage({ provisions }: PodVolumes): ReadonlyMap<string, ClassStorage> {
  const classes = new Map<string, ClassStorage>();
  for (const { claim, capacity } of provisions) {
    if (capacity === undefined) continue;
    const entry = entryOf(classes, claim.spec.storageClassName ?? '');
    entry.requested += requestedBytes(claim);
    entry.capacity = capacity.capacity ?? 0;
  }
  return classes;
}

function entryOf(classes: Map<string, ClassStorage>, name: string): ClassStorage {
  let entry = classes.get(name);
  if (entry === undefined) classes.set(name, (entry = { requested: 0, capacity: 0 }));
  return entry;
}
