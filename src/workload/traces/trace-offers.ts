/** What a replay in order offers, and to which nodes. */
import type { Node, Pod } from '../../api/core-v1.ts';
import { assert } from '../../util/assert.ts';
import { wholeDevice } from '../../scheduler/devices/device-kind.ts';
import { arrivalOrder } from './arrival-order.ts';
import { TracePods, copiesOf, nodeObject } from './trace-objects.ts';
import type { TracePod } from './trace.ts';
import type { TraceReplay } from './trace-replay.ts';
import { compareText } from '../../util/compare-text.ts';

/** Offers and nodes, ready to be replayed. */
export interface TraceOffers {
  /** In order of rank; a name is `<rank>-<name in the trace>`, the rank in four digits or more, so that ties by name go by rank. */
  readonly nodes: readonly Node[];
  /** In the order in which they are offered. */
  readonly pods: readonly Pod[];
  /** Every pod of the trace once, by name: what a policy may know of the workload. */
  readonly sample: readonly Pod[];
}

interface Weighed {
  readonly name: string;
  readonly milli: number;
  readonly count: number;
  readonly source: TracePod;
  readonly object: Pod;
}

/** @param seed a whole number as text: see `seedOf`. */
export function offersOf({ nodes, pods, order }: TraceReplay, seed: string, replication: number): TraceOffers {
  const byName = nodes.toSorted((a, b) => compareText(a.name, b.name));
  const objects = new TracePods();
  const single = pods.flatMap(copiesOf).sort((a, b) => compareText(a.name, b.name));
  const sorted = single.map((pod) => weighed(pod, objects));
  const capacityMilli = nodes.reduce((sum, { devices }) => sum + (devices?.count ?? 0) * wholeDevice, 0);
  const number = seedOf(seed, replication);
  assert(number !== undefined, `the seed ${seed} is not a whole number`);
  const { offers, ranks } = arrivalOrder(sorted, order, number, { nodeCount: nodes.length, capacityMilli });
  return {
    nodes: byName
      .map((node, at) => nodeObject(node, `${String(ranks[at]!).padStart(4, '0')}-${node.name}`))
      .sort((a, b) => compareText(a.metadata.name, b.metadata.name)),
    pods: offers.map(({ name, pod }) => (name === pod.name ? pod.object : objects.object(pod.source, name))),
    sample: sorted.map(({ object }) => object),
  };
}

/** The seed of the generator that orders a trace; undefined = it is not a whole number. A replication counts on from it. */
export function seedOf(seed: string, replication: number): number | undefined {
  const number = /^-?\d{1,15}$/.test(seed) ? Number(seed) + replication : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

function weighed(source: TracePod, objects: TracePods): Weighed {
  const { name, devices } = source;
  const object = objects.object(source, name);
  return { name, milli: devices?.milli ?? 0, count: devices?.count ?? 0, source, object };
}
