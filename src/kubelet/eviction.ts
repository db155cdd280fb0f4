/** Evictions from nodes that are short of memory, disk or process ids (upstream `pkg/kubelet/eviction/eviction_manager.go`). */
import { formatBytes } from '../api/quantity.ts';
import type { EventHandler, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { EvictionThreshold } from './behavior.ts';
import { criticalPriority, upstream } from './defaults.ts';
import { imageKey } from './images.ts';
import type { Victim } from './evicted-pods.ts';
import { EvictedPods } from './evicted-pods.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeFleet } from './node-fleet.ts';
import { storageExcess } from './local-storage.ts';
import { nextAtOrAfter } from './node-lease.ts';
import { NodeMemory } from './node-memory.ts';
import type { NodeMachine } from './node-machine.ts';
import type { Pressure, ReadSignal, ResourceUser } from './node-pressure.ts';
import {
  PressureWatch,
  byExcess,
  byProcesses,
  isMet,
  pressureOf,
  pressures,
  starvedResource,
  thresholdAmount,
} from './node-pressure.ts';
import type { NodeCapacity, OtherUse } from './node-usage.ts';
import { NodeUsageReader } from './node-usage.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

interface WatchedNode {
  readonly watch: PressureWatch;
  readonly other: OtherUse;
  readonly read: ReadSignal;
  /** Pods that are being evicted: no pass comes before they are gone. */
  readonly evicted: EvictedPods;
  /** When in each period the loop comes round, microseconds. */
  phaseUs: number;
  /** When the next pass comes, microseconds; Infinity = nothing calls for one. */
  nextPassAt: number;
}

/** The eviction loops of all nodes of whose usage anything is known. */
export class Evictions implements EventHandler {
  readonly name = 'kubelet/eviction';
  readonly phase = EventPhase.machine;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly fleet: NodeFleet;
  private readonly events: KubeletEvents;
  private readonly usage: NodeUsageReader;
  private readonly handler: HandlerId;
  private readonly memory: NodeMemory;
  private readonly nodes = new Map<NodeMachine, WatchedNode>();

  constructor(workers: PodWorkers, syncer: PodSyncer, fleet: NodeFleet, events: KubeletEvents) {
    this.workers = workers;
    this.syncer = syncer;
    this.fleet = fleet;
    this.events = events;
    this.usage = new NodeUsageReader(workers);
    this.handler = workers.engine.register(this);
    this.memory = new NodeMemory(workers, syncer, fleet, events, {
      left: (node) => this.watched(node).read('memory.available').available,
      capacity: (node) => this.capacity(node, 'memory'),
      leastLeft: (node) => this.leastMemory(node),
      changed: (node) => this.look(node),
    });
  }

  /** What runs on a node beside its pods uses so much: bytes, or processes. */
  setOther(node: NodeMachine, use: Partial<OtherUse>): void {
    Object.assign(this.watched(node).other, use);
    this.usageChanged(node);
  }

  /** How much of something a node has: bytes, or processes. */
  capacity(node: NodeMachine, what: NodeCapacity): number {
    return this.usage.capacity(node, what);
  }

  /** A container has started or ended on a node. */
  usageChanged(node: NodeMachine): void {
    this.look(node);
    this.memory.usageChanged(node);
  }

  private look(node: NodeMachine): void {
    const watched = this.watched(node);
    if (!watched.evicted.areWaitedFor) this.schedule(node, watched);
  }

  /** The kubelet of a node begins: its first pass comes at once, and those after it in periods from now. */
  begin(node: NodeMachine): void {
    const watched = this.nodes.get(node);
    if (watched === undefined) return;
    const { now } = this.workers.engine;
    watched.phaseUs = now % upstream.evictionPeriodUs;
    this.post(node, watched, now);
    this.memory.usageChanged(node);
  }

  /** The kubelet of a node has ended: its loop waits for nothing any more, and what it had found is lost. */
  forget(node: NodeMachine): void {
    node.pressures.clear();
    const watched = this.nodes.get(node);
    if (watched === undefined) return;
    watched.evicted.forget();
    watched.watch.forget();
    watched.nextPassAt = Infinity;
  }

  /** The containers of a pod have ended, which the loop of its node may wait for. */
  podEnded(worker: PodWorker): void {
    const watched = this.nodes.get(worker.node);
    if (watched?.evicted.podEnded(worker) === true) this.post(worker.node, watched, this.workers.engine.now);
  }

  handle(index: number): void {
    const node = this.fleet.nodes[index]!;
    const watched = this.nodes.get(node)!;
    const { now } = this.workers.engine;
    if (watched.nextPassAt > now) return;
    watched.nextPassAt = Infinity;
    if (!node.isUp || !node.isKubeletRunning) return;
    if (watched.evicted.areWaitedFor && !this.goOn(node, watched)) return;
    const due = watched.watch.pass(now, watched.read);
    this.setPressures(node, watched);
    watched.evicted.begin(this.victimsOn(node, watched, due));
    if (!watched.evicted.areWaitedFor || this.goOn(node, watched)) this.schedule(node, watched);
  }

  /** Takes evictions further; true where they are over: the next pass comes at once, and those after it in a period from now. */
  private goOn(node: NodeMachine, watched: WatchedNode): boolean {
    const { now } = this.workers.engine;
    const nextAt = watched.evicted.proceed(now);
    if (nextAt >= 0) this.post(node, watched, nextAt);
    else watched.phaseUs = now % upstream.evictionPeriodUs;
    return nextAt < 0;
  }

  private watched(node: NodeMachine): WatchedNode {
    let watched = this.nodes.get(node);
    if (watched === undefined) {
      const { thresholds, transitionUs } = this.workers.settings.eviction;
      const other: OtherUse = { memoryBytes: 0, diskBytes: 0, processes: 0 };
      const read: ReadSignal = (signal) => this.usage.read(node, other, signal);
      const watch = new PressureWatch(thresholds, transitionUs);
      const evicted = new EvictedPods(this.workers, this.syncer, this.events);
      watched = { watch, other, read, evicted, phaseUs: node.evictionPhaseUs, nextPassAt: Infinity };
      this.nodes.set(node, watched);
    }
    return watched;
  }

  private setPressures(node: NodeMachine, { watch }: WatchedNode): void {
    const { now } = this.workers.engine;
    let isChanged = false;
    for (const pressure of pressures) {
      if (watch.has(pressure, now) === node.pressures.has(pressure)) continue;
      isChanged = true;
      if (!node.pressures.delete(pressure)) node.pressures.add(pressure);
    }
    if (isChanged) this.fleet.lookAtNextPeriod(node);
  }

  private leastMemory(node: NodeMachine): number {
    const capacity = this.capacity(node, 'memory');
    const ofMemory = this.workers.settings.eviction.thresholds.filter(({ signal }) => signal === 'memory.available');
    return ofMemory.reduce((most, each) => Math.max(most, thresholdAmount(each, capacity)), 0);
  }

  /** A pass at the next mark of the loop, where it can find something. */
  private schedule(node: NodeMachine, watched: WatchedNode): void {
    const { now } = this.workers.engine;
    const isUnsettled = watched.watch.isUnsettled(now, watched.read) || node.pressures.size > 0;
    if (!isUnsettled && !this.workers.index.on(node).some((worker) => this.excessOf(worker) !== undefined)) return;
    this.post(node, watched, nextAtOrAfter(watched.phaseUs, upstream.evictionPeriodUs, now + 1));
  }

  private post(node: NodeMachine, watched: WatchedNode, at: number): void {
    if (watched.nextPassAt <= at) return;
    watched.nextPassAt = at;
    this.workers.engine.at(at, this.handler, node.index);
  }

  /** Who has to go: all pods that use more disk than their limits allow, or else one for want of something. */
  private victimsOn(node: NodeMachine, watched: WatchedNode, due: EvictionThreshold | undefined): readonly Victim[] {
    const offenders: Victim[] = [];
    for (const worker of this.workers.index.on(node)) {
      const message = this.excessOf(worker);
      if (message !== undefined)
        offenders.push({ worker, graceSeconds: 1, end: { reason: 'Evicted', message, isEviction: true } });
    }
    return offenders.length > 0 || due === undefined ? offenders : this.reclaim(node, watched, due);
  }

  /** Also a pod that is being stopped is looked at, as long as its containers may run (upstream filterOutInactivePods). */
  private mayBeEvicted(worker: PodWorker): boolean {
    return worker.slot >= 0 && !worker.has(WorkerFlag.finished) && worker.spec.priority < criticalPriority;
  }

  private excessOf(worker: PodWorker): string | undefined {
    if (worker.behavior.script === undefined || !this.mayBeEvicted(worker)) return undefined;
    return storageExcess(
      worker.spec.containers.map((container, at) => {
        const row = worker.firstRow + worker.initCount + at;
        return { container, usage: this.usage.ofRow(worker, row, 'DiskPressure') };
      }),
    );
  }

  /** Unused images go first where the disk is full; a pod only if that is not enough. */
  private reclaim(node: NodeMachine, watched: WatchedNode, threshold: EvictionThreshold): readonly Victim[] {
    const pressure = pressureOf(threshold.signal);
    if (this.events.areWanted) {
      const message = `Attempting to reclaim ${starvedResource[pressure]}`;
      this.events.node(node.name, 'Warning', 'EvictionThresholdMet', message);
    }
    const { available } = watched.read(threshold.signal);
    if (pressure === 'DiskPressure') {
      this.fleet.dropImages(node, this.usage.unusedImages(node, imageKey));
      if (!this.workers.settings.eviction.thresholds.some((each) => isMet(each, watched.read))) return [];
    }
    const worker = this.victimOn(node, pressure);
    if (worker === undefined) return [];
    const { capacity } = watched.read(threshold.signal);
    const message = this.message(worker, threshold, capacity, available);
    const end = { reason: 'Evicted', message, disruption: message, isEviction: true };
    return [{ worker, graceSeconds: this.grace(worker, threshold), end }];
  }

  private grace({ spec }: PodWorker, { graceUs }: EvictionThreshold): number {
    if (graceUs === 0) return 1;
    return Math.min(this.workers.settings.eviction.maxPodGraceSeconds, spec.terminationGracePeriodSeconds);
  }

  private victimOn(node: NodeMachine, pressure: Pressure): PodWorker | undefined {
    const ranked: (ResourceUser & { readonly worker: PodWorker })[] = [];
    for (const worker of this.workers.index.on(node)) {
      const { spec, uid } = worker;
      if (!this.mayBeEvicted(worker)) continue;
      const request = this.workers.resources.of(spec).requests.get(starvedResource[pressure]) ?? 0;
      ranked.push({ worker, usage: this.usage.ofPod(worker, pressure), request, priority: spec.priority, uid });
    }
    return ranked.sort(pressure === 'PIDPressure' ? byProcesses : byExcess)[0]?.worker;
  }

  private message(worker: PodWorker, threshold: EvictionThreshold, capacity: number, available: number): string {
    const pressure = pressureOf(threshold.signal);
    const resource = starvedResource[pressure];
    const quantity = thresholdAmount(threshold, capacity);
    let text =
      `The node was low on resource: ${resource}. Threshold quantity: ${formatBytes(quantity)}, ` +
      `available: ${formatBytes(available)}. `;
    if (pressure === 'PIDPressure') return text;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const { name, resources } = worker.container(row);
      const request = resources.requests.get(resource) ?? 0;
      const usage = this.usage.ofRow(worker, row, pressure);
      if (usage <= request) continue;
      const asked = request === 0 ? '0' : formatBytes(request);
      text += `Container ${name} was using ${formatBytes(usage)}, request is ${asked}, has larger consumption of ${resource}. `;
    }
    return text;
  }
}
