/** Evictions from nodes that are short of memory (upstream `pkg/kubelet/eviction/eviction_manager.go`). */
import { formatBytes } from '../api/quantity.ts';
import type { EventHandler, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import { criticalPriority, upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeFleet } from './node-fleet.ts';
import { nextAtOrAfter } from './node-lease.ts';
import type { NodeMachine } from './node-machine.ts';
import type { MemoryThreshold, MemoryUser } from './node-memory.ts';
import { MemoryWatch, byMemoryRank } from './node-memory.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

interface WatchedNode {
  readonly watch: MemoryWatch;
  otherBytes: number;
  /** When the next pass comes, microseconds; Infinity = nothing calls for one. */
  nextPassAt: number;
  /** The pod that is being evicted: no pass comes before it is gone. */
  victim: PodWorker | undefined;
  hadPressure: boolean;
}

/** The eviction loops of all nodes whose memory is in question. */
export class Evictions implements EventHandler {
  readonly name = 'kubelet/eviction';
  readonly phase = EventPhase.machine;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly fleet: NodeFleet;
  private readonly events: KubeletEvents;
  private readonly handler: HandlerId;
  private readonly nodes = new Map<NodeMachine, WatchedNode>();

  constructor(workers: PodWorkers, syncer: PodSyncer, fleet: NodeFleet, events: KubeletEvents) {
    this.workers = workers;
    this.syncer = syncer;
    this.fleet = fleet;
    this.events = events;
    this.handler = workers.engine.register(this);
  }

  /** What runs on a node beside its pods uses so many bytes. */
  setOther(node: NodeMachine, bytes: number): void {
    this.watched(node).otherBytes = bytes;
    this.usageChanged(node);
  }

  /** A container has started or ended on a node. */
  usageChanged(node: NodeMachine): void {
    const watched = this.watched(node);
    if (watched.victim === undefined) this.schedule(node, watched);
  }

  /** The containers of a pod have ended; the loop goes on after it has seen that. */
  podEnded(worker: PodWorker): void {
    const watched = this.nodes.get(worker.node);
    if (watched?.victim !== worker) return;
    watched.victim = undefined;
    this.post(worker.node, watched, this.workers.engine.now + upstream.afterEvictionUs);
  }

  handle(index: number): void {
    const node = this.fleet.nodes[index]!;
    const watched = this.nodes.get(node)!;
    const { now } = this.workers.engine;
    if (watched.nextPassAt > now || watched.victim !== undefined || !node.isKubeletRunning) return;
    watched.nextPassAt = Infinity;
    const available = this.capacity(node) - this.used(node, watched);
    const due = watched.watch.pass(now, available);
    node.hasMemoryPressure = watched.watch.hasPressure(now);
    if (node.hasMemoryPressure !== watched.hadPressure) this.fleet.lookAtNextPeriod(node);
    watched.hadPressure = node.hasMemoryPressure;
    if (due !== undefined) this.evict(node, watched, due, available);
    if (watched.victim === undefined) this.schedule(node, watched);
  }

  private watched(node: NodeMachine): WatchedNode {
    let watched = this.nodes.get(node);
    if (watched === undefined) {
      const { thresholds, transitionUs } = this.workers.settings.eviction;
      const watch = new MemoryWatch(thresholds, transitionUs);
      watched = { watch, otherBytes: 0, nextPassAt: Infinity, victim: undefined, hadPressure: false };
      this.nodes.set(node, watched);
    }
    return watched;
  }

  /** A pass at the next mark of the loop, where it can find something. */
  private schedule(node: NodeMachine, watched: WatchedNode): void {
    const { now } = this.workers.engine;
    const available = this.capacity(node) - this.used(node, watched);
    if (!watched.watch.isUnsettled(now, available) && !watched.hadPressure) return;
    this.post(node, watched, nextAtOrAfter(node.evictionPhaseUs, upstream.evictionPeriodUs, now + 1));
  }

  private post(node: NodeMachine, watched: WatchedNode, at: number): void {
    if (watched.nextPassAt <= at) return;
    watched.nextPassAt = at;
    this.workers.engine.at(at, this.handler, node.index);
  }

  private capacity(node: NodeMachine): number {
    return this.workers.server.state.get('Node', '', node.name)?.status.capacity.get('memory') ?? Infinity;
  }

  private used(node: NodeMachine, { otherBytes }: WatchedNode): number {
    let bytes = otherBytes;
    for (const worker of this.workers.on(node)) bytes += this.workers.memoryOf(worker);
    return bytes;
  }

  private evict(node: NodeMachine, watched: WatchedNode, threshold: MemoryThreshold, available: number): void {
    if (this.events.areWanted) {
      this.events.node(node.name, 'Warning', 'EvictionThresholdMet', 'Attempting to reclaim memory');
    }
    const victim = this.victimOn(node);
    if (victim === undefined) return;
    const message = this.message(victim, threshold, available);
    const grace = this.grace(victim, threshold);
    watched.victim = victim;
    if (this.events.areWanted) this.events.pod(this.workers.podOf(victim), 'Warning', 'Evicted', message);
    this.syncer.terminate(victim, grace, { reason: 'Evicted', message, disruption: message });
    this.workers.proceed(victim);
  }

  private grace({ spec }: PodWorker, { graceUs }: MemoryThreshold): number {
    if (graceUs === 0) return 1;
    return Math.min(this.workers.settings.eviction.maxPodGraceSeconds, spec.terminationGracePeriodSeconds);
  }

  private victimOn(node: NodeMachine): PodWorker | undefined {
    const ranked: (MemoryUser & { readonly worker: PodWorker })[] = [];
    for (const worker of this.workers.on(node)) {
      const { spec, uid } = worker;
      if (spec.priority >= criticalPriority || worker.has(WorkerFlag.terminating)) continue;
      const request = this.workers.resources.of(spec).requests.get('memory') ?? 0;
      ranked.push({ worker, usage: this.workers.memoryOf(worker), request, priority: spec.priority, uid });
    }
    return ranked.sort(byMemoryRank)[0]?.worker;
  }

  private message(worker: PodWorker, { bytes }: MemoryThreshold, available: number): string {
    let text =
      `The node was low on resource: memory. Threshold quantity: ${formatBytes(bytes)}, ` +
      `available: ${formatBytes(available)}. `;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const { name, resources } = this.workers.container(worker, row);
      const request = resources.requests.get('memory') ?? 0;
      const usage = this.workers.memoryOfRow(worker, row);
      if (usage <= request) continue;
      const asked = request === 0 ? '0' : formatBytes(request);
      text += `Container ${name} was using ${formatBytes(usage)}, request is ${asked}, has larger consumption of memory. `;
    }
    return text;
  }
}
