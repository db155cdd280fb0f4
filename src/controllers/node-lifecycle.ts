/**
 * Node lifecycle controller (upstream pkg/controller/nodelifecycle, v1.37): a node whose lease is not renewed becomes
 * Ready=Unknown, is tainted NoSchedule at once and NoExecute at a rate per zone, and is cleared when it speaks again.
 *
 * The real controller looks at every node every five seconds. Here the pass that would change something is computed when
 * a node falls silent, and only that pass is an event.
 */
import { byNode } from '../apiserver/cluster-state.ts';
import { getRequest, isSuccess, patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import { isPodReady } from '../api/pod-conditions.ts';
import type { EventId } from '../engine/engine.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import type {
  Controller,
  ControllerContext,
  ControllerDefinition,
  ControllerEnvironment,
  Step,
  SyncResult,
  Timer,
} from './controller.ts';
import { send, sleep, synced } from './controller.ts';
import type { NoExecuteArgument } from './node-patches.ts';
import { noExecutePatch, noSchedulePatch, podNotReadyPatch, unknownPatch } from './node-patches.ts';
import {
  hasNoExecute,
  isReadyPosted,
  notReadyTaint,
  readinessTaint,
  readyStatus,
  unreachableTaint,
  withNoScheduleTaints,
} from './node-taints.ts';
import { ZoneCensus, ZoneQueue, evictionRate, zoneKey, zoneState } from './node-zones.ts';
import type { ZoneState } from './node-zones.ts';
import { tell } from './pod-control.ts';

/** --node-monitor-period; the next pass begins this long after the end of the previous one. */
const monitorPeriodUs = 5 * SECOND;
/** Work of one pass. More than zero: Unknown needs *strictly* more than the grace period, counted from a pass to a pass. */
const passCostUs = 10 * MILLISECOND;
/** From the beginning of one pass to that of the next. */
export const passPeriodUs = monitorPeriodUs + passCostUs;
/** --node-monitor-grace-period, 50 s since 1.32. */
export const gracePeriodUs = 50 * SECOND;
/** --node-startup-grace-period. */
export const startupGraceUs = 60 * SECOND;
const taintPassPeriodUs = 100 * MILLISECOND;
/** retrySleepTime and nodeHealthUpdateRetry. */
const retrySleepUs = 20 * MILLISECOND;
const healthUpdateTries = 5;

interface Zone {
  readonly queue: ZoneQueue;
  state: ZoneState;
}

export const nodeLifecycle: ControllerDefinition = {
  name: 'node-lifecycle-controller',
  description: 'marks silent nodes Ready=Unknown, taints them, and clears them when they return',
  eventSource: 'node-controller',
  workers: 8,
  create: (context, environment) => new NodeLifecycle(context, environment),
};

class NodeLifecycle implements Controller {
  private readonly context: ControllerContext;
  private readonly environment: ControllerEnvironment;
  private readonly firstPassAt: number;
  /** It has taken over from another process. */
  private readonly isLateStart: boolean;
  private readonly monitor: Timer;
  private readonly tainter: Timer;
  private readonly zones = new Map<string, Zone>();
  private readonly census = new ZoneCensus();
  /** Nodes that a pass has met, as they were then. */
  private readonly known = new Map<string, Node>();
  /** Nodes whose leases are not renewed at present. */
  private readonly silent = new Set<string>();
  /** Nodes that may need a change at a coming pass. */
  private readonly watched = new Set<string>();
  /** When the kubelet of a node was last seen to post a status, microseconds. */
  private readonly statusSeenAt = new Map<string, number>();
  private isAllDisrupted = false;
  /** Passes before this time count as the moment of the last heartbeat (fresh grace after full disruption). */
  private probesFreshAt = 0;
  /** -1 = none is posted. */
  private nextPassAt = -1;
  private lastPassAt = -1;
  private passEvent: EventId = 0;
  private nextTaintPassAt = -1;
  private taintPassEvent: EventId = 0;

  constructor(context: ControllerContext, environment: ControllerEnvironment) {
    this.context = context;
    this.environment = environment;
    this.isLateStart = context.now > 0;
    this.firstPassAt = context.now + Math.round(context.random('phase').double() * monitorPeriodUs);
    this.monitor = context.timer('monitor-pass', () => this.onPass());
    this.tainter = context.timer('taint-pass', () => this.onTaintPass());
  }

  watch(): void {
    this.context.informer('Node').onChange((before, after) => this.onNode(before, after));
    this.context.informer('Pod');
    this.environment.heartbeats.onChange((nodeName, isRenewing) => this.onHeartbeat(nodeName, isRenewing));
  }

  /** The NoSchedule worker: by node event, no rate limit. */
  *reconcile(nodeName: string): Step<SyncResult> {
    const node = this.node(nodeName);
    if (node === undefined || withNoScheduleTaints(node) === node.spec.taints) return synced;
    // Taints cost two requests: the present state is asked for.
    const present = yield* send(getRequest('Node', '', nodeName));
    if (!isSuccess(present)) return present.code === 'NotFound' ? synced : { failed: present.message };
    const response = yield* send(patchRequest('Node', '', nodeName, noSchedulePatch));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  private onNode(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    if (after === undefined) return this.watchNode(name);
    const isPosted = before?.status.conditions !== after.status.conditions && readyStatus(after) !== 'Unknown';
    if (isPosted) this.statusSeenAt.set(name, this.context.now);
    if (before?.status.conditions !== after.status.conditions || before.spec !== after.spec) this.context.enqueue(name);
    const isNewlyReady = before === undefined || readyStatus(before) !== readyStatus(after);
    if (isNewlyReady || before.metadata.labels !== after.metadata.labels) this.watchNode(name);
  }

  private onHeartbeat(nodeName: string, isRenewing: boolean): void {
    if (isRenewing) this.silent.delete(nodeName);
    else this.silent.add(nodeName);
    this.watchNode(nodeName);
  }

  private watchNode(nodeName: string): void {
    this.watched.add(nodeName);
    // A pass looks once: what fails in its own instant is for the next one.
    this.armPass(this.passAtOrAfter(Math.max(this.context.now, this.lastPassAt + 1)));
  }

  /** One pass of monitorNodeHealth over the nodes that may have something to show. */
  private onPass(): void {
    this.nextPassAt = -1;
    const { now } = this.context;
    this.lastPassAt = now;
    let next = -1;
    for (const name of [...this.watched].sort(compare)) {
      const dueAt = this.examine(name, now);
      if (dueAt > now && (next < 0 || dueAt < next)) next = dueAt;
      if (dueAt < 0) this.watched.delete(name);
    }
    this.handleDisruption(now);
    if (next >= 0) this.armPass(next);
    this.armTaintPass();
  }

  /** Handles one node; returns the pass at which it must be looked at again, or -1. */
  private examine(name: string, now: number): number {
    const node = this.meet(name);
    if (node === undefined) return -1;
    const status = readyStatus(node);
    this.census.note(node, status === 'True');
    const isUnknown = status === 'Unknown' && isReadyPosted(node);
    if (!isUnknown && this.isSilent(name)) {
      const dueAt = this.unknownAt(node, now);
      if (dueAt > now) {
        if (isReadyPosted(node)) this.adjustNoExecute(node, status);
        return dueAt;
      }
      this.census.note(node, false);
      this.context.spawn(() => this.writeUnknown(name, status === 'True'));
      return -1;
    }
    if (isReadyPosted(node)) this.adjustNoExecute(node, status);
    return -1;
  }

  /** The node as it is now; greets new nodes and takes leave of those that are gone. */
  private meet(name: string): Node | undefined {
    const node = this.node(name);
    const before = this.known.get(name);
    if (node === undefined) {
      if (before !== undefined) this.forget(name, before);
      return undefined;
    }
    if (before?.metadata.uid !== node.metadata.uid) {
      tell(this.context, node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
      if (this.isLateStart) this.taintAnew(node);
    } else if (zoneKey(before) !== zoneKey(node)) this.zoneOf(before).queue.remove(name);
    this.known.set(name, node);
    return node;
  }

  /** A new leader takes the taints of nodes that it does not know away, and sets them again at the rate of the zone. */
  private taintAnew(node: Node): void {
    const isTainted = hasNoExecute(node, notReadyTaint) || hasNoExecute(node, unreachableTaint);
    if (!isTainted || readinessTaint(readyStatus(node)) === undefined) return;
    this.setNoExecute(node.metadata.name, undefined);
    this.zoneOf(node).queue.add(node.metadata.name);
  }

  private forget(name: string, node: Node): void {
    this.zoneOf(node).queue.remove(name);
    this.census.forget(name);
    this.known.delete(name);
    this.statusSeenAt.delete(name);
    tell(this.context, node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
  }

  private isSilent(name: string): boolean {
    return this.silent.has(name) || this.environment.heartbeats.lastRenewal(name, this.context.now) < 0;
  }

  /** The pass at which a node counts as Unknown if it stays silent from its last sign of life on. */
  private unknownAt(node: Node, now: number): number {
    const { name, creationTimestamp } = node.metadata;
    const renewal = this.environment.heartbeats.lastRenewal(name, now);
    const heard = Math.max(renewal, this.statusSeenAt.get(name) ?? -1, this.probesFreshAt);
    if (isReadyPosted(node)) return this.passAtOrAfter(this.passAtOrAfter(heard) + gracePeriodUs + 1);
    const isHeard = renewal >= 0 || this.probesFreshAt > 0;
    const probe = isHeard ? this.passAtOrAfter(heard) : creationTimestamp * SECOND;
    return this.passAtOrAfter(probe + startupGraceUs + 1);
  }

  private *writeUnknown(name: string, wasReady: boolean): Step<void> {
    for (let attempt = 1; ; attempt++) {
      const response = yield* send(patchStatusRequest('Node', '', name, unknownPatch, this.context.nowSeconds));
      if (isSuccess(response)) break;
      if (response.code === 'NotFound') return;
      if (attempt === healthUpdateTries) return this.watchNode(name);
      yield* sleep(retrySleepUs);
    }
    const node = this.node(name);
    if (node === undefined) return;
    if (this.isSilent(name)) this.adjustNoExecute(node, 'Unknown');
    this.armTaintPass();
    if (wasReady) yield* this.markPodsNotReady(node);
  }

  /** Pods of a node that went silent cannot be ready (upstream MarkPodsNotReady); what fails is tried again at the next pass. */
  private *markPodsNotReady(node: Node): Step<void> {
    const { name } = node.metadata;
    tell(this.context, node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    for (let pods = this.readyPods(name); pods.length > 0; pods = this.readyPods(name)) {
      let isDone = true;
      for (const pod of pods) if (!(yield* this.markPodNotReady(pod))) isDone = false;
      if (isDone) return;
      yield* sleep(passPeriodUs);
      if (!this.isSilent(name)) return;
    }
  }

  private *markPodNotReady(pod: Pod): Step<boolean> {
    const { namespace, name, uid } = pod.metadata;
    tell(this.context, pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    const now = this.context.nowSeconds;
    const response = yield* send(patchStatusRequest('Pod', namespace, name, podNotReadyPatch, now, uid));
    return response.code !== 'Unavailable';
  }

  private readyPods(nodeName: string): readonly Pod[] {
    return this.context.informer('Pod').by(byNode, nodeName).filter(isPodReady);
  }

  /** Clears a ready node; swaps the opposite taint at once; otherwise the node waits for its zone's rate. */
  private adjustNoExecute(node: Node, status: ReturnType<typeof readyStatus>): void {
    const { name } = node.metadata;
    const { queue } = this.zoneOf(node);
    const key = readinessTaint(status);
    if (key === undefined) {
      queue.remove(name);
      if (hasNoExecute(node, notReadyTaint) || hasNoExecute(node, unreachableTaint)) this.setNoExecute(name, undefined);
      return;
    }
    if (hasNoExecute(node, key)) return;
    const opposite = key === notReadyTaint ? unreachableTaint : notReadyTaint;
    if (!hasNoExecute(node, opposite)) return queue.add(name);
    queue.remove(name);
    this.setNoExecute(name, key);
  }

  private setNoExecute(name: string, key: string | undefined): void {
    this.context.spawn(() => this.writeNoExecute(name, key));
  }

  /** What cannot be written is looked at again at the next pass. */
  private *writeNoExecute(name: string, key: string | undefined): Step<void> {
    const present = yield* send(getRequest('Node', '', name));
    const argument: NoExecuteArgument = { key, now: this.context.nowSeconds };
    const response = isSuccess(present)
      ? yield* send(patchRequest('Node', '', name, noExecutePatch, argument))
      : present;
    if (!isSuccess(response) && response.code !== 'NotFound') this.watchNode(name);
  }

  private onTaintPass(): void {
    this.nextTaintPassAt = -1;
    const { now } = this.context;
    for (const { queue } of this.zones.values()) {
      for (let name = queue.take(now); name !== undefined; name = queue.take(now)) this.taintFromQueue(name);
    }
    this.armTaintPass();
  }

  /** A node that has become ready meanwhile has cost a token, as upstream. */
  private taintFromQueue(name: string): void {
    const node = this.node(name);
    const key = node && readinessTaint(readyStatus(node));
    if (key !== undefined) this.setNoExecute(name, key);
  }

  /** Zone states and their rates (upstream handleDisruption). */
  private handleDisruption(now: number): void {
    const states = new Map<string, ZoneState>();
    const counts = this.census.counts();
    for (const [key, { ready, notReady }] of counts) states.set(key, zoneState(ready, notReady));
    const isAllDisrupted = states.size > 0 && [...states.values()].every((state) => state === 'FullDisruption');
    if (isAllDisrupted && !this.isAllDisrupted) this.stopEvictions();
    if (!isAllDisrupted && this.isAllDisrupted) this.resumeEvictions(now);
    for (const [key, state] of states) {
      const zone = this.zoneNamed(key);
      const { ready, notReady } = counts.get(key)!;
      if (isAllDisrupted) zone.queue.setRate(0, now);
      else if (this.isAllDisrupted || zone.state !== state)
        zone.queue.setRate(evictionRate(state, ready + notReady), now);
      zone.state = state;
    }
    this.isAllDisrupted = isAllDisrupted;
  }

  /** All zones dark: it is probably the control plane that is cut off, so nobody is evicted. */
  private stopEvictions(): void {
    for (const node of this.context.informer('Node').list()) {
      if (hasNoExecute(node, notReadyTaint) || hasNoExecute(node, unreachableTaint))
        this.setNoExecute(node.metadata.name, undefined);
    }
  }

  /** The first zone is back: every node gets a fresh grace period, and those that stay away are looked at again. */
  private resumeEvictions(now: number): void {
    this.probesFreshAt = now;
    for (const name of this.census.notReady()) this.watched.add(name);
    this.armPass(this.passAtOrAfter(now + 1));
  }

  private zoneOf(node: Node): Zone {
    return this.zoneNamed(zoneKey(node));
  }

  private zoneNamed(key: string): Zone {
    let zone = this.zones.get(key);
    if (zone === undefined) {
      zone = { queue: new ZoneQueue(evictionRate('Normal', 0)), state: 'Normal' };
      this.zones.set(key, zone);
    }
    return zone;
  }

  private node(name: string): Node | undefined {
    return this.context.informer('Node').get('', name);
  }

  private passAtOrAfter(time: number): number {
    return this.firstPassAt + Math.max(0, Math.ceil((time - this.firstPassAt) / passPeriodUs)) * passPeriodUs;
  }

  private armPass(at: number): void {
    if (this.nextPassAt >= 0) {
      if (this.nextPassAt <= at) return;
      this.monitor.cancel(this.passEvent);
    }
    this.nextPassAt = at;
    this.passEvent = this.monitor.at(at);
  }

  private armTaintPass(): void {
    let at = -1;
    for (const { queue } of this.zones.values()) {
      const { nextAt } = queue;
      if (nextAt !== undefined && (at < 0 || nextAt < at)) at = nextAt;
    }
    if (at < 0) return;
    const passAt = Math.ceil(Math.max(at, this.context.now + 1) / taintPassPeriodUs) * taintPassPeriodUs;
    if (this.nextTaintPassAt >= 0) {
      if (this.nextTaintPassAt <= passAt) return;
      this.tainter.cancel(this.taintPassEvent);
    }
    this.nextTaintPassAt = passAt;
    this.taintPassEvent = this.tainter.at(passAt);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
