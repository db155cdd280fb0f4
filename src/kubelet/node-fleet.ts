/** All machines with their heartbeats and node statuses. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Client } from '../apiserver/client.ts';
import { patchStatusRequest } from '../apiserver/requests.ts';
import type { Node } from '../api/core-v1.ts';
import { isNodeReady } from '../api/node-conditions.ts';
import type { HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import { upstream } from './defaults.ts';
import { imageKey } from './images.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { lastRenewal, nextAtOrAfter } from './node-lease.ts';
import { NodeMachine } from './node-machine.ts';
import { pressures } from './node-pressure.ts';
import { nodeStatusPatch, pressureEvent } from './node-status.ts';
import type { NodeStatusUpdate } from './node-status.ts';
import type { KubeletSettings } from './settings.ts';

/** The machines by name and index, who of them is heard, and what their node statuses say. */
export class NodeFleet {
  /** By index. */
  readonly nodes: NodeMachine[] = [];
  private readonly server: ApiServer;
  private readonly client: Client;
  private readonly settings: KubeletSettings;
  private readonly events: KubeletEvents;
  private readonly byName = new Map<string, NodeMachine>();
  private readonly listeners: ((nodeName: string, isRenewing: boolean) => void)[] = [];
  private readonly lookHandler: HandlerId;
  private isApiReachable = true;

  constructor(server: ApiServer, client: Client, settings: KubeletSettings, events: KubeletEvents) {
    this.server = server;
    this.client = client;
    this.settings = settings;
    this.events = events;
    this.lookHandler = server.engine.register({
      name: 'kubelet/node-status',
      phase: EventPhase.machine,
      handle: (index) => this.onLook(this.nodes[index]!),
    });
  }

  get(name: string): NodeMachine | undefined {
    return this.byName.get(name);
  }

  onChange(listener: (nodeName: string, isRenewing: boolean) => void): void {
    this.listeners.push(listener);
    for (const { name, heartbeat } of this.nodes) if (heartbeat.silentAt !== Infinity) listener(name, false);
  }

  /** Time of the newest lease renewal at or before `now`; -1 = none. */
  lastRenewal(name: string, now: number): number {
    const node = this.byName.get(name);
    return node === undefined ? -1 : lastRenewal(node.heartbeat, now);
  }

  /** A machine for a Node object; the known one where there is one. */
  add(node: Node): NodeMachine {
    const { name } = node.metadata;
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const { engine } = this.server;
    const { leasePeriodUs, statusPeriodUs } = this.settings;
    const random = engine.entityRandom('kubelet/phase', name);
    // Machines are older than the run: a renewal lies somewhere in the period before now.
    const firstAt = engine.now - random.below(leasePeriodUs);
    const periodUs = leasePeriodUs + random.below(Math.ceil(leasePeriodUs * upstream.nodeLeaseJitter));
    const heartbeat = { firstAt, periodUs, silentAt: Infinity };
    const flow = this.client.flow(upstream.kubeApiQps, upstream.kubeApiBurst);
    const phases = {
      statusUs: random.below(statusPeriodUs),
      relistUs: random.below(SECOND),
      queueUs: random.below(SECOND),
      evictionUs: random.below(upstream.evictionPeriodUs),
    };
    const machine = new NodeMachine(name, this.nodes.length, flow, heartbeat, phases);
    for (const image of node.status.images) for (const text of image.names) machine.images.add(imageKey(text));
    this.nodes.push(machine);
    this.byName.set(name, machine);
    return machine;
  }

  set isReachable(isReachable: boolean) {
    this.isApiReachable = isReachable;
    for (const node of this.nodes) this.contactChanged(node);
  }

  /** Begins or ends the silence of a node after something changed about it, and says so. */
  contactChanged(node: NodeMachine): void {
    const { now } = this.server.engine;
    const isRenewing = this.isInContact(node);
    const wasRenewing = node.heartbeat.silentAt === Infinity;
    if (isRenewing === wasRenewing) return;
    if (isRenewing) {
      node.heartbeat = { ...node.heartbeat, firstAt: now, silentAt: Infinity };
      this.lookAtNextPeriod(node);
    } else {
      node.heartbeat = { ...node.heartbeat, silentAt: now };
      if (node.look !== undefined) this.server.engine.cancel(node.look);
      node.look = undefined;
    }
    for (const listener of this.listeners) listener(node.name, isRenewing);
  }

  /** Looks at the node status at its next time in the period. */
  lookAtNextPeriod(node: NodeMachine): void {
    const { now } = this.server.engine;
    if (node.look !== undefined || !this.isInContact(node)) return;
    this.postLook(node, nextAtOrAfter(node.statusPhaseUs, this.settings.statusPeriodUs, now));
  }

  /** Looks at the node status at once, as a kubelet does that has just started. */
  lookNow(node: NodeMachine): void {
    if (!this.isInContact(node)) return;
    if (node.look !== undefined) this.server.engine.cancel(node.look);
    this.postLook(node, this.server.engine.now);
  }

  /** Images that are on the node no more. */
  dropImages(node: NodeMachine, images: readonly string[]): void {
    for (const image of images) {
      node.images.delete(image);
      node.droppedImages.add(image);
    }
    node.newImages = node.newImages.filter((image) => !node.droppedImages.has(image));
    if (images.length > 0) this.lookAtNextPeriod(node);
  }

  /** The status of a node that was there before time began. */
  initialStatus(node: NodeMachine): void {
    this.server.execute(patchStatusRequest('Node', '', node.name, nodeStatusPatch, this.updateOf(node)));
  }

  private isInContact(node: NodeMachine): boolean {
    return node.isConnected && node.isRegistered && this.isApiReachable;
  }

  private postLook(node: NodeMachine, at: number): void {
    node.look = this.server.engine.at(at, this.lookHandler, node.index);
  }

  private onLook(node: NodeMachine): void {
    node.look = undefined;
    const stored = this.server.state.get('Node', '', node.name);
    if (stored === undefined) return;
    if (this.events.areWanted) this.tellChanges(node, stored);
    this.client.send(patchStatusRequest('Node', '', node.name, nodeStatusPatch, this.updateOf(node)));
  }

  private tellChanges(node: NodeMachine, stored: Node): void {
    const tell = (reason: string): void =>
      this.events.node(node.name, 'Normal', reason, `Node ${node.name} status is now: ${reason}`);
    if (isNodeReady(stored) === node.isShuttingDown) tell(node.isShuttingDown ? 'NodeNotReady' : 'NodeReady');
    for (const pressure of pressures) {
      const reason = pressureEvent(stored, pressure, node.pressures.has(pressure));
      if (reason !== undefined) tell(reason);
    }
  }

  private updateOf(node: NodeMachine): NodeStatusUpdate {
    const { sizes } = this.settings.pulls;
    const newImages = node.newImages.map((image) => ({ names: [image], sizeBytes: sizes.of(image) }));
    const { droppedImages, isShuttingDown } = node;
    node.newImages = [];
    node.droppedImages = new Set();
    const at = node.secondsAt(this.server.engine.now);
    return { at, newImages, droppedImages, pressures: new Set(node.pressures), isShuttingDown };
  }
}
