/** The kubelet's small memory of one pod (upstream `pkg/kubelet/pod_workers.go`); its containers are rows of the container table. */
import type { Pod, PodSpec } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { ResolvedBehavior } from './behaviors.ts';
import type { NodeMachine } from './node-machine.ts';

/** Bits of `PodWorker.flags`. */
export const WorkerFlag = {
  /** The sandbox is being made. */
  sandboxPending: 1,
  /** All init containers are over, in this sandbox. */
  initialized: 2,
  /** Nothing starts any more. */
  terminating: 4,
  /** The containers have been told to stop. */
  stopping: 8,
  /** No container runs; the last status is still to be sent. */
  finished: 16,
  /** There is something to report. */
  needsReport: 32,
  /** It must be reported even while containers are being started. */
  urgent: 64,
  toldSandbox: 128,
  toldPullStarted: 256,
  toldPulled: 512,
  toldStarted: 1024,
  toldReady: 2048,
  /** The machine has lost the containers: with restart policy Never the pod is over. */
  lost: 4096,
} as const;

/** State of one pod on its node. */
export class PodWorker {
  /** Payload of its events. */
  readonly id: number;
  readonly uid: Uid;
  readonly node: NodeMachine;
  readonly spec: PodSpec;
  readonly behavior: ResolvedBehavior;
  /** Slot of the pod in the store; -1 once the object is gone. */
  slot: number;
  /** Row of its first container. */
  firstRow = 0;
  flags = 0;
  /** Whole seconds; -1 = no termination asked for. */
  graceSeconds = -1;
  /** Whole seconds since which the sandbox is ready; -1 = it is not. */
  sandboxSince = -1;
  /** Whole seconds. */
  readonly seenSince: number;
  address = -1;

  constructor(id: number, pod: Pod, slot: number, node: NodeMachine, behavior: ResolvedBehavior, seenSince: number) {
    this.id = id;
    this.uid = pod.metadata.uid;
    this.node = node;
    this.spec = pod.spec;
    this.behavior = behavior;
    this.slot = slot;
    this.seenSince = seenSince;
  }

  get initCount(): number {
    return this.spec.initContainers.length;
  }

  get rowCount(): number {
    return this.spec.initContainers.length + this.spec.containers.length;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  set(flag: number): void {
    this.flags |= flag;
  }

  clear(flag: number): void {
    this.flags &= ~flag;
  }
}
