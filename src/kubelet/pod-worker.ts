/** The kubelet's small memory of one pod (upstream `pkg/kubelet/pod_workers.go`); its containers are rows of the container table. */
import type { Container, Pod, PodSpec } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { ResolvedBehavior } from './behaviors.ts';
import type { NodeMachine } from './node-machine.ts';
import type { ResolvedScript } from './scripts.ts';
import type { WorkerTable } from './worker-table.ts';

/** Bits of the column `flags`. */
export const WorkerFlag = {
  /** The volumes are mounted. */
  mounted: 1,
  /** All init containers are over, in this sandbox. */
  initialized: 2,
  /** Nothing starts any more. */
  terminating: 4,
  /** The containers have been told to stop. */
  stopping: 8,
  /** No container runs; what is left is the last word. */
  finished: 16,
  /** There is something to report at the next sync. */
  needsReport: 32,
  /** A sync is wanted. */
  pending: 64,
  toldSandbox: 128,
  toldPullStarted: 256,
  toldPulled: 512,
  toldStarted: 1024,
  toldReady: 2048,
  /** The machine has lost the containers: with restart policy Never the pod is over. */
  lost: 4096,
  /** One more sync is wanted after the next one. */
  again: 8192,
  /** The sandbox has been stopped. */
  sandboxStopped: 16_384,
  /** The last status has been sent. */
  told: 32_768,
  /** A sync that will find nothing waits for the next list of containers; what comes meanwhile waits for the one after. */
  waitsIdly: 65_536,
  /** It ends because its kubelet needs what it takes: containers that have ended are removed at once. */
  evicted: 131_072,
  /** Its next sync was told to begin before the loop of its kubelet began to wait. */
  dispatched: 262_144,
  /** Each of its syncs calls for another one, and none finds anything: at any time one waits for the next list of containers. */
  loopsIdly: 524_288,
  /**
   * A list had shown a part of its last sync before that was over, and the rest is shown within the next one: the sync after
   * that begins before it hears of the probes.
   */
  isShownLate: 1_048_576,
  /** Lists had shown all of its last sync before that was over. */
  isShown: 4_194_304,
  /** A sync waited for a list of containers when the pod was told to end: it comes before the end. */
  syncsFirst: 2_097_152,
} as const;

/** State of one pod on its node; its numbers are a row of the worker table. */
export class PodWorker {
  /** Payload of its events, and its row in the worker table. */
  readonly id: number;
  readonly uid: Uid;
  readonly node: NodeMachine;
  /** As of the last update that the kubelet has heard. */
  spec: PodSpec;
  readonly behavior: ResolvedBehavior;
  private readonly table: WorkerTable;

  constructor(table: WorkerTable, id: number, pod: Pod, node: NodeMachine, behavior: ResolvedBehavior) {
    this.id = id;
    this.uid = pod.metadata.uid;
    this.node = node;
    this.spec = pod.spec;
    this.behavior = behavior;
    this.table = table;
  }

  /** Sets its row to that of a pod that a kubelet sees for the first time: whole seconds. */
  begin(slot: number, firstRow: number, seenSince: number): void {
    const { id, table } = this;
    table.slot[id] = slot;
    table.firstRow[id] = firstRow;
    table.flags[id] = 0;
    table.sandboxSince[id] = -1;
    table.seenSince[id] = seenSince;
    table.address[id] = -1;
    table.freshAt[id] = 0;
  }

  /** Slot of the pod in the store; -1 once the object is gone. */
  get slot(): number {
    return this.table.slot[this.id]!;
  }
  set slot(slot: number) {
    this.table.slot[this.id] = slot;
  }

  /** Row of its first container in the container table. */
  get firstRow(): number {
    return this.table.firstRow[this.id]!;
  }

  /** Whole seconds since which the sandbox is ready; -1 = it is not. */
  get sandboxSince(): number {
    return this.table.sandboxSince[this.id]!;
  }
  set sandboxSince(seconds: number) {
    this.table.sandboxSince[this.id] = seconds;
  }

  /** Whole seconds. */
  get seenSince(): number {
    return this.table.seenSince[this.id]!;
  }

  /** -1 = none yet. */
  get address(): number {
    return this.table.address[this.id]!;
  }
  set address(address: number) {
    this.table.address[this.id] = address;
  }

  /** From when on the containers have been looked at since the last sync, microseconds: no sync begins before. */
  get freshAt(): number {
    return this.table.freshAt[this.id]!;
  }
  set freshAt(time: number) {
    this.table.freshAt[this.id] = time;
  }

  get initCount(): number {
    return this.spec.initContainers.length;
  }

  get rowCount(): number {
    return this.spec.initContainers.length + this.spec.containers.length;
  }

  /** The container in a row of the container table. */
  container(row: number): Container {
    const index = row - this.firstRow;
    const { initContainers, containers } = this.spec;
    return index < initContainers.length ? initContainers[index]! : containers[index - initContainers.length]!;
  }

  /** The script of a container; undefined where nothing is scripted. */
  script(row: number): ResolvedScript | undefined {
    return this.behavior.script?.of(this.container(row).name);
  }

  /** Whether the working set of a container is more than its limit allows. */
  isOverLimit(row: number): boolean {
    if (this.behavior.script === undefined) return false;
    const limit = this.container(row).resources.limits.get('memory');
    return limit !== undefined && (this.script(row)?.memoryBytes ?? 0) > limit;
  }

  has(flag: number): boolean {
    return (this.table.flags[this.id]! & flag) !== 0;
  }

  set(flag: number): void {
    this.table.flags[this.id]! |= flag;
  }

  clear(flag: number): void {
    this.table.flags[this.id]! &= ~flag;
  }
}
