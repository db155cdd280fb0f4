/** Controller of ReplicaSets and ReplicationControllers (upstream pkg/controller/replicaset/replica_set.go): keeps as many pods as the set asks for. */
import { byController, byControllerUntilDone } from '../apiserver/cluster-state.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import type { Informer } from '../apiserver/informer.ts';
import { getRequest, isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { ReplicaSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodActive, isPodReady, isPodTerminal, podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { Expectations } from './expectations.ts';
import { burstReplicas, createPods, deletePods, podFromParts } from './pod-control.ts';
import { freePodName } from './pod-names.ts';
import { PodOwners } from './pod-owners.ts';
import type { ReplicaTally } from './replica-tallies.ts';
import { ReplicaTallies, concernsTally, isNewlyDeleted, tallyOf } from './replica-tallies.ts';
import { isSameStatus, nextAvailability, replicaSetStatus } from './replicaset-status.ts';
import { chooseVictims } from './victim-ranking.ts';

export const replicaSet: ControllerDefinition = {
  name: 'replicaset-controller',
  description: 'keeps as many pods as each ReplicaSet asks for',
  workers: 5,
  create: (context) => new ReplicaSetController(context, 'ReplicaSet'),
};

/** As upstream, the controller of ReplicaSets that is told of another kind (pkg/controller/replication). */
export const replicationController: ControllerDefinition = {
  name: 'replicationcontroller-controller',
  description: 'keeps as many pods as each ReplicationController asks for',
  eventSource: 'replication-controller',
  workers: 5,
  create: (context) => new ReplicaSetController(context, 'ReplicationController'),
};

/** The kinds differ in their names only; what is read and written of either is typed as a ReplicaSet. */
type SetKind = 'ReplicaSet';

/** The pods of a set at one sync. */
interface ClaimedPods {
  readonly tally: ReplicaTally;
  /** All active ones, where they are looked at one by one; else empty. */
  readonly active: readonly Pod[];
}

class ReplicaSetController implements Controller {
  private readonly context: ControllerContext;
  private readonly kind: SetKind;
  private readonly sets: Informer<SetKind>;
  private readonly expectations = new Expectations();
  private readonly owners: PodOwners<SetKind>;
  private readonly tallies: ReplicaTallies;
  /** Pods made so far; kept when a set is gone, because its pods may still have their names. */
  private readonly podCounts = new Map<string, number>();
  /** Sets whose last sync failed: every event of a pod is another failure for them, and makes the next back-off longer. */
  private readonly failing = new Set<string>();
  private readonly uidSalt: number;

  constructor(context: ControllerContext, kind: 'ReplicaSet' | 'ReplicationController') {
    this.context = context;
    this.kind = kind as SetKind;
    this.sets = context.informer(this.kind);
    this.tallies = new ReplicaTallies(kind);
    this.uidSalt = context.random('uids').uint32();
    this.owners = new PodOwners(context, this.kind);
  }

  watch(): void {
    this.sets.onChange(
      (before, after) => this.onReplicaSet(before, after),
      // Every event of a failing set is one more try, that of its own status too.
      (before, after) => isNewIntent(before, after) || (this.failing.size > 0 && this.failing.has(podKey(after!))),
    );
    this.context.informer('Pod').onChange(
      (before, after) => this.onPod(before, after),
      (before, after) => concernsReplicas(this.kind, before, after) || this.isOfFailing(after),
    );
  }

  /** Claims pods, creates or deletes what is missing or too much, and writes the status. */
  *reconcile(key: string): Step<SyncResult> {
    const set = this.owners.get(key);
    if (set === undefined) return synced;
    const behind = this.owners.awaitWrites(key);
    if (behind !== undefined) return behind;
    const isFree = this.expectations.isSatisfied(key, this.context.now);
    const mayManage = isFree && set.metadata.deletionTimestamp === undefined;
    const claimed = yield* this.claim(set, mayManage);
    if (typeof claimed === 'string') return { failed: claimed };
    const refusal = mayManage ? yield* this.manage(key, set, claimed) : undefined;
    const problem = yield* this.writeStatus(key, set, this.presentTally(set, claimed), refusal);
    const failed = refusal ?? problem;
    if (failed === undefined) this.failing.delete(key);
    else {
      this.failing.add(key);
      return { failed };
    }
    return this.untilAvailable(set, claimed.active);
  }

  private onReplicaSet(before: ReplicaSet | undefined, after: ReplicaSet | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) return this.forget(key, before!);
    if (before === undefined) this.owners.added(after);
    this.context.enqueue(key);
  }

  private forget(key: string, set: ReplicaSet): void {
    this.owners.removed(set);
    this.expectations.forget(key);
    this.failing.delete(key);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    this.tallies.changed(before, after);
    const key = this.owners.keyOf(after);
    const oldKey = this.owners.keyOf(before);
    if (before !== undefined && (after === undefined || isNewlyDeleted(before, after))) {
      if (oldKey !== undefined) this.expectations.deletionObserved(oldKey, before.metadata.uid);
    }
    if (before === undefined && key !== undefined) this.onCreation(key, after!);
    if (oldKey !== undefined && oldKey !== key) this.context.enqueue(oldKey);
    if (key === undefined) return;
    this.context.enqueue(key);
    const { minReadySeconds } = this.owners.get(key)!.spec;
    const turnedReady = before !== undefined && !isPodReady(before) && isPodReady(after!);
    if (turnedReady && minReadySeconds > 0) this.context.enqueueAfter(key, minReadySeconds * SECOND);
  }

  private isOfFailing(pod: Pod | undefined): boolean {
    const key = this.failing.size === 0 ? undefined : this.owners.keyOf(pod);
    return key !== undefined && this.failing.has(key);
  }

  private onCreation(key: string, pod: Pod): void {
    const { deletionTimestamp, uid } = pod.metadata;
    if (deletionTimestamp === undefined) this.expectations.creationObserved(key);
    else this.expectations.deletionObserved(key, uid);
  }

  /** The pods of the set, or why they could not be claimed. Mostly there is nothing to claim, and no surplus to choose from. */
  private *claim(set: ReplicaSet, mayManage: boolean): Step<ClaimedPods | string> {
    const orphans = this.owners.orphansOf(set);
    const tally = orphans.length === 0 ? this.tallies.of(set, this.owners.matcherOf(set)) : undefined;
    if (tally !== undefined && !(mayManage && tally.active > set.spec.replicas)) return { tally, active: noPods };
    return yield* this.claimEach(set, orphans);
  }

  private *claimEach(set: ReplicaSet, orphans: readonly Pod[]): Step<ClaimedPods | string> {
    const pods = [...this.context.informer('Pod').by(byControllerUntilDone, set.metadata.uid), ...orphans];
    const claimed = yield* this.owners.claimAmong(
      set,
      pods.filter((pod) => !isPodTerminal(pod)),
    );
    if (typeof claimed === 'string') return claimed;
    const active = claimed.filter(isPodActive);
    return { active, tally: tallyOf(set, active, claimed.length - active.length, this.context.nowSeconds) };
  }

  /** Pods may have turned available while requests were under way. */
  private presentTally(set: ReplicaSet, { tally, active }: ClaimedPods): ReplicaTally {
    if (set.spec.minReadySeconds === 0) return tally;
    return tallyOf(set, active, tally.terminating, this.context.nowSeconds);
  }

  private *manage(key: string, set: ReplicaSet, { tally, active }: ClaimedPods): Step<string | undefined> {
    const difference = tally.active - set.spec.replicas;
    if (difference < 0) return yield* this.create(key, set, Math.min(-difference, burstReplicas));
    if (difference > 0) return yield* this.delete(key, set, active, Math.min(difference, burstReplicas));
    return undefined;
  }

  private *create(key: string, set: ReplicaSet, count: number): Step<string | undefined> {
    this.expectations.expect(key, count, [], this.context.now);
    const { namespace, name } = set.metadata;
    const parts = { template: set.spec.template, ownerReferences: this.owners.references.of(set), finalizers: none };
    const creation = {
      owner: set,
      podOf: () => podFromParts(parts, namespace, this.nextName(key, namespace, name)),
      onCreated: (response: ApiResponse<Pod>) => this.owners.wrotePod(key, response),
      onMissing: (missing: number) => this.expectations.creationObserved(key, missing),
    };
    return yield* createPods(this.context, creation, new Array<undefined>(count).fill(undefined));
  }

  private nextName(key: string, namespace: string, prefix: string): string {
    const pods = this.context.informer('Pod');
    const { name, next } = freePodName(pods, namespace, prefix, key, this.podCounts.get(key) ?? 0);
    this.podCounts.set(key, next);
    return name;
  }

  private *delete(key: string, set: ReplicaSet, active: readonly Pod[], count: number): Step<string | undefined> {
    const rankOf = this.ranksFor(set, count < active.length);
    const victims = chooseVictims(active, count, { rankOf, now: this.context.now, salt: this.uidSalt });
    const uids = victims.map((pod) => pod.metadata.uid);
    this.expectations.expect(key, 0, uids, this.context.now);
    const deletion = {
      owner: set,
      onDeleted: (response: ApiResponse<Pod>) => this.owners.wrotePod(key, response),
      onMissing: (uid: Uid) => this.expectations.deletionObserved(key, uid),
    };
    return yield* deletePods(this.context, deletion, victims);
  }

  /** Number of active pods of the same Deployment on a pod's node; a set that nobody controls has no related pods. */
  private ranksFor(set: ReplicaSet, isChoice: boolean): (pod: Pod) => number {
    const owner = controllerOf(set);
    if (owner === undefined || !isChoice) return () => 0;
    const counts = new Map<string, number>();
    for (const sibling of this.sets.by(byController, owner.uid)) {
      for (const pod of this.context.informer('Pod').by(byControllerUntilDone, sibling.metadata.uid)) {
        if (isPodActive(pod)) counts.set(pod.spec.nodeName, (counts.get(pod.spec.nodeName) ?? 0) + 1);
      }
    }
    return (pod) => counts.get(pod.spec.nodeName) ?? 0;
  }

  /** Writes the status if it has changed; a conflict is answered once, with the stored version. */
  private *writeStatus(
    key: string,
    set: ReplicaSet,
    tally: ReplicaTally,
    refusal: string | undefined,
  ): Step<string | undefined> {
    const status = replicaSetStatus(set, tally, refusal, this.context.nowSeconds);
    if (isSameStatus(status, set.status)) return undefined;
    let response = yield* send(updateStatusRequest(this.kind, { ...set, status }));
    if (response.code === 'Conflict') {
      const { namespace, name } = set.metadata;
      const { object, message } = yield* send(getRequest(this.kind, namespace, name));
      if (object === undefined) return message;
      response = yield* send(updateStatusRequest(this.kind, { ...object, status }));
    }
    this.owners.wrote(key, response);
    return isSuccess(response) ? undefined : response.message;
  }

  /** Asks for another look when the next ready pod turns available. */
  private untilAvailable({ spec }: ReplicaSet, active: readonly Pod[]): SyncResult {
    const { minReadySeconds } = spec;
    if (minReadySeconds === 0) return synced;
    const at = nextAvailability(active, minReadySeconds, this.context.nowSeconds);
    return at === undefined ? synced : { requeueAfterUs: at * SECOND - this.context.now };
  }
}

const none: readonly string[] = [];
const noPods: readonly Pod[] = [];

/** Status writes, our own among them, need no sync: everything that a status says comes from pods. */
function isNewIntent(before: ReplicaSet | undefined, after: ReplicaSet | undefined): boolean {
  return (
    before === undefined ||
    after === undefined ||
    before.spec !== after.spec ||
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
  );
}

/** What can change the number of replicas, or what the status says of them. */
function concernsReplicas(kind: string, before: Pod | undefined, after: Pod | undefined): boolean {
  if (ownerKind(before) !== kind && ownerKind(after) !== kind) return false;
  return concernsTally(before, after);
}

function ownerKind(pod: Pod | undefined): string | undefined {
  return pod === undefined ? undefined : controllerOf(pod)?.kind;
}
