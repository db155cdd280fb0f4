/**
 * The classes of pods by which fragmentation is measured (Weng et al., "Beware of Fragmentation", USENIX ATC 2023, section 3): the most
 * frequent ones of a workload that make up 95 % of its pods.
 */
import { PodResourcesCache } from '../../api/resources.ts';
import type { ExpectedPods } from '../framework/handle.ts';
import { DeviceDemands } from './device-demands.ts';
import type { DeviceDemand } from './device-kind.ts';
import { sharedGpus } from './shared-gpus.ts';

/** What one pod asks for, as far as fragmentation looks at it. */
export interface PodShape {
  readonly milliCpu: number;
  /** Undefined = no devices. */
  readonly devices: DeviceDemand | undefined;
}

/** A class of pods with its share. */
export interface TypicalPod extends PodShape {
  /** In 0..1; all shares together are 1. */
  readonly share: number;
}

/** Share of the pods that the classes must cover. */
const coverage = 0.95;

interface ShapeCount extends PodShape {
  count: number;
}

/** Pods of one shape. */
export interface CountedShape extends PodShape {
  /** Pods, above 0; whole or an expectation. Default 1. */
  readonly count?: number;
}

/** The most frequent classes of a workload. */
export function typicalPodsOf(pods: readonly ExpectedPods[]): readonly TypicalPod[] {
  const [resources, demands] = [new PodResourcesCache(), new DeviceDemands(sharedGpus)];
  return typicalPods(
    pods.map(({ spec, annotations, count }) => ({
      milliCpu: resources.of(spec).requests.get('cpu') ?? 0,
      devices: demands.of({ metadata: { annotations } }),
      count,
    })),
  );
}

/** The most frequent classes; of equally frequent ones those that ask for more come first. */
export function typicalPods(shapes: Iterable<CountedShape>): readonly TypicalPod[] {
  const counts = new Map<string, ShapeCount>();
  let total = 0;
  for (const { milliCpu, devices, count = 1 } of shapes) {
    total += count;
    const key = `${milliCpu}/${devices?.milli ?? 0}/${devices?.count ?? 0}/${modelsText(devices)}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { milliCpu, devices, count });
    else known.count += count;
  }
  const sorted = [...counts.values()].sort(byFrequency);
  let covered = 0;
  const taken = sorted.filter(({ count }) => {
    if (covered >= coverage * total) return false;
    covered += count;
    return true;
  });
  const isWhole = taken.length === sorted.length;
  return taken.map(({ milliCpu, devices, count }) => ({
    milliCpu,
    devices,
    share: isWhole ? count / total : count / total / (covered / total),
  }));
}

function byFrequency(a: ShapeCount, b: ShapeCount): number {
  return (
    b.count - a.count ||
    b.milliCpu - a.milliCpu ||
    (b.devices?.milli ?? 0) - (a.devices?.milli ?? 0) ||
    (b.devices?.count ?? 0) - (a.devices?.count ?? 0) ||
    (modelsText(a.devices) < modelsText(b.devices) ? 1 : -1)
  );
}

function modelsText(devices: DeviceDemand | undefined): string {
  return devices === undefined ? '' : devices.models.join('|');
}
