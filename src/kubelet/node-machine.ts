/** One node's machine with its kubelet and container runtime: small, because a cluster has many. */
import type { Flow } from '../apiserver/client.ts';
import type { ContainerPort, PodSpec, ResourceList } from '../api/core-v1.ts';
import type { EventId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import type { MachineState } from '../record/facts.ts';
import type { NodeUsage } from './admission.ts';
import { hostPortsOf } from './admission.ts';
import type { Heartbeat } from './node-lease.ts';
import type { Pressure } from './node-pressure.ts';

/** Where the periodic work of a kubelet lies in its periods, microseconds. */
export interface NodePhases {
  readonly statusUs: number;
  readonly relistUs: number;
  readonly queueUs: number;
  readonly evictionUs: number;
}

/** What a kubelet holds for its node. */
export class NodeMachine implements NodeUsage {
  readonly name: string;
  readonly index: number;
  /** Its share of the kubelets' client. */
  readonly flow: Flow;
  /** Power is on and the system has booted. */
  isUp = true;
  isKubeletRunning = true;
  isPartitioned = false;
  heartbeat: Heartbeat;
  /** When in each period its kubelet looks at the node status, microseconds. */
  readonly statusPhaseUs: number;
  /** When in each second its kubelet lists its containers, and when it looks at its queue of pods, microseconds. */
  readonly relistPhaseUs: number;
  readonly queuePhaseUs: number;
  /** When in each period its kubelet looks at the memory, microseconds. */
  readonly evictionPhaseUs: number;
  /** What its kubelet finds short; it refuses pods accordingly. */
  readonly pressures = new Set<Pressure>();
  /** The system is going down: nothing is admitted any more. */
  isShuttingDown = false;
  /** Since when the sync loop of its kubelet waits: syncs begin, and changes of pods are looked at, when it goes on; Infinity = it does not wait. */
  loopBlockedSince = Infinity;
  /** What the node does by itself takes so many times as long. */
  slowdown = 1;
  /** How much its clock is ahead, microseconds. */
  clockOffsetUs = 0;
  /** The Node object exists. */
  isRegistered = true;
  /** The pending end of the boot. */
  boot: EventId | undefined;
  /** The pending look at the node status. */
  look: EventId | undefined;
  readonly images = new Set<string>();
  /** Pulled since the node status was last written. */
  newImages: string[] = [];
  /** Deleted since then. */
  droppedImages = new Set<string>();
  podCount = 0;
  hostPorts: readonly ContainerPort[] = [];
  private lastAddress = -1;
  private readonly requests = new Map<string, number>();

  constructor(name: string, index: number, flow: Flow, heartbeat: Heartbeat, phases: NodePhases) {
    this.name = name;
    this.index = index;
    this.flow = flow;
    this.heartbeat = heartbeat;
    this.statusPhaseUs = phases.statusUs;
    this.relistPhaseUs = phases.relistUs;
    this.queuePhaseUs = phases.queueUs;
    this.evictionPhaseUs = phases.evictionUs;
  }

  get isLoopBlocked(): boolean {
    return this.loopBlockedSince !== Infinity;
  }

  get state(): MachineState {
    if (!this.isUp) return 'down';
    if (!this.isKubeletRunning) return 'kubelet-stopped';
    return this.isPartitioned ? 'partitioned' : 'up';
  }

  /** A moment as the clock of the node shows it, whole seconds. */
  secondsAt(us: number): number {
    return Math.max(0, Math.floor((us + this.clockOffsetUs) / SECOND));
  }

  /** A time that passes on this node, slow as it is; microseconds. */
  slowed(us: number): number {
    return this.slowdown === 1 ? us : Math.round(us * this.slowdown);
  }

  /** Its kubelet runs and can be reached, as far as the node is concerned. */
  get isConnected(): boolean {
    return this.isUp && this.isKubeletRunning && !this.isPartitioned;
  }

  requested(resource: string): number {
    return this.requests.get(resource) ?? 0;
  }

  /** Counts a pod's requests, ports and place. */
  occupy(requests: ResourceList, spec: PodSpec): void {
    this.podCount++;
    for (const [name, amount] of requests) this.requests.set(name, this.requested(name) + amount);
    const ports = hostPortsOf(spec);
    if (ports.length > 0) this.hostPorts = [...this.hostPorts, ...ports];
  }

  /** Takes back what `occupy` counted. */
  vacate(requests: ResourceList, spec: PodSpec): void {
    this.podCount--;
    for (const [name, amount] of requests) this.requests.set(name, this.requested(name) - amount);
    const ports = hostPortsOf(spec);
    if (ports.length > 0) this.hostPorts = this.hostPorts.filter((port) => !ports.includes(port));
  }

  /** The address index of a new sandbox. */
  nextAddress(): number {
    return ++this.lastAddress;
  }
}
