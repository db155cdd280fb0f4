/** The kubelets, container runtimes and machines of all nodes. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Node } from '../api/core-v1.ts';
import { isNodeReady } from '../api/node-conditions.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Behavior, ImageSize, KubeletOptions, RegistryOptions } from './behavior.ts';
import { Behaviors } from './behaviors.ts';
import { Evictions } from './eviction.ts';
import { ImageSizes } from './images.ts';
import { KubeletEvents } from './kubelet-events.ts';
import { Machines } from './machines.ts';
import { NodeFleet } from './node-fleet.ts';
import type { NodeMachine } from './node-machine.ts';
import { PodSyncer } from './pod-sync.ts';
import { PodUpdates } from './pod-updates.ts';
import { PodWorkers } from './pod-workers.ts';
import { kubeletSettings } from './settings.ts';
import { StatusWriter } from './status-writer.ts';

/** What kubelets are given: the server they talk to, and the scenario's word on pods, images and settings. */
export interface KubeletsOptions {
  readonly server: ApiServer;
  readonly behaviors: readonly Behavior[];
  readonly images: readonly ImageSize[];
  readonly registry: RegistryOptions;
  readonly kubelet: KubeletOptions;
}

/**
 * Every node's kubelet in one component with one watch of pods and one of nodes. The node lifecycle controller
 * asks here when a node was heard last.
 */
export class Kubelets {
  /** What faults act on. */
  readonly machines: Machines;
  private readonly server: ApiServer;
  private readonly fleet: NodeFleet;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly updates: PodUpdates;

  constructor(options: KubeletsOptions) {
    const { server } = options;
    const { engine, recorder } = server;
    this.server = server;
    const settings = kubeletSettings(options.kubelet, options.registry, new ImageSizes(options.images));
    const events = new KubeletEvents(recorder);
    const client = server.client({ name: 'kubelet', phase: EventPhase.machine, queriesPerSecond: 0, burst: 0 });
    this.fleet = new NodeFleet(server, client, settings, events);
    const writer = new StatusWriter(client, () => engine.now);
    const pods = server.informer('kubelet', EventPhase.machine, 'Pod');
    const behaviors = new Behaviors(server, options.behaviors);
    this.workers = new PodWorkers(pods, server, settings, behaviors, writer);
    this.syncer = new PodSyncer(this.workers, events);
    const evictions = new Evictions(this.workers, this.syncer, this.fleet, events);
    this.updates = new PodUpdates(pods, this.workers, this.syncer, this.fleet, writer, events);
    this.machines = new Machines(this.workers, this.syncer, this.fleet, this.updates, evictions, events);
    this.workers.onUsage = (node) => evictions.usageChanged(node);
    this.workers.onFinished = (worker) => {
      evictions.podEnded(worker);
      this.machines.podEnded(worker);
      this.updates.podEnded(worker);
    };
    this.syncer.puller.onImage = (node, image) => this.onImage(node, image);
    const nodes = server.informer('kubelet', EventPhase.machine, 'Node');
    nodes.onChange((before, after) => this.onNode(before, after), isNodeChange);
  }

  /** Called once before time starts, after the initial nodes and pods were installed. */
  start(): void {
    for (const node of this.server.state.list('Node')) this.fleet.initialStatus(this.fleet.add(node));
    this.updates.start();
  }

  /** Time of the newest lease renewal at or before `now` that reached the API server, microseconds; -1 = none. */
  lastRenewal(nodeName: string, now: number): number {
    return this.fleet.lastRenewal(nodeName, now);
  }

  /** Calls back when a node falls silent and when it speaks again. */
  onChange(listener: (nodeName: string, isRenewing: boolean) => void): void {
    this.fleet.onChange(listener);
  }

  /** Whether the kubelet of a node answers those who ask it. */
  isReachable(nodeName: string): boolean {
    return this.fleet.get(nodeName)?.isConnected === true;
  }

  /** Tells the probes' attempts up to now that had no events of their own. */
  tellProbes(): void {
    for (const node of this.fleet.nodes) for (const worker of this.workers.index.on(node)) this.syncer.catchUp(worker);
  }

  private onNode(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    if (after === undefined) {
      const gone = this.fleet.get(name);
      if (gone !== undefined) gone.isRegistered = false;
      if (gone !== undefined) this.fleet.contactChanged(gone);
      return;
    }
    const isNew = this.fleet.get(name) === undefined;
    const node = this.fleet.add(after);
    if (!node.isRegistered) {
      node.isRegistered = true;
      this.fleet.contactChanged(node);
    }
    const stored = this.server.state.get('Node', '', name);
    if (stored === undefined || isNodeReady(stored)) return;
    if (isNew) this.fleet.lookNow(node);
    else this.fleet.lookAtNextPeriod(node);
  }

  private onImage(node: NodeMachine, image: string): void {
    node.newImages.push(image);
    this.fleet.lookAtNextPeriod(node);
  }
}

/** A new node, one that is gone, and one that is said not to be ready. */
function isNodeChange(before: Node | undefined, after: Node | undefined): boolean {
  return before === undefined || after === undefined || (!isNodeReady(after) && isNodeReady(before));
}
