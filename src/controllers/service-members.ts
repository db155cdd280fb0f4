/** Which pods the selectors of Services pick, kept up to date so that no sync looks at all pods. */
import type { Informer } from '../apiserver/informer.ts';
import type { Pod, Service } from '../api/core-v1.ts';
import { matchesLabels } from '../api/labels.ts';
import type { Labels } from '../api/meta-v1.ts';
import { isPodTerminal, podKey } from '../api/pod-conditions.ts';

interface NamespaceServices {
  readonly selectors: Map<string, Labels>;
  /** Answers by labels value: the pods of one template share one. Dropped when a Service changes. */
  known: WeakMap<Labels, readonly string[]>;
}

const nobody: readonly string[] = Object.freeze([]);

/** Members of Services by service key (namespace/name). */
export class ServiceMembers {
  private readonly pods: Informer<'Pod'>;
  private readonly services = new Map<string, NamespaceServices>();
  private readonly slotsByService = new Map<string, Set<number>>();
  /**
   * Services whose members have to be looked for among all pods, and when every pod that was made before the Service was seen
   * has come: one look at first, one then.
   */
  private readonly completeAt = new Map<string, number>();

  constructor(pods: Informer<'Pod'>) {
    this.pods = pods;
  }

  /** Takes up a Service, or its new selector. */
  set(service: Service): void {
    const { namespace } = service.metadata;
    if (service.selector === undefined) return this.remove(service);
    const key = podKey(service);
    let entry = this.services.get(namespace);
    if (entry === undefined) this.services.set(namespace, (entry = { selectors: new Map(), known: new WeakMap() }));
    if (entry.selectors.get(key) === service.selector) return;
    entry.selectors.set(key, service.selector);
    entry.known = new WeakMap();
    this.slotsByService.set(key, new Set());
    this.completeAt.set(key, this.pods.caughtUpAt);
  }

  remove(service: Service): void {
    const key = podKey(service);
    const entry = this.services.get(service.metadata.namespace);
    if (entry?.selectors.delete(key) === true) entry.known = new WeakMap();
    this.slotsByService.delete(key);
    this.completeAt.delete(key);
  }

  /** Keys of the Services that select these labels. */
  matching(namespace: string, labels: Labels): readonly string[] {
    const entry = this.services.get(namespace);
    if (entry === undefined) return nobody;
    let keys = entry.known.get(labels);
    if (keys === undefined) {
      const found: string[] = [];
      for (const [key, selector] of entry.selectors) if (matchesLabels(selector, labels)) found.push(key);
      keys = found.length === 0 ? nobody : found;
      entry.known.set(labels, keys);
    }
    return keys;
  }

  /** Notes a change of a pod; returns the Services whose endpoints it may change. */
  update(before: Pod | undefined, after: Pod | undefined, slot: number): ReadonlySet<string> {
    const { namespace } = (after ?? before)!.metadata;
    const old = before === undefined ? nobody : this.matching(namespace, before.metadata.labels);
    const now = after === undefined ? nobody : this.matching(namespace, after.metadata.labels);
    for (const key of old) if (!now.includes(key)) this.slotsByService.get(key)?.delete(slot);
    // A pod that has ended never comes back; what is left of it is not looked at again.
    const isOver = after !== undefined && isPodTerminal(after);
    for (const key of now) {
      const slots = this.slotsByService.get(key);
      if (isOver) slots?.delete(slot);
      else slots?.add(slot);
    }
    return new Set([...old, ...now]);
  }

  /**
   * The pods of a Service that have not ended.
   *
   * @returns with `completeAt`, microseconds: until then pods that were made before the Service may be missing.
   */
  of(service: Service, now: number): { readonly pods: readonly Pod[]; readonly completeAt: number } {
    const key = podKey(service);
    const slots = this.slotsByService.get(key);
    const { selector } = service;
    if (slots === undefined || selector === undefined) return { pods: [], completeAt: now };
    const completeAt = this.completeAt.get(key) ?? now;
    if (this.completeAt.has(key)) this.walk(service, slots);
    if (completeAt <= now) this.completeAt.delete(key);
    const pods: Pod[] = [];
    for (const slot of slots) {
      const pod = this.pods.bySlot(slot);
      const isMember =
        pod?.metadata.namespace === service.metadata.namespace &&
        matchesLabels(selector, pod.metadata.labels) &&
        !isPodTerminal(pod);
      if (isMember) pods.push(pod);
      else slots.delete(slot);
    }
    return { pods, completeAt };
  }

  private walk({ metadata: { namespace }, selector }: Service, slots: Set<number>): void {
    for (const [slot, { metadata }] of this.pods.entries()) {
      if (metadata.namespace === namespace && matchesLabels(selector!, metadata.labels)) slots.add(slot);
    }
  }
}
