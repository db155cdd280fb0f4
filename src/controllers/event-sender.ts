/**
 * What Kubernetes Events cost a controller (client-go tools/record): a filter lets few events of one object through, and a single
 * sender takes a token of the controller's client for each, one after the other. So events slow a controller down, but
 * hundreds of them do not double what hundreds of creations cost.
 */
import type { Client } from '../apiserver/client.ts';
import { RateLimit } from '../apiserver/rate-limit.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import type { KubeEvent } from '../record/facts.ts';

/** defaultSpamQPS, defaultSpamBurst: 25 events of one object, then one every 5 minutes. */
const spamPerSecond = 1 / 300;
const spamBurst = 25;
/** maxLruCacheEntries: objects whose events are remembered. */
const rememberedMax = 4096;

/** The Events of one component, on their way through its client. */
export class EventSender {
  private readonly engine: Engine;
  private readonly client: Client;
  private readonly granted: HandlerId;
  /** By object, least recently used first. */
  private readonly limits = new Map<string, RateLimit>();
  private waiting = 0;
  private isSending = false;

  constructor(name: string, phase: number, engine: Engine, client: Client) {
    this.engine = engine;
    this.client = client;
    this.granted = engine.register({ name: `${name}/event-sent`, phase, handle: () => this.onGranted() });
  }

  /** Whether an event is written; one that is takes its token when its turn comes. */
  send(event: Pick<KubeEvent, 'involvedKind' | 'namespace' | 'name'>): boolean {
    if (!this.limitOf(event).tryAccept(this.engine.now)) return false;
    this.waiting++;
    if (!this.isSending) this.takeToken();
    return true;
  }

  private limitOf({ involvedKind, namespace, name }: Pick<KubeEvent, 'involvedKind' | 'namespace' | 'name'>): RateLimit {
    const key = `${involvedKind}/${namespace}/${name}`;
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

  /** A token that is there now is taken without an event of the engine. */
  private takeToken(): void {
    while (this.waiting > 0) {
      this.waiting--;
      const grantedAt = this.client.spend();
      if (grantedAt <= this.engine.now) continue;
      this.isSending = true;
      this.engine.at(grantedAt, this.granted, 0);
      return;
    }
  }

  private onGranted(): void {
    this.isSending = false;
    this.takeToken();
  }
}
