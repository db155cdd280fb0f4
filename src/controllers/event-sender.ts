/**
 * What Kubernetes Events cost a controller (client-go tools/record): a filter lets few events of one object through, and a single
 * sender takes a token of the controller's client for each, one after the other. So events slow a controller down, but
 * hundreds of them do not double what hundreds of creations cost.
 */
import type { Client } from '../apiserver/client.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { RateLimit } from '../apiserver/rate-limit.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import type { KubeEvent } from '../record/facts.ts';

/**
 * defaultSpamQPS, defaultSpamBurst: 25 events of one object, then one every 5 minutes. Normal events and warnings are counted apart,
 * as recorded: an object had 29 in 45 s, 5 of them Normal.
 */
const spamPerSecond = 1 / 300;
const spamBurst = 25;
/** maxQueuedEvents: those that find no room are lost. */
const waitingMax = 1000;
/** maxLruCacheEntries: objects whose events are remembered. */
const rememberedMax = 4096;

type SpamKey = Pick<KubeEvent, 'involvedKind' | 'namespace' | 'name' | 'type'>;

/** The Events of one component, on their way through its client. */
export class EventSender {
  private readonly engine: Engine;
  private readonly client: Client;
  private readonly free: HandlerId;
  /** By object, least recently used first. */
  private readonly limits = new Map<string, RateLimit>();
  private readonly writeUs: number;
  private waiting = 0;
  private freeAt = 0;
  private isPosted = false;

  /** @param latency what a write takes: the next event waits for its answer. */
  constructor(name: string, phase: number, engine: Engine, client: Client, latency: LatencyProfile) {
    this.engine = engine;
    this.client = client;
    const { request, admission, etcdCommit, response } = latency;
    this.writeUs = Math.round(request.mean + admission.mean + etcdCommit.mean + response.mean);
    this.free = engine.register({ name: `${name}/event-sent`, phase, handle: () => this.onFree() });
  }

  /** Whether an event is written; one that is takes its token when its turn comes. */
  send(event: SpamKey): boolean {
    if (this.waiting >= waitingMax || !this.limitOf(event).tryAccept(this.engine.now)) return false;
    this.waiting++;
    if (!this.isPosted) this.work();
    return true;
  }

  /** Events that wait are lost. */
  close(): void {
    this.engine.retire(this.free);
  }

  private limitOf({ involvedKind, namespace, name, type }: SpamKey): RateLimit {
    const key = `${involvedKind}/${namespace}/${name}/${type}`;
    const known = this.limits.get(key);
    const limit = known ?? new RateLimit(spamPerSecond, spamBurst);
    if (known !== undefined) this.limits.delete(key);
    this.limits.set(key, limit);
    if (this.limits.size > rememberedMax) this.forgetOldest();
    return limit;
  }

  private forgetOldest(): void {
    for (const key of this.limits.keys()) {
      this.limits.delete(key);
      return;
    }
  }

  /** Sends what waits, as far as that goes at this instant. */
  private work(): void {
    const { now } = this.engine;
    while (this.waiting > 0 && this.freeAt <= now) {
      this.waiting--;
      this.freeAt = this.client.spend() + this.writeUs;
    }
    if (this.waiting === 0) return;
    this.isPosted = true;
    this.engine.at(this.freeAt, this.free, 0);
  }

  private onFree(): void {
    this.isPosted = false;
    this.work();
  }
}
