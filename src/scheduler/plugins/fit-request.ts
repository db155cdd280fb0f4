/** What NodeResourcesFit's filter compares with a node, and its answers, made once per template. */
import type { PodNeeds } from '../framework/pod-info.ts';
import { Code, Status } from '../framework/status.ts';

/** An extended resource, huge page size or the like that a pod asks for. */
export interface ScalarRequest {
  readonly name: string;
  readonly amount: number;
  readonly reason: string;
}

const fixedReasons = ['Too many pods', 'Insufficient cpu', 'Insufficient memory', 'Insufficient ephemeral-storage'];

/** Weights of the shortages in the key of a status. Those of scalars follow. */
export const shortage = { pods: 1, cpu: 2, memory: 4, ephemeralStorage: 8 } as const;
/** Weight of the first scalar's shortage; each next one weighs twice as much. Up to 48 scalars the key is exact. */
export const firstScalarShortage = 16;

/** One pod template's request. */
export class FitRequest {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  readonly scalars: readonly ScalarRequest[];
  private readonly statuses = new Map<number, Status>();

  /** @param isIgnored extended resources that are not checked. */
  constructor(needs: PodNeeds, isIgnored: (name: string) => boolean) {
    this.milliCpu = needs.milliCpu;
    this.memory = needs.memory;
    this.ephemeralStorage = needs.ephemeralStorage;
    this.scalars = [...needs.scalars]
      .filter(([name, amount]) => amount !== 0 && !isIgnored(name))
      .map(([name, amount]) => ({ name, amount, reason: `Insufficient ${name}` }));
  }

  /** The status for a set of shortages: one per set, however many nodes have it. */
  statusOf(shortages: number, isUnresolvable: boolean): Status {
    const key = isUnresolvable ? -shortages : shortages;
    let status = this.statuses.get(key);
    if (status === undefined) this.statuses.set(key, (status = this.makeStatus(shortages, isUnresolvable)));
    return status;
  }

  private makeStatus(shortages: number, isUnresolvable: boolean): Status {
    const reasons: string[] = [];
    let rest = shortages;
    for (const reason of [...fixedReasons, ...this.scalars.map((scalar) => scalar.reason)]) {
      if (rest % 2 === 1) reasons.push(reason);
      rest = Math.floor(rest / 2);
    }
    return new Status(isUnresolvable ? Code.unschedulableAndUnresolvable : Code.unschedulable, reasons, '');
  }
}
