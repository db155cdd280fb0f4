/**
 * NoExecute taints of the node lifecycle controller (upstream doNoExecuteTaintingPass, handleDisruption): nodes that are not ready
 * wait in the queue of their zone, whose rate depends on how much of the zone, and of all zones, is out of order.
 */
import { isSuccess } from '../apiserver/requests.ts';
import type { Node } from '../api/core-v1.ts';
import type { EventId } from '../engine/engine.ts';
import { MILLISECOND } from '../engine/time.ts';
import type { ControllerContext, Step, Timer } from './controller.ts';
import type { NoExecuteArgument } from './node-patches.ts';
import { noExecuteAddPatch, noExecuteRemovePatch } from './node-patches.ts';
import { hasNoExecute, notReadyTaint, readinessTaint, readyStatus, unreachableTaint } from './node-taints.ts';
import { writeTaints } from './node-writes.ts';
import type { ZoneCount, ZoneState } from './node-zones.ts';
import { ZoneQueue, evictionRate, zoneKey, zoneOfKey, zoneState } from './node-zones.ts';

const taintPassPeriodUs = 100 * MILLISECOND;

interface Zone {
  readonly queue: ZoneQueue;
  state: ZoneState;
}

/** Sets, swaps and clears NoExecute taints; what cannot be written is told to the health monitor, which looks again. */
export class NoExecuteTainter {
  private readonly context: ControllerContext;
  private readonly watchNode: (nodeName: string) => void;
  private readonly timer: Timer;
  private readonly zones = new Map<string, Zone>();
  private isAllDisrupted = false;
  private isTainting = false;
  /** -1 = none is posted. */
  private nextTaintPassAt = -1;
  private taintPassEvent: EventId = 0;

  /** @param watchNode has a node looked at again at the next pass of the health monitor. */
  constructor(context: ControllerContext, watchNode: (nodeName: string) => void) {
    this.context = context;
    this.watchNode = watchNode;
    this.timer = context.timer('taint-pass', () => this.onTaintPass());
  }

  /** A new leader takes the taints of nodes that it does not know away, and sets them again at the rate of the zone. */
  *taintAnew(node: Node): Step<void> {
    const isTainted = hasNoExecute(node, notReadyTaint) || hasNoExecute(node, unreachableTaint);
    if (!isTainted || readinessTaint(readyStatus(node)) === undefined) return;
    yield* this.clear(node);
    this.zoneOf(node).queue.add(node.metadata.name);
  }

  /** A node that is gone, or has another zone now, waits no longer in that of this version. */
  leaveZone(node: Node): void {
    this.zoneOf(node).queue.remove(node.metadata.name);
  }

  /** Clears a ready node; swaps the opposite taint at once; otherwise the node waits for its zone's rate. */
  *adjust(node: Node, status: ReturnType<typeof readyStatus>): Step<void> {
    const { name } = node.metadata;
    const { queue } = this.zoneOf(node);
    const key = readinessTaint(status);
    if (key === undefined) {
      queue.remove(name);
      return yield* this.clear(node);
    }
    if (hasNoExecute(node, key)) return;
    if (!hasNoExecute(node, key === notReadyTaint ? unreachableTaint : notReadyTaint)) {
      queue.add(name);
      return this.armTaintPass();
    }
    queue.remove(name);
    if (!(yield* this.swap(name, key))) this.watchNode(name);
  }

  /** What cannot be written is looked at again at the next pass. */
  private *clear(node: Node): Step<void> {
    if (!hasNoExecute(node, notReadyTaint) && !hasNoExecute(node, unreachableTaint)) return;
    const { name } = node.metadata;
    const response = yield* writeTaints(this.context, name, noExecuteRemovePatch);
    if (!isSuccess(response) && response.code !== 'NotFound') this.watchNode(name);
  }

  /** One taint comes, then the other goes (upstream SwapNodeControllerTaint); whether that is done, or the node is gone. */
  private *swap(name: string, key: string): Step<boolean> {
    const argument: NoExecuteArgument = { key, now: this.context.nowSeconds };
    const added = yield* writeTaints(this.context, name, noExecuteAddPatch, argument);
    if (!isSuccess(added)) return added.code === 'NotFound';
    if (!hasNoExecute(added.object!, key === notReadyTaint ? unreachableTaint : notReadyTaint)) return true;
    const removed = yield* writeTaints(this.context, name, noExecuteRemovePatch, key);
    return isSuccess(removed) || removed.code === 'NotFound';
  }

  private onTaintPass(): void {
    this.nextTaintPassAt = -1;
    this.isTainting = true;
    this.context.spawn(() => this.taintPass());
  }

  /** Zone after zone, node after node: one waits for the other's writes. */
  private *taintPass(): Step<void> {
    for (const { queue } of [...this.zones.values()]) {
      for (let name = queue.take(this.context.now); name !== undefined; name = queue.take(this.context.now)) {
        if (!(yield* this.taintFromQueue(name))) queue.add(name);
      }
    }
    this.isTainting = false;
    this.armTaintPass();
  }

  /** A node that has become ready meanwhile has cost a token, as upstream. */
  private *taintFromQueue(name: string): Step<boolean> {
    const node = this.node(name);
    const key = node && readinessTaint(readyStatus(node));
    return key === undefined || (yield* this.swap(name, key));
  }

  /** Zone states and their rates; whether evictions, stopped because all zones were dark, go on now. */
  *handleDisruption(counts: ReadonlyMap<string, Readonly<ZoneCount>>): Step<boolean> {
    const states = new Map<string, ZoneState>();
    for (const [key, { ready, notReady }] of counts) states.set(key, zoneState(ready, notReady));
    const isAllDisrupted = states.size > 0 && [...states.values()].every((state) => state === 'FullDisruption');
    if (isAllDisrupted && !this.isAllDisrupted) yield* this.stopEvictions();
    const isResumed = !isAllDisrupted && this.isAllDisrupted;
    const { now } = this.context;
    for (const [key, state] of states) {
      const zone = this.zoneNamed(key);
      const { ready, notReady } = counts.get(key)!;
      if (isAllDisrupted) zone.queue.setRate(0, now);
      else if (this.isAllDisrupted || zone.state !== state)
        zone.queue.setRate(evictionRate(state, ready + notReady), now);
      if (zone.state !== state) this.context.facts.zoneStateChanged(zoneOfKey(key), state);
      zone.state = state;
    }
    this.isAllDisrupted = isAllDisrupted;
    this.armTaintPass();
    return isResumed;
  }

  /** All zones dark: it is probably the control plane that is cut off, so nobody is evicted. */
  private *stopEvictions(): Step<void> {
    for (const node of [...this.context.informer('Node').list()]) yield* this.clear(node);
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

  private armTaintPass(): void {
    if (this.isTainting) return;
    let at = -1;
    for (const { queue } of this.zones.values()) {
      const { nextAt } = queue;
      if (nextAt !== undefined && (at < 0 || nextAt < at)) at = nextAt;
    }
    if (at < 0) return;
    const passAt = Math.ceil(Math.max(at, this.context.now + 1) / taintPassPeriodUs) * taintPassPeriodUs;
    if (this.nextTaintPassAt >= 0) {
      if (this.nextTaintPassAt <= passAt) return;
      this.timer.cancel(this.taintPassEvent);
    }
    this.nextTaintPassAt = passAt;
    this.taintPassEvent = this.timer.at(passAt);
  }
}
