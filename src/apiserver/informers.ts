import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiServer } from './apiserver.ts';
import type { Informer } from './informer.ts';

/** The watches of one process (upstream SharedInformerFactory): one for each kind, begun when somebody first asks for the kind. */
export class Informers {
  private readonly server: ApiServer;
  private readonly component: string;
  private readonly phase: number;
  private readonly informers = new Map<Kind, Informer<Kind>>();

  /** `phase` is the event phase in which changes are heard. */
  constructor(server: ApiServer, component: string, phase: number) {
    this.server = server;
    this.component = component;
    this.phase = phase;
  }

  of<K extends Kind>(kind: K): Informer<K> {
    let informer = this.informers.get(kind);
    if (informer === undefined) {
      informer = this.server.informer(this.component, this.phase, kind) as unknown as Informer<Kind>;
      this.informers.set(kind, informer);
    }
    return informer as unknown as Informer<K>;
  }

  /** Tells all handlers of what is there already: see `Informer.tellExisting`. */
  tellExisting(): void {
    for (const informer of this.informers.values()) informer.tellExisting();
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
