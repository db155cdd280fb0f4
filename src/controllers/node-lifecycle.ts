/**
 * Node lifecycle controller (upstream pkg/controller/nodelifecycle, v1.37): a node whose lease is not renewed becomes
 * Ready=Unknown, is tainted NoSchedule at once and NoExecute at a rate per zone, and is cleared when it speaks again.
 *
 * The real controller looks at every node every five seconds. Here the pass that would change something is computed when
 * a node falls silent, and only that pass is an event. It ends when its writes are answered, and the next one is counted from
 * there: the client's rate limit makes the passes over a lost zone last for seconds.
 */
import { byNode } from '../apiserver/cluster-state.ts';
import { getRequest, isSuccess, patchStatusRequest } from '../apiserver/requests.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import { isPodReady, podKey } from '../api/pod-conditions.ts';
import { fnv32a } from '../api/template-hash.ts';
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
import { correctNoSchedule } from './no-schedule-taints.ts';
import { NoExecuteTainter } from './no-execute-tainter.ts';
import { podNotReadyPatch, unknownPatch } from './node-patches.ts';
import { isReadyPosted, readyStatus } from './node-taints.ts';
import { ZoneCensus, zoneKey } from './node-zones.ts';
import { PassClock } from './pass-clock.ts';
import { tell } from './pod-control.ts';
import { compareText } from '../util/compare-text.ts';

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
/** UpdateWorkerSize: nodes that a pass works on at a time. */
const passWorkers = 8;
/** retrySleepTime and nodeHealthUpdateRetry. */
const retrySleepUs = 20 * MILLISECOND;
const healthUpdateTries = 5;

/** A pass that is going on: workers take one node after the other. */
interface Pass {
  readonly begunAt: number;
  readonly names: readonly string[];
  next: number;
  workers: number;
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
  private readonly clock: PassClock;
  /** It has taken over from another process. */
  private readonly isLateStart: boolean;
  /** Nodes and pods come in an order that is nobody's. */
  private readonly orderSalt: string;
  private readonly monitor: Timer;
  private readonly tainter: NoExecuteTainter;
  private readonly census = new ZoneCensus();
  /** Nodes that a pass has met, as they were then. */
  private readonly known = new Map<string, Node>();
  /** Nodes whose leases are not renewed at present. */
  private readonly silent = new Set<string>();
  /** Nodes that may need a change at a coming pass, and from when on they may, microseconds. */
  private readonly watched = new Map<string, number>();
  /** Nodes that went silent and have pods whose readiness could not be written. */
  private readonly unmarked = new Set<string>();
  /** When the kubelet of a node was last seen to post a status, microseconds. */
  private readonly statusSeenAt = new Map<string, number>();
  /** Passes before this time count as the moment of the last heartbeat (fresh grace after full disruption). */
  private probesFreshAt = 0;
  private pass: Pass | undefined;
  /** -1 = none is posted. */
  private nextPassAt = -1;
  private lastPassAt = -1;
  private passEvent: EventId = 0;

  constructor(context: ControllerContext, environment: ControllerEnvironment) {
    this.context = context;
    this.environment = environment;
    this.isLateStart = context.now > 0;
    const firstPassAt = context.now + Math.round(context.random('phase').double() * monitorPeriodUs);
    this.clock = new PassClock(firstPassAt, passPeriodUs);
    this.orderSalt = String(context.random('order').double());
    this.monitor = context.timer('monitor-pass', () => this.onPass());
    this.tainter = new NoExecuteTainter(context, (nodeName) => this.watchNode(nodeName));
  }

  watch(): void {
    this.context.informer('Node').onChange((before, after) => this.onNode(before, after));
    this.context.informer('Pod');
    this.environment.heartbeats.onChange((nodeName, isRenewing) => this.onHeartbeat(nodeName, isRenewing));
  }

  /** The NoSchedule worker: by node event, no limit but the client's. */
  *reconcile(nodeName: string): Step<SyncResult> {
    const node = this.node(nodeName);
    return node === undefined ? synced : yield* correctNoSchedule(this.context, node);
  }

  private onNode(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    if (after === undefined) return this.watchNode(name);
    const isPosted = before?.status.conditions !== after.status.conditions && readyStatus(after) !== 'Unknown';
    if (isPosted) this.statusSeenAt.set(name, this.context.now);
    const isRelabelled = before?.metadata.labels !== after.metadata.labels;
    if (before?.status.conditions !== after.status.conditions || before.spec !== after.spec || isRelabelled)
      this.context.enqueue(name);
    if (before === undefined || readyStatus(before) !== readyStatus(after) || isRelabelled) this.watchNode(name);
  }

  private onHeartbeat(nodeName: string, isRenewing: boolean): void {
    if (isRenewing) this.silent.delete(nodeName);
    else this.silent.add(nodeName);
    this.watchNode(nodeName);
  }

  private watchNode(nodeName: string): void {
    this.watched.set(nodeName, this.context.now);
    if (this.pass === undefined) this.armPass(this.context.now);
  }

  /** One pass of monitorNodeHealth over the nodes that may have something to show. */
  private onPass(): void {
    this.nextPassAt = -1;
    this.lastPassAt = this.context.now;
    const names = this.inNoOrder([...this.watched.keys()], (name) => name);
    const workers = Math.max(1, Math.min(passWorkers, names.length));
    const pass: Pass = { begunAt: this.context.now, names, next: 0, workers };
    this.pass = pass;
    for (let worker = 0; worker < workers; worker++) this.context.spawn(() => this.work(pass));
  }

  /** As a map of Go gives them. */
  private inNoOrder<T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] {
    const keyed = items.map((item) => ({ item, key: fnv32a(nameOf(item) + this.orderSalt) }));
    return keyed.sort((a, b) => a.key - b.key || compareText(nameOf(a.item), nameOf(b.item))).map(({ item }) => item);
  }

  private *work(pass: Pass): Step<void> {
    while (pass.next < pass.names.length) yield* this.examine(pass.names[pass.next++]!);
    if (--pass.workers > 0) return;
    if (yield* this.tainter.handleDisruption(this.census.counts())) this.resumeEvictions(this.context.now);
    this.pass = undefined;
    this.clock.ended(pass.begunAt, this.context.now);
    let next = Infinity;
    for (const dueAt of this.watched.values()) next = Math.min(next, dueAt);
    if (next < Infinity) this.armPass(next);
  }

  /** One node in a pass (upstream updateNodeFunc). */
  private *examine(name: string): Step<void> {
    const isKnown = this.known.has(name);
    const node = this.meet(name);
    if (node !== undefined && !isKnown && this.isLateStart) yield* this.tainter.taintAnew(node);
    const dueAt = node === undefined ? Infinity : this.unknownAt(node);
    if (dueAt === Infinity) this.watched.delete(name);
    else this.watched.set(name, dueAt);
    if (node === undefined) return;
    const status = readyStatus(node);
    this.census.note(node, status === 'True');
    if (dueAt > this.context.now) {
      if (isReadyPosted(node)) yield* this.tainter.adjust(node, status);
      if (this.unmarked.has(name) && status !== 'True') yield* this.markPodsNotReady(node);
      return;
    }
    this.watched.delete(name);
    if (!(yield* this.isLeaseOld(name))) return;
    this.census.note(node, false);
    yield* this.becomeUnknown(node, status === 'True');
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
    } else if (zoneKey(before) !== zoneKey(node)) this.tainter.leaveZone(before);
    this.known.set(name, node);
    return node;
  }

  private forget(name: string, node: Node): void {
    this.tainter.leaveZone(node);
    this.census.forget(name);
    this.known.delete(name);
    this.unmarked.delete(name);
    this.statusSeenAt.delete(name);
    tell(this.context, node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
  }

  private isSilent(name: string): boolean {
    return this.silent.has(name) || this.environment.heartbeats.lastRenewal(name, this.context.now) < 0;
  }

  /** When a node counts as Unknown if it stays silent from its last sign of life on; Infinity = it speaks, or is Unknown already. */
  private unknownAt(node: Node): number {
    const { name, creationTimestamp } = node.metadata;
    if ((readyStatus(node) === 'Unknown' && isReadyPosted(node)) || !this.isSilent(name)) return Infinity;
    const renewal = this.environment.heartbeats.lastRenewal(name, this.context.now);
    const heard = Math.max(renewal, this.statusSeenAt.get(name) ?? -1, this.probesFreshAt);
    if (isReadyPosted(node)) return this.clock.atOrAfter(heard) + gracePeriodUs + 1;
    const isHeard = renewal >= 0 || this.probesFreshAt > 0;
    return (isHeard ? this.clock.atOrAfter(heard) : creationTimestamp * SECOND) + startupGraceUs + 1;
  }

  /** The lease is looked at once more, past the cache (gate NodeControllerLeaseCircuitBreaker); who cannot be asked about is left alone. */
  private *isLeaseOld(name: string): Step<boolean> {
    // A lease is arithmetic here: any read costs the same.
    const { code } = yield* send(getRequest('Node', '', name));
    if (code === 'OK' && this.isSilent(name)) return true;
    if (code !== 'NotFound') this.watchNode(name);
    return false;
  }

  private *becomeUnknown(node: Node, wasReady: boolean): Step<void> {
    const { name } = node.metadata;
    if (!(yield* this.writeUnknown(name))) return;
    const present = this.node(name);
    if (present === undefined) return;
    if (this.isSilent(name)) yield* this.tainter.adjust(present, 'Unknown');
    if (!wasReady) return;
    tell(this.context, node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    yield* this.markPodsNotReady(node);
  }

  /** Whether it is written; what fails is looked at again at the next pass. */
  private *writeUnknown(name: string): Step<boolean> {
    for (let attempt = 1; ; attempt++) {
      const response = yield* send(patchStatusRequest('Node', '', name, unknownPatch, this.context.nowSeconds));
      if (isSuccess(response)) return true;
      if (response.code === 'NotFound') return false;
      if (attempt === healthUpdateTries) break;
      yield* sleep(retrySleepUs);
    }
    this.watchNode(name);
    return false;
  }

  /** Pods of a node that went silent cannot be ready (upstream MarkPodsNotReady); what fails is tried again at the next pass. */
  private *markPodsNotReady(node: Node): Step<void> {
    const { name } = node.metadata;
    this.unmarked.delete(name);
    const pods = this.context.informer('Pod').by(byNode, name).filter(isPodReady);
    for (const pod of this.inNoOrder(pods, podKey)) {
      if (yield* this.markPodNotReady(pod)) continue;
      this.unmarked.add(name);
      this.watchNode(name);
    }
  }

  private *markPodNotReady(pod: Pod): Step<boolean> {
    const { namespace, name, uid } = pod.metadata;
    const now = this.context.nowSeconds;
    const response = yield* send(patchStatusRequest('Pod', namespace, name, podNotReadyPatch, now, uid));
    if (isSuccess(response)) tell(this.context, pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    return response.code !== 'Unavailable';
  }

  /** The first zone is back: every node gets a fresh grace period, and those that stay away are looked at again. */
  private resumeEvictions(now: number): void {
    this.probesFreshAt = now;
    for (const name of this.census.notReady()) this.watched.set(name, now);
  }

  private node(name: string): Node | undefined {
    return this.context.informer('Node').get('', name);
  }

  /** A pass is due at a time; it looks once, so what fails in its own instant is for the next one. */
  private armPass(dueAt: number): void {
    const at = this.clock.atOrAfter(Math.max(dueAt, this.context.now, this.lastPassAt + 1));
    if (this.nextPassAt >= 0) {
      if (this.nextPassAt <= at) return;
      this.monitor.cancel(this.passEvent);
    }
    this.nextPassAt = at;
    this.passEvent = this.monitor.at(at);
  }
}
