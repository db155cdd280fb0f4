import type { Labels } from '../../api/meta-v1.ts';
import type { BadDemand, DeviceDemand, DeviceKind } from './device-kind.ts';

/** A pod, or what will be one. */
interface Annotated {
  readonly metadata: { readonly annotations: Labels };
}

/** Demands of pods, read once for each set of annotations: equal demands are one object, so that they can be compared by identity. */
export class DeviceDemands {
  private readonly kind: DeviceKind;
  private readonly known = new WeakMap<Labels, DeviceDemand | BadDemand | typeof nothing>();
  private readonly interned = new Map<string, DeviceDemand>();

  constructor(kind: DeviceKind) {
    this.kind = kind;
  }

  /** Undefined = none, or one that cannot be read. */
  of(pod: Annotated): DeviceDemand | undefined {
    const read = this.read(pod);
    return read === undefined || 'problem' in read ? undefined : read;
  }

  /** The demand, or what is wrong with it. */
  read({ metadata: { annotations } }: Annotated): DeviceDemand | BadDemand | undefined {
    let read = this.known.get(annotations);
    if (read === undefined) {
      read = this.intern(this.kind.demandOf(annotations)) ?? nothing;
      this.known.set(annotations, read);
    }
    return read === nothing ? undefined : (read as DeviceDemand | BadDemand);
  }

  private intern(demand: DeviceDemand | BadDemand | undefined): DeviceDemand | BadDemand | undefined {
    if (demand === undefined || 'problem' in demand) return demand;
    const key = `${demand.count}/${demand.milli}/${demand.models.join('|')}`;
    const known = this.interned.get(key);
    if (known === undefined) this.interned.set(key, demand);
    return known ?? demand;
  }
}

/** Stands for pods that want nothing. */
const nothing = Object.freeze({ nothing: true });
