import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Informer } from '../apiserver/informer.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { ClusterLister } from './framework/handle.ts';

/** Name of the scheduler's client and of its watches. */
export const schedulerComponent = 'kube-scheduler';

/** The scheduler's watches, one per kind, begun when somebody first asks for the kind. */
export class Informers implements ClusterLister {
  private readonly server: ApiServer;
  private readonly informers = new Map<Kind, Informer<Kind>>();

  constructor(server: ApiServer) {
    this.server = server;
  }

  of<K extends Kind>(kind: K): Informer<K> {
    let informer = this.informers.get(kind);
    if (informer === undefined) {
      informer = this.server.informer(schedulerComponent, EventPhase.apiserver, kind) as unknown as Informer<Kind>;
      this.informers.set(kind, informer);
    }
    return informer as unknown as Informer<K>;
  }

  /** Ends all watches. */
  close(): void {
    for (const informer of this.informers.values()) informer.close();
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.of(kind).get(namespace, name);
  }

  list<K extends Kind>(kind: K): readonly KindMap[K][] {
    return this.of(kind).list();
  }

  by<K extends Kind>(kind: K, index: string, key: string | number): readonly KindMap[K][] {
    return this.of(kind).by(index, key);
  }
}
