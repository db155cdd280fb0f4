import type { ApiObject, Uid } from '../api/meta-v1.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';

/** An event with its objects, as it was told to the queue. */
export interface InFlightEvent {
  readonly event: ClusterEvent;
  readonly before: ApiObject | undefined;
  readonly after: ApiObject | undefined;
}

const removed = 0;

/**
 * Pods that are being scheduled and the events that happened meanwhile: one list for all of them, in order (upstream
 * `ps/backend/queue/active_queue.go`). A pod that comes back looks at the events after its own place.
 */
export class InFlightEvents {
  private list: (Uid | InFlightEvent)[] = [];
  private readonly places = new Map<Uid, number>();
  private head = 0;

  get podCount(): number {
    return this.places.size;
  }

  get eventCount(): number {
    let count = 0;
    for (let at = this.head; at < this.list.length; at++) if (typeof this.list[at] === 'object') count++;
    return count;
  }

  has(uid: Uid): boolean {
    return this.places.has(uid);
  }

  pods(): Iterable<Uid> {
    return this.places.keys();
  }

  addPod(uid: Uid): void {
    this.places.set(uid, this.list.length);
    this.list.push(uid);
  }

  /** Records an event, if any pod may want to know. */
  addEvent(event: InFlightEvent): void {
    if (this.places.size > 0) this.list.push(event);
  }

  /** Events since the pod was popped; undefined when it is not in flight. */
  eventsFor(uid: Uid): readonly InFlightEvent[] | undefined {
    const place = this.places.get(uid);
    if (place === undefined) return undefined;
    const events: InFlightEvent[] = [];
    for (let at = place + 1; at < this.list.length; at++) {
      const entry = this.list[at]!;
      if (typeof entry === 'object') events.push(entry);
    }
    return events;
  }

  /** The pod is no longer in flight; events that nobody can ask for any more go too. */
  done(uid: Uid): void {
    const place = this.places.get(uid);
    if (place === undefined) return;
    this.places.delete(uid);
    this.list[place] = removed;
    while (this.head < this.list.length && !this.isPodInFlight(this.head)) this.head++;
    if (this.head === this.list.length || this.head > 1024) this.compact();
  }

  private isPodInFlight(at: number): boolean {
    const entry = this.list[at]!;
    return typeof entry === 'number' && entry !== removed;
  }

  private compact(): void {
    for (const [uid, place] of this.places) this.places.set(uid, place - this.head);
    this.list = this.list.slice(this.head);
    this.head = 0;
  }
}
