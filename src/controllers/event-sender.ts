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
import { RecentlyUsed } from '../util/recently-used.ts';
import { SimilarEvents } from './similar-events.ts';

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

type OwnEvent = Omit<KubeEvent, 'source'>;

/** The Events of one component, on their way through its client. */
export class EventSender {
  private readonly engine: Engine;
  private readonly client: Client;
  private readonly free: HandlerId;
  private readonly limits = new RecentlyUsed(rememberedMax, () => new RateLimit(spamPerSecond, spamBurst));
  private readonly similar = new SimilarEvents();
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

  /** The message with which an event is written, undefined where it is not; it takes its token when its turn comes. */
  send(event: OwnEvent): string | undefined {
    if (this.waiting >= waitingMax) return undefined;
    const { now } = this.engine;
    const message = this.similar.messageOf(event, now);
    const { involvedKind, namespace, name, type } = event;
    if (!this.limits.of(`${involvedKind}/${namespace}/${name}/${type}`).tryAccept(now)) return undefined;
    this.waiting++;
    if (!this.isPosted) this.work();
    return message;
  }

  /** Events that wait are lost. */
  close(): void {
    this.engine.retire(this.free);
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
