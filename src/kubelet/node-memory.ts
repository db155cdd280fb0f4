/**
 * Memory of nodes between the passes of the eviction loop: looks at the times when what pods use changes, and the kernel's
 * choice where a container outgrows its limit or all of them the node.
 */
import type { PodSpec } from '../api/core-v1.ts';
import { qosRank } from '../api/pod-qos.ts';
import type { EventHandler, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import { criticalPriority, upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { MemoryUse } from './memory-use.ts';
import { oomScoreAdjust } from './memory-use.ts';
import type { NodeFleet } from './node-fleet.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { highest, nextChange } from './usage-curve.ts';

/** What the looks of a node hang on. */
export interface NodeMemoryView {
  /** Bytes that are left on a node; below 0 the kernel acts. */
  left(node: NodeMachine): number;
  capacity(node: NodeMachine): number;
  /** Bytes that its thresholds want to be left. */
  leastLeft(node: NodeMachine): number;
  /** What pods use has changed: the eviction loop may have something to do. */
  changed(node: NodeMachine): void;
}

/** Posts one event a node at most: the next time at which the use of a container changes. */
export class NodeMemory implements EventHandler {
  readonly name = 'kubelet/memory';
  readonly phase = EventPhase.machine;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly fleet: NodeFleet;
  private readonly events: KubeletEvents;
  private readonly view: NodeMemoryView;
  private readonly handler: HandlerId;
  private readonly nextLookAt = new Map<NodeMachine, number>();

  constructor(workers: PodWorkers, syncer: PodSyncer, fleet: NodeFleet, events: KubeletEvents, view: NodeMemoryView) {
    this.workers = workers;
    this.syncer = syncer;
    this.fleet = fleet;
    this.events = events;
    this.view = view;
    this.handler = workers.engine.register(this);
  }

  /** A container has started or ended, or what runs beside the pods has changed. */
  usageChanged(node: NodeMachine): void {
    const { now } = this.workers.engine;
    const isNow = this.view.left(node) < 0 || this.overLimit(node) !== undefined;
    this.post(node, isNow ? now : this.nextChangeOn(node, now));
  }

  handle(index: number): void {
    const node = this.fleet.nodes[index]!;
    const { now } = this.workers.engine;
    if (this.nextLookAt.get(node) !== now) return;
    this.nextLookAt.delete(node);
    if (!node.isUp) return;
    for (let over = this.overLimit(node); over !== undefined; over = this.overLimit(node)) this.kill(over);
    while (this.view.left(node) < 0) {
      const victim = this.victimOn(node);
      if (victim === undefined) break;
      this.tellKernel(node, victim);
      this.kill(victim);
    }
    this.view.changed(node);
    this.post(node, this.nextChangeOn(node, now));
  }

  private post(node: NodeMachine, at: number): void {
    if (at === Infinity || (this.nextLookAt.get(node) ?? Infinity) <= at) return;
    this.nextLookAt.set(node, at);
    this.workers.engine.at(at, this.handler, node.index);
  }

  /** Waves change all the time: they are looked at as often as the kubelet does, where their height could matter. */
  private nextChangeOn(node: NodeMachine, now: number): number {
    let next = Infinity;
    let rise = 0;
    let mayExceed = false;
    for (const { worker, row, use } of this.usersOn(node)) {
      if (use === undefined) continue;
      next = Math.min(next, nextChange(use.curve, now));
      if (use.curve.type === 'steps') continue;
      const high = highest(use.curve, use.request);
      rise += high - this.workers.memory.of(worker, row);
      mayExceed ||= high > this.limitOf(worker, row);
    }
    if (mayExceed || (rise > 0 && this.view.left(node) - rise < this.view.leastLeft(node)))
      next = Math.min(next, now + upstream.evictionPeriodUs);
    return next;
  }

  private limitOf(worker: PodWorker, row: number): number {
    return worker.container(row).resources.limits.get('memory') ?? Infinity;
  }

  private *usersOn(node: NodeMachine): Iterable<MemoryUser> {
    for (const worker of this.workers.index.on(node)) {
      const first = worker.firstRow;
      for (let row = first; row < first + worker.rowCount; row++) {
        if (!this.workers.table.isAlive(row)) continue;
        yield { worker, row, use: this.workers.memory.useOf(worker, row) };
      }
    }
  }

  /** A container whose use, stated as a function of time, is above its limit. */
  private overLimit(node: NodeMachine): MemoryUser | undefined {
    for (const user of this.usersOn(node)) {
      if (user.use === undefined) continue;
      if (this.workers.memory.of(user.worker, user.row) > this.limitOf(user.worker, user.row)) return user;
    }
    return undefined;
  }

  /** The container with the highest score among those that use any memory: 1000 times its share of the node, and what its class adds. */
  private victimOn(node: NodeMachine): MemoryUser | undefined {
    const capacity = this.view.capacity(node);
    let victim: MemoryUser | undefined;
    let highest = -Infinity;
    for (const user of this.usersOn(node)) {
      const { worker, row } = user;
      const used = this.workers.memory.of(worker, row);
      if (used <= 0) continue;
      const score = (1000 * used) / capacity + this.adjustOf(worker.spec, this.requestOf(worker, row), capacity);
      if (score <= highest) continue;
      highest = score;
      victim = user;
    }
    return victim;
  }

  private requestOf(worker: PodWorker, row: number): number {
    return worker.container(row).resources.requests.get('memory') ?? 0;
  }

  private adjustOf(spec: PodSpec, request: number, capacity: number): number {
    const rank = qosRank(spec, this.workers.resources.of(spec).requests);
    return oomScoreAdjust(rank, spec.priority >= criticalPriority, request, capacity);
  }

  /** A process has no number here: its container's place in the tables of the run stands for it. */
  private tellKernel(node: NodeMachine, { worker, row }: MemoryUser): void {
    const { name } = worker.container(row);
    const message = `System OOM encountered, victim process: ${name}, pid: ${row + 1}`;
    if (this.events.areWanted && node.isKubeletRunning) this.events.node(node.name, 'Warning', 'SystemOOM', message);
  }

  private kill({ worker, row }: MemoryUser): void {
    this.syncer.crash(worker, oomExitCode, 'OOMKilled', worker.container(row).name);
  }
}

interface MemoryUser {
  readonly worker: PodWorker;
  readonly row: number;
  readonly use: MemoryUse | undefined;
}

/** SIGKILL. */
const oomExitCode = 137;
