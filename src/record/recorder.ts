import type { FactName, Facts } from './facts.ts';

type Listener = (...values: never[]) => void;

/**
 * Fans facts out to those observers that have the method. A fact that nobody listens to costs one empty loop.
 */
export class Recorder implements Facts {
  private readonly listeners = new Map<FactName, Listener[]>();
  /** Hot facts have their own arrays, so that no map is read per event. */
  private readonly committedListeners: Facts['committed'][] = [];
  private readonly hopListeners: Facts['podHop'][] = [];

  /** Adds an observer; observers are told in the order in which they were added. */
  observe(observer: Partial<Facts>): void {
    if (observer.committed) this.committedListeners.push(observer.committed.bind(observer) as Facts['committed']);
    if (observer.podHop) this.hopListeners.push(observer.podHop.bind(observer));
    for (const name of coldFacts) {
      const method = observer[name];
      if (method) this.listenersOf(name).push((method as Listener).bind(observer) as Listener);
    }
  }

  /** Whether anybody listens; lets a component skip building a message that nobody reads. */
  wants(name: FactName): boolean {
    if (name === 'committed') return this.committedListeners.length > 0;
    if (name === 'podHop') return this.hopListeners.length > 0;
    return this.listenersOf(name).length > 0;
  }

  readonly committed: Facts['committed'] = (kind, slot, before, after, by) => {
    for (const listener of this.committedListeners) listener(kind, slot, before, after, by);
  };
  readonly podHop: Facts['podHop'] = (uid, hop, time) => {
    for (const listener of this.hopListeners) listener(uid, hop, time);
  };
  readonly schedulingAttempt: Facts['schedulingAttempt'] = (...v) => this.tell('schedulingAttempt', v);
  readonly preemptionAttempt: Facts['preemptionAttempt'] = (...v) => this.tell('preemptionAttempt', v);
  readonly kubeEvent: Facts['kubeEvent'] = (...v) => this.tell('kubeEvent', v);
  readonly faultStarted: Facts['faultStarted'] = (...v) => this.tell('faultStarted', v);
  readonly faultEnded: Facts['faultEnded'] = (...v) => this.tell('faultEnded', v);
  readonly userAction: Facts['userAction'] = (...v) => this.tell('userAction', v);
  readonly machineChanged: Facts['machineChanged'] = (...v) => this.tell('machineChanged', v);
  readonly zoneStateChanged: Facts['zoneStateChanged'] = (...v) => this.tell('zoneStateChanged', v);
  readonly leaderChanged: Facts['leaderChanged'] = (...v) => this.tell('leaderChanged', v);
  readonly imagePulled: Facts['imagePulled'] = (...v) => this.tell('imagePulled', v);
  readonly containerHung: Facts['containerHung'] = (...v) => this.tell('containerHung', v);
  readonly containerExited: Facts['containerExited'] = (...v) => this.tell('containerExited', v);
  readonly containerStarted: Facts['containerStarted'] = (...v) => this.tell('containerStarted', v);
  readonly runtimeCall: Facts['runtimeCall'] = (...v) => this.tell('runtimeCall', v);
  readonly reconciled: Facts['reconciled'] = (...v) => this.tell('reconciled', v);
  readonly apiRequest: Facts['apiRequest'] = (...v) => this.tell('apiRequest', v);

  private listenersOf(name: FactName): Listener[] {
    let list = this.listeners.get(name);
    if (list === undefined) this.listeners.set(name, (list = []));
    return list;
  }

  private tell(name: FactName, values: readonly unknown[]): void {
    const list = this.listeners.get(name);
    if (list === undefined) return;
    for (const listener of list) listener(...(values as never[]));
  }
}

const coldFacts = [
  'schedulingAttempt',
  'preemptionAttempt',
  'kubeEvent',
  'faultStarted',
  'faultEnded',
  'userAction',
  'machineChanged',
  'zoneStateChanged',
  'leaderChanged',
  'imagePulled',
  'containerHung',
  'containerExited',
  'containerStarted',
  'runtimeCall',
  'reconciled',
  'apiRequest',
] as const satisfies readonly FactName[];
