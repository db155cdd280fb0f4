/** Disks named in a pod's spec that pods on one node may share only by reading, or not at all. */
import { isRawObject } from '../../api/decode/field-reader.ts';
import type { PodSpec, Volume } from '../../api/core-v1.ts';
import { sharedSpec } from '../../apiserver/pod-object.ts';

/** A disk as a pod uses it. */
export interface ExclusiveDisk {
  /** Two disks are the same if they have a name in common. */
  readonly names: readonly string[];
  /** Whether others may use it too, if they only read. */
  readonly isShared: boolean;
}

const noDisks: readonly ExclusiveDisk[] = [];

/** Finds the disks of pods; reads each template once. */
export class ExclusiveDisks {
  private readonly known = new WeakMap<PodSpec, readonly ExclusiveDisk[]>();

  of(spec: PodSpec): readonly ExclusiveDisk[] {
    if (spec.volumes.length === 0) return noDisks;
    const template = sharedSpec(spec);
    let disks = this.known.get(template);
    if (disks === undefined) this.known.set(template, (disks = template.volumes.flatMap(disksOf)));
    return disks;
  }
}

/** Whether two pods with these disks cannot be on one node (upstream `isVolumeConflict`). */
export function areInConflict(some: readonly ExclusiveDisk[], others: readonly ExclusiveDisk[]): boolean {
  return some.some((disk) =>
    others.some((other) => !(disk.isShared && other.isShared) && disk.names.some((name) => other.names.includes(name))),
  );
}

/** An EBS volume is exclusive whether it is read only or not. */
function disksOf({ source, raw }: Volume): readonly ExclusiveDisk[] {
  if (!isRawObject(raw)) return noDisks;
  const text = (name: string): string => (typeof raw[name] === 'string' ? raw[name] : '');
  const isReadOnly = raw['readOnly'] === true;
  switch (source) {
    case 'gcePersistentDisk':
      return [{ names: [`${source} ${text('pdName')}`], isShared: isReadOnly }];
    case 'awsElasticBlockStore':
      return [{ names: [`${source} ${text('volumeID')}`], isShared: false }];
    case 'iscsi':
      return [{ names: [`${source} ${text('iqn')}`], isShared: isReadOnly }];
    case 'rbd': {
      const monitors = Array.isArray(raw['monitors']) ? raw['monitors'] : [];
      const image = JSON.stringify([text('pool') || 'rbd', text('image')]);
      return [{ names: monitors.map((monitor) => `${source} ${String(monitor)} ${image}`), isShared: isReadOnly }];
    }
    default:
      return noDisks;
  }
}
