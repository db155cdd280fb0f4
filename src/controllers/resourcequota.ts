/** ResourceQuota controller (upstream pkg/controller/resourcequota): counts anew when a quota changes or what it counts goes. */
import { byNamespace } from '../apiserver/cluster-state.ts';
import { resourceOf } from '../apiserver/outcome.ts';
import { isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { Pod, ResourceList, ResourceQuota, ResourceQuotaSpec, Service } from '../api/core-v1.ts';
import type { Kind } from '../api/kinds.ts';
import { clusterScopedKinds, kinds } from '../api/kinds.ts';
import type { ApiObject, Timestamp } from '../api/meta-v1.ts';
import { podKey } from '../api/pod-conditions.ts';
import { changesDeadline, isChargedPod, quotaUsage } from '../api/quota.ts';
import { isInScopes } from '../api/quota-scopes.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';

export const resourceQuota: ControllerDefinition = {
  name: 'resourcequota-controller',
  description: 'counts what each ResourceQuota limits',
  workers: 5,
  create: (context) => new ResourceQuotaController(context),
};

class ResourceQuotaController implements Controller {
  private readonly context: ControllerContext;
  private readonly keysByNamespace = new Map<string, Set<string>>();

  constructor(context: ControllerContext) {
    this.context = context;
  }

  watch(): void {
    this.context.informer('ResourceQuota').onChange((before, after) => this.onQuota(before, after));
    for (const kind of kinds) {
      if (clusterScopedKinds.has(kind)) continue;
      this.context.informer(kind).onChange(
        (before) => this.onRelease(before as ApiObject),
        (before, after) => before !== undefined && this.isReleased(before, after),
      );
    }
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const quota = this.context.informer('ResourceQuota').get(key.slice(0, slash), key.slice(slash + 1));
    if (quota === undefined) return synced;
    const { hard } = quota.spec;
    const used = this.count(quota.metadata.namespace, quota.spec);
    const isSame = semanticEqual([...quota.status.hard], [...hard]) && semanticEqual([...quota.status.used], [...used]);
    if (isSame) return synced;
    const response = yield* send(updateStatusRequest('ResourceQuota', { ...quota, status: { hard, used } }));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  private onQuota(before: ResourceQuota | undefined, after: ResourceQuota | undefined): void {
    const { namespace } = (after ?? before)!.metadata;
    const key = podKey((after ?? before)!);
    const keys = this.keysByNamespace.get(namespace) ?? new Set<string>();
    if (after === undefined) keys.delete(key);
    else keys.add(key);
    if (keys.size === 0) this.keysByNamespace.delete(namespace);
    else this.keysByNamespace.set(namespace, keys);
    if (after !== undefined && before?.spec !== after.spec) this.context.enqueue(key);
  }

  /** Gone, or changed so that something may be free again (upstream pkg/quota/v1/install/update_filter.go). */
  private isReleased(before: ApiObject, after: ApiObject | undefined): boolean {
    if (!this.keysByNamespace.has(before.metadata.namespace)) return false;
    if (after === undefined) return true;
    switch (after.kind) {
      case 'Pod':
        return isReleasedPod(before as Pod, after as Pod, this.context.nowSeconds);
      case 'Service':
        return countedType(before as Service) !== countedType(after as Service);
      case 'PersistentVolumeClaim':
        // Upstream compares two addresses, which are never the same: each change of a claim counts.
        return true;
      default:
        return false;
    }
  }

  private onRelease(before: ApiObject): void {
    for (const key of this.keysByNamespace.get(before.metadata.namespace) ?? []) this.context.enqueue(key);
  }

  private count(namespace: string, spec: ResourceQuotaSpec): ResourceList {
    const used = new Map<string, number>();
    for (const name of spec.hard.keys()) used.set(name, 0);
    for (const kind of kinds) {
      if (clusterScopedKinds.has(kind)) continue;
      this.countKind(kind, namespace, spec, used);
    }
    return used;
  }

  private countKind(kind: Kind, namespace: string, spec: ResourceQuotaSpec, used: Map<string, number>): void {
    for (const object of this.objectsIn(kind, namespace)) {
      if (!isInScopes(object, spec)) continue;
      for (const [name, amount] of quotaUsage(object, resourceOf(object), this.context.nowSeconds))
        if (used.has(name)) used.set(name, used.get(name)! + amount);
    }
  }

  private objectsIn(kind: Kind, namespace: string): readonly ApiObject[] {
    const informer = this.context.informer(kind);
    // There may be very many pods elsewhere.
    if (kind === 'Pod') return informer.by(byNamespace, namespace);
    return informer.list().filter(({ metadata }) => metadata.namespace === namespace);
  }
}

/** It no longer counts, or counts for other scopes. */
function isReleasedPod(before: Pod, after: Pod, now: Timestamp): boolean {
  return changesDeadline(before, after) || (isChargedPod(before, now) && !isChargedPod(after, now));
}

/** Types of services that take more than a name (upstream `GetQuotaServiceType`). */
function countedType({ type }: Service): string {
  return type === 'NodePort' || type === 'LoadBalancer' ? type : '';
}
