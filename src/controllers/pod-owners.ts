/** What the controllers of ReplicaSets, DaemonSets and StatefulSets know of their objects and the pods of each. */
import { byController } from '../apiserver/cluster-state.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import type { Pod } from '../api/core-v1.ts';
import type { KindMap } from '../api/kinds.ts';
import type { ApiObject, Labels } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import type { ControllerContext, Step, SyncResult } from './controller.ts';
import { StaleCacheGuard } from './expectations.ts';
import { Orphans, OwnerReferences, claimObjects, ownerKey } from './ownership.ts';
import { Selectors } from './selectors.ts';

const stale: SyncResult = { failed: 'the cache is older than own writes' };

/** Kinds that control pods directly. */
export type PodOwnerKind = 'DaemonSet' | 'ReplicaSet' | 'StatefulSet';

/** The objects of one kind, by key, with the pods that they control or may adopt. */
export class PodOwners<K extends PodOwnerKind> {
  readonly references = new OwnerReferences();
  private readonly context: ControllerContext;
  private readonly kind: K;
  private readonly owners: Informer<K>;
  private readonly pods: Informer<'Pod'>;
  private readonly selectors = new Selectors();
  private readonly keysByNamespace = new Map<string, Set<string>>();
  private readonly ownerGuard: StaleCacheGuard;
  private readonly podGuard: StaleCacheGuard;
  private readonly orphans: Orphans<'Pod'>;

  constructor(context: ControllerContext, kind: K) {
    this.context = context;
    this.kind = kind;
    this.owners = context.informer(kind);
    this.pods = context.informer('Pod');
    this.ownerGuard = new StaleCacheGuard(this.owners);
    this.podGuard = new StaleCacheGuard(this.pods);
    this.orphans = new Orphans(this.pods, (pod) => this.onOrphan(pod));
  }

  /** The object of a key, as the cache has it. */
  get(key: string): KindMap[K] | undefined {
    const slash = key.indexOf('/');
    return this.owners.get(key.slice(0, slash), key.slice(slash + 1));
  }

  /** Key of the object that controls a pod, if it is the one that we know by that name. */
  keyOf(pod: Pod | undefined): string | undefined {
    const key = ownerKey(pod, this.kind);
    if (key === undefined) return undefined;
    const { name, uid } = controllerOf(pod!)!;
    return this.owners.get(pod!.metadata.namespace, name)?.metadata.uid === uid ? key : undefined;
  }

  /** What the cache shows as the pods of an object, without a claim. */
  podsOf({ metadata }: KindMap[K]): Pod[] {
    return this.pods.by(byController, metadata.uid);
  }

  /** The pods of an object after adoption and release, or why that failed. */
  *claim(owner: KindMap[K], mayAdopt: (pod: Pod) => boolean = anyPod): Step<readonly Pod[] | string> {
    return yield* this.claimAmong(owner, [...this.podsOf(owner), ...this.orphansOf(owner).filter(mayAdopt)]);
  }

  /** The same, of these candidates. */
  *claimAmong(owner: KindMap[K], candidates: readonly Pod[]): Step<readonly Pod[] | string> {
    const matches = this.matcherOf(owner);
    const claim = { kind: 'Pod', owner, ownerReferences: this.references.of(owner), matches } as const;
    const { objects, failed } = yield* claimObjects(claim, candidates);
    return failed ?? objects;
  }

  /** Pods that nobody controls and that match the object. */
  orphansOf(owner: KindMap[K]): readonly Pod[] {
    return this.orphans.matching(owner.metadata.namespace, this.matcherOf(owner), this.context.now);
  }

  /** Whether labels are those of pods of the object. */
  matcherOf(owner: KindMap[K]): (labels: Labels) => boolean {
    return this.selectors.of(owner.spec.selector);
  }

  /** Notes an object that is new, and wakes for orphans from now on. */
  added({ metadata: { namespace, name } }: KindMap[K]): void {
    const key = `${namespace}/${name}`;
    const keys = this.keysByNamespace.get(namespace);
    if (keys === undefined) this.keysByNamespace.set(namespace, new Set([key]));
    else keys.add(key);
    this.orphans.watch();
  }

  /** Forgets an object that is gone. */
  removed({ metadata: { namespace, name, uid } }: KindMap[K]): void {
    const key = `${namespace}/${name}`;
    this.keysByNamespace.get(namespace)?.delete(key);
    this.references.forget(uid);
    this.ownerGuard.forget(key);
    this.podGuard.forget(key);
  }

  /**
   * How a sync ends while the watches have still to deliver something that was written for the object; undefined = they have not.
   * The event of a write of the object itself wakes it upstream; here it is heard only where it was waited for.
   */
  awaitWrites(key: string): SyncResult | undefined {
    if (this.ownerGuard.isStale(key)) return { ...stale, requeueAfterUs: this.owners.caughtUpAt - this.context.now };
    return this.podGuard.isStale(key) ? stale : undefined;
  }

  /** Notes the version that a write of the object itself has made. */
  wrote(key: string, response: ApiResponse<ApiObject>): void {
    this.ownerGuard.wrote(key, response);
  }

  /** Notes the version that a write of one of its pods has made. */
  wrotePod(key: string, response: ApiResponse<Pod>): void {
    this.podGuard.wrote(key, response);
  }

  private onOrphan(pod: Pod): void {
    for (const key of this.keysByNamespace.get(pod.metadata.namespace) ?? []) {
      const owner = this.get(key);
      if (owner !== undefined && this.matcherOf(owner)(pod.metadata.labels)) this.context.enqueue(key);
    }
  }
}

function anyPod(): boolean {
  return true;
}
