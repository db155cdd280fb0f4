/**
 * Node lifecycle controller (upstream pkg/controller/nodelifecycle, v1.37): a node whose lease is not renewed becomes
 * Ready=Unknown, is tainted NoSchedule at once and NoExecute at a rate per zone, and is cleared when it speaks again.
 *
 * The real controller looks at every node every five seconds. Here the pass that would change something is computed when
 * a node falls silent, and only that pass is an event.
 */
import { byNode } from '../apiserver/cluster-state.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { isSuccess, patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { isConditionTrue, observeCondition } from '../api/pod-status.ts';
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
import { send, sendAll, sleep, synced } from './controller.ts';
import {
  hasNoExecute,
  notReadyTaint,
  readinessTaint,
  readyStatus,
  unreachableTaint,
  withNoExecuteTaint,
  withNoScheduleTaints,
} from './node-taints.ts';
import { ZoneQueue, evictionRate, zoneKey, zoneState } from './node-zones.ts';
import type { ZoneState } from './node-zones.ts';

/** --node-monitor-period; the next pass begins this long after the end of the previous one. */
const monitorPeriodUs = 5 * SECOND;
/** Work of one pass. More than zero: Unknown needs *strictly* more than the grace period, counted from a pass to a pass. */
const passCostUs = 10 * MILLISECOND;
/** --node-monitor-grace-period, 50 s since 1.32. */
const gracePeriodUs = 50 * SECOND;
/** --node-startup-grace-period. */
const startupGraceUs = 60 * SECOND;
const taintPassPeriodUs = 100 * MILLISECOND;

interface Zone {
  readonly queue: ZoneQueue;
  state: ZoneState;
}

export const nodeLifecycle: ControllerDefinition = {
  name: 'node-lifecycle-controller',
  description: 'marks silent nodes Ready=Unknown, taints them, and clears them when they return',
  workers: 8,
  create: (context, environment) => new NodeLifecycle(context, environment),
};

class NodeLifecycle implements Controller {
  private readonly context: ControllerContext;
  private readonly environment: ControllerEnvironment;
  private readonly firstPassAt: number;
  private readonly monitor: Timer;
  private readonly tainter: Timer;
  private readonly zones = new Map<string, Zone>();
  /** Nodes whose leases are not renewed at present. */
  private readonly silent = new Set<string>();
  /** Nodes that may need a change at a coming pass. */
  private readonly watched = new Set<string>();
  /** Ready as this controller last knew it, for the count of a zone. */
  private readonly isReady = new Map<string, boolean>();
  private isAllDisrupted = false;
  /** Passes before this time count as the moment of the last heartbeat (fresh grace after full disruption). */
  private probesFreshAt = 0;
  private nextPassAt = -1;
  private nextTaintPassAt = -1;

  constructor(context: ControllerContext, environment: ControllerEnvironment) {
    this.context = context;
    this.environment = environment;
    this.firstPassAt = Math.round(context.random('phase').double() * monitorPeriodUs);
    this.monitor = context.timer('monitor-pass', () => this.onPass());
    this.tainter = context.timer('taint-pass', () => this.onTaintPass());
  }

  watch(): void {
    const nodes = this.context.informer('Node');
    nodes.onChange((before, after) => this.onNode(before, after));
    this.context.informer('Pod');
    this.environment.heartbeats.onChange((nodeName, isRenewing) => this.onHeartbeat(nodeName, isRenewing));
  }

  /** The NoSchedule worker: by node event, no rate limit. */
  *reconcile(nodeName: string): Step<SyncResult> {
    const node = this.node(nodeName);
    if (node === undefined) return synced;
    const isRecovered =
      readyStatus(node) === 'True' && (hasNoExecute(node, notReadyTaint) || hasNoExecute(node, unreachableTaint));
    if (withNoScheduleTaints(node) !== node.spec.taints) {
      const response = yield* send(patchRequest('Node', '', nodeName, noSchedulePatch));
      if (!isSuccess(response)) return { failed: response.message };
    }
    if (!isRecovered) return synced;
    const response = yield* send(
      patchRequest('Node', '', nodeName, noExecutePatch, { key: undefined, now: this.context.nowSeconds }),
    );
    return isSuccess(response) ? synced : { failed: response.message };
  }

  private onNode(before: Node | undefined, after: Node | undefined): void {
    const name = (after ?? before)!.metadata.name;
    if (after === undefined) return this.forget(before!);
    if (before === undefined) this.greet(after);
    const isReady = readyStatus(after) === 'True';
    if (isReady) this.zoneOf(after).queue.remove(name);
    if (before === undefined || before.status.conditions !== after.status.conditions || before.spec !== after.spec)
      this.context.enqueue(name);
    if (before === undefined || readyStatus(before) !== readyStatus(after)) this.watchNode(name);
  }

  private greet(node: Node): void {
    const { name } = node.metadata;
    this.isReady.set(name, readyStatus(node) === 'True');
    this.context.kubeEvent({
      type: 'Normal',
      reason: 'RegisteredNode',
      message: `Node ${name} event: Registered Node ${name} in Controller`,
      involvedKind: 'Node',
      namespace: '',
      name,
    });
  }

  private forget(node: Node): void {
    const { name } = node.metadata;
    this.zoneOf(node).queue.remove(name);
    this.watched.delete(name);
    this.isReady.delete(name);
    this.context.kubeEvent({
      type: 'Normal',
      reason: 'RemovingNode',
      message: `Node ${name} event: Removing Node ${name} from Controller`,
      involvedKind: 'Node',
      namespace: '',
      name,
    });
    this.armPass(this.passAtOrAfter(this.context.now));
  }

  private onHeartbeat(nodeName: string, isRenewing: boolean): void {
    if (isRenewing) this.silent.delete(nodeName);
    else this.silent.add(nodeName);
    this.watchNode(nodeName);
  }

  private watchNode(nodeName: string): void {
    this.watched.add(nodeName);
    this.armPass(this.passAtOrAfter(this.context.now));
  }

  /** One pass of monitorNodeHealth over the nodes that may have something to show. */
  private onPass(): void {
    this.nextPassAt = -1;
    const { now } = this.context;
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
    const node = this.node(name);
    if (node === undefined) return -1;
    const status = readyStatus(node);
    this.isReady.set(name, status === 'True');
    if (status === 'Unknown' || !this.silent.has(name)) {
      this.taintNoExecute(node);
      return -1;
    }
    const dueAt = this.unknownAt(node, now);
    if (dueAt <= now) this.markUnknown(node);
    else if (status === 'False') this.taintNoExecute(node);
    return dueAt <= now ? -1 : dueAt;
  }

  /** The pass at which a node counts as Unknown if it stays silent from its last renewal on. */
  private unknownAt(node: Node, now: number): number {
    const renewal = this.environment.heartbeats.lastRenewal(node.metadata.name, now);
    const hasReady = node.status.conditions.some((condition) => condition.type === 'Ready');
    const heard = renewal >= 0 ? renewal : node.metadata.creationTimestamp * SECOND;
    const probe = this.passAtOrAfter(Math.max(heard, this.probesFreshAt));
    return this.passAtOrAfter(probe + (hasReady ? gracePeriodUs : startupGraceUs) + 1);
  }

  private markUnknown(node: Node): void {
    const { name } = node.metadata;
    this.isReady.set(name, false);
    const wasReady = readyStatus(node) === 'True';
    this.context.spawn(() => this.writeUnknown(name, wasReady));
  }

  private *writeUnknown(name: string, wasReady: boolean): Step<void> {
    for (let attempt = 1; ; attempt++) {
      const response = yield* send(patchStatusRequest('Node', '', name, unknownPatch, this.context.nowSeconds));
      if (isSuccess(response)) break;
      if (attempt === 5) return this.watchNode(name);
      yield* sleep(20 * MILLISECOND);
    }
    const node = this.node(name);
    if (node !== undefined && this.silent.has(name)) this.taintNoExecute(node, 'Unknown');
    this.armTaintPass();
    if (wasReady) yield* this.markPodsNotReady(name);
  }

  /** Pods of a node that went silent cannot be ready (upstream MarkPodsNotReady). */
  private *markPodsNotReady(name: string): Step<void> {
    this.context.kubeEvent({
      type: 'Normal',
      reason: 'NodeNotReady',
      message: `Node ${name} status is now: NodeNotReady`,
      involvedKind: 'Node',
      namespace: '',
      name,
    });
    const pods = this.context
      .informer('Pod')
      .by(byNode, name)
      .filter((pod) => isConditionTrue(pod.status.ready));
    for (const pod of pods) {
      const { namespace, name: podName, uid } = pod.metadata;
      this.context.kubeEvent({
        type: 'Warning',
        reason: 'NodeNotReady',
        message: 'Node is not ready',
        involvedKind: 'Pod',
        namespace,
        name: podName,
      });
      yield* sendAll([patchStatusRequest('Pod', namespace, podName, podNotReadyPatch, this.context.nowSeconds, uid)]);
    }
  }

  /** Swaps the opposite taint at once; otherwise the node waits for its zone's rate. */
  private taintNoExecute(node: Node, status = readyStatus(node)): void {
    const key = readinessTaint(status);
    if (key === undefined || hasNoExecute(node, key)) return;
    const opposite = key === notReadyTaint ? unreachableTaint : notReadyTaint;
    const { name } = node.metadata;
    if (!hasNoExecute(node, opposite)) return this.zoneOf(node).queue.add(name, this.context.now);
    this.zoneOf(node).queue.remove(name);
    this.writeNoExecute(name, key);
  }

  private writeNoExecute(name: string, key: string | undefined): void {
    const argument = { key, now: this.context.nowSeconds };
    this.context.spawn(() => send(patchRequest('Node', '', name, noExecutePatch, argument)));
  }

  private onTaintPass(): void {
    this.nextTaintPassAt = -1;
    const { now } = this.context;
    for (const { queue } of this.zones.values()) {
      for (let name = queue.take(now); name !== undefined; name = queue.take(now)) this.taintFromQueue(name);
    }
    this.armTaintPass();
  }

  private taintFromQueue(name: string): void {
    const node = this.node(name);
    const key = node && readinessTaint(readyStatus(node));
    if (key !== undefined) this.writeNoExecute(name, key);
  }

  /** Zone states and their rates (upstream handleDisruption). */
  private handleDisruption(now: number): void {
    const counts = this.countZones();
    const states = new Map<string, ZoneState>();
    for (const [key, [ready, notReady]] of counts) states.set(key, zoneState(ready, notReady));
    const isAllDisrupted = states.size > 0 && [...states.values()].every((state) => state === 'FullDisruption');
    if (isAllDisrupted && !this.isAllDisrupted) this.stopEvictions(now);
    if (!isAllDisrupted && this.isAllDisrupted) this.resumeEvictions(now);
    for (const [key, state] of states) {
      const zone = this.zoneNamed(key);
      const [ready, notReady] = counts.get(key)!;
      if (isAllDisrupted) zone.queue.setRate(0, now);
      else if (this.isAllDisrupted || zone.state !== state)
        zone.queue.setRate(evictionRate(state, ready + notReady), now);
      zone.state = state;
    }
    this.isAllDisrupted = isAllDisrupted;
  }

  /** All zones dark: it is probably the control plane that is cut off, so nobody is evicted. */
  private stopEvictions(now: number): void {
    for (const node of this.context.informer('Node').list()) {
      if (hasNoExecute(node, notReadyTaint) || hasNoExecute(node, unreachableTaint))
        this.writeNoExecute(node.metadata.name, undefined);
    }
    for (const { queue } of this.zones.values()) queue.setRate(0, now);
  }

  /** The first zone is back: every node gets a fresh grace period, and those that stay away are looked at again. */
  private resumeEvictions(now: number): void {
    this.probesFreshAt = now;
    for (const [name, isReady] of this.isReady) if (!isReady) this.watched.add(name);
    this.armPass(this.passAtOrAfter(now + 1));
  }

  private countZones(): ReadonlyMap<string, readonly [number, number]> {
    const counts = new Map<string, [number, number]>();
    for (const node of this.context.informer('Node').list()) {
      const key = zoneKey(node);
      let count = counts.get(key);
      if (count === undefined) counts.set(key, (count = [0, 0]));
      count[this.isReady.get(node.metadata.name) === true ? 0 : 1]++;
    }
    return counts;
  }

  private zoneOf(node: Node): Zone {
    return this.zoneNamed(zoneKey(node));
  }

  private zoneNamed(key: string): Zone {
    let zone = this.zones.get(key);
    if (zone === undefined) {
      zone = { queue: new ZoneQueue(), state: 'Normal' };
      zone.queue.setRate(evictionRate('Normal', 0), this.context.now);
      this.zones.set(key, zone);
    }
    return zone;
  }

  private node(name: string): Node | undefined {
    return this.context.informer('Node').get('', name);
  }

  private passAtOrAfter(time: number): number {
    const period = monitorPeriodUs + passCostUs;
    return this.firstPassAt + Math.max(0, Math.ceil((time - this.firstPassAt) / period)) * period;
  }

  private armPass(at: number): void {
    if (this.nextPassAt >= 0 && this.nextPassAt <= at) return;
    this.nextPassAt = at;
    this.monitor.at(at);
  }

  private armTaintPass(): void {
    let at = -1;
    for (const { queue } of this.zones.values()) {
      const { nextAt } = queue;
      if (nextAt !== undefined && (at < 0 || nextAt < at)) at = nextAt;
    }
    if (at < 0) return;
    const passAt = Math.ceil(Math.max(at, this.context.now + 1) / taintPassPeriodUs) * taintPassPeriodUs;
    if (this.nextTaintPassAt >= 0 && this.nextTaintPassAt <= passAt) return;
    this.nextTaintPassAt = passAt;
    this.tainter.at(passAt);
  }
}

const unknownTypes = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

function unknownPatch(node: Node, argument: unknown): Node {
  const now = argument as number;
  const conditions = node.status.conditions.filter((condition) => !unknownTypes.includes(condition.type));
  for (const type of unknownTypes) conditions.push(unknownCondition(node, type, now));
  return { ...node, status: { ...node.status, conditions } };
}

function unknownCondition(node: Node, type: string, now: number): Condition {
  const known = node.status.conditions.find((condition) => condition.type === type);
  const reason = known === undefined ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown';
  const message = known === undefined ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.';
  const lastTransitionTime = known?.status === 'Unknown' ? known.lastTransitionTime : now;
  return { type, status: 'Unknown', lastTransitionTime, reason, message };
}

function noSchedulePatch(node: Node): Node {
  const taints = withNoScheduleTaints(node);
  return taints === node.spec.taints ? node : { ...node, spec: { ...node.spec, taints } };
}

function noExecutePatch(node: Node, argument: unknown): Node {
  const { key, now } = argument as { readonly key: string | undefined; readonly now: number };
  const taints = withNoExecuteTaint(node, key, now);
  return taints === node.spec.taints ? node : { ...node, spec: { ...node.spec, taints } };
}

function podNotReadyPatch(pod: Pod, argument: unknown): Pod {
  const ready = observeCondition(pod.status.ready, false, argument as number);
  return ready === pod.status.ready ? pod : podWith(pod, { status: { ...pod.status, ready } });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
