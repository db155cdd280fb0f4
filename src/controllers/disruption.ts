/** Disruption controller (upstream pkg/controller/disruption): how many pods of each budget may be evicted. */
import { resourceName } from '../apiserver/outcome.ts';
import { isSuccess, patchStatusRequest, updateStatusRequest } from '../apiserver/requests.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import type { OwnerReference } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodReady, podKey } from '../api/pod-conditions.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../api/policy-v1.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { tell } from './pod-control.ts';
import { scaledValue } from './replica-arithmetic.ts';
import { Selectors, selectorText } from './selectors.ts';
import { staleDisruptionAt, withoutStaleDisruption } from './stale-disruption.ts';

/** deletionTimeout: a granted eviction that did not delete its pod is forgotten after this time, seconds. */
const deletionTimeoutSeconds = 120;

/** Entries of one group of Go's maps. */
const mapSlots = 8;

/** Before the keys of pods, in a queue of budgets. */
const stalePrefix = 'pod ';

export const disruption: ControllerDefinition = {
  name: 'disruption-controller',
  description: 'counts how many pods of each PodDisruptionBudget may be evicted',
  eventSource: 'controllermanager',
  workers: 1,
  create: (context) => new DisruptionController(context),
};

class DisruptionController implements Controller {
  private readonly context: ControllerContext;
  private readonly selectors = new Selectors();
  private readonly keysByNamespace = new Map<string, Set<string>>();
  /** Pods of namespaces with a budget, by their slot in the informer. */
  private readonly podsByNamespace = new Map<string, Set<number>>();

  constructor(context: ControllerContext) {
    this.context = context;
  }

  watch(): void {
    for (const kind of ['ReplicaSet', 'Deployment', 'StatefulSet', 'ReplicationController'] as const)
      this.context.informer(kind);
    this.context.informer('PodDisruptionBudget').onChange((before, after) => this.onBudget(before, after));
    this.context.informer('Pod').onChange(
      (before, after, slot) => this.onPod(before, after, slot),
      (before, after) =>
        this.podsByNamespace.has((after ?? before)!.metadata.namespace) ||
        (after !== undefined && staleDisruptionAt(after) !== undefined),
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    if (key.startsWith(stalePrefix)) return yield* this.clearStale(key.slice(stalePrefix.length));
    const budget = this.budgetOf(key);
    if (budget === undefined) return synced;
    const pods = this.podsOf(budget);
    if (pods.length === 0) tell(this.context, budget, 'Normal', 'NoPods', 'No matching pods found');
    const expected = this.expectedOf(budget, pods);
    if (typeof expected === 'string') return yield* this.failSafe(budget, expected);
    const disruptedPods = this.disruptedPods(budget, pods);
    const isHealthy = (pod: Pod): boolean =>
      pod.metadata.deletionTimestamp === undefined && !disruptedPods.has(pod.metadata.name) && isPodReady(pod);
    const currentHealthy = pods.filter(isHealthy).length;
    const { expectedPods, desiredHealthy } = expected;
    const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
    const counts = { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, disruptedPods };
    const condition =
      disruptionsAllowed > 0 ? this.condition('True', 'SufficientPods') : this.condition('False', 'InsufficientPods');
    return yield* this.write(budget, this.withCondition(budget, counts, condition));
  }

  private onBudget(before: PodDisruptionBudget | undefined, after: PodDisruptionBudget | undefined): void {
    const { namespace } = (after ?? before)!.metadata;
    const key = podKey((after ?? before)!);
    const keys = this.keysByNamespace.get(namespace) ?? new Set<string>();
    if (after === undefined) keys.delete(key);
    else keys.add(key);
    if (keys.size === 0) this.forgetNamespace(namespace);
    else {
      this.keysByNamespace.set(namespace, keys);
      this.watchNamespace(namespace);
    }
    if (after !== undefined) this.context.enqueue(key);
  }

  private forgetNamespace(namespace: string): void {
    this.keysByNamespace.delete(namespace);
    this.podsByNamespace.delete(namespace);
  }

  private watchNamespace(namespace: string): void {
    if (this.podsByNamespace.has(namespace)) return;
    const slots = new Set<number>();
    for (const [slot, pod] of this.context.informer('Pod').entries())
      if (pod.metadata.namespace === namespace) slots.add(slot);
    this.podsByNamespace.set(namespace, slots);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined, slot: number): void {
    const { namespace } = (after ?? before)!.metadata;
    const staleAt = after && staleDisruptionAt(after);
    if (staleAt !== undefined) this.context.enqueueAfter(stalePrefix + podKey(after!), this.until(staleAt));
    const slots = this.podsByNamespace.get(namespace);
    if (slots === undefined) return;
    if (after === undefined) slots.delete(slot);
    else slots.add(slot);
    const pod = (after ?? before)!;
    const budgets = this.budgetsFor(pod);
    if (budgets.length === 0) return;
    const chosen = this.chosenOf(budgets);
    if (budgets.length > 1) {
      const { name } = pod.metadata;
      const text = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${chosen.metadata.name}" arbitrarily.`;
      tell(this.context, pod, 'Warning', 'MultiplePodDisruptionBudgets', text);
    }
    this.context.enqueue(podKey(chosen));
  }

  /**
   * Upstream takes the first that it meets in a map of Go. One of up to eight entries is walked from a random one of eight slots, filled
   * in the order of insertion: the first budget is met first unless the walk begins at another one.
   */
  private chosenOf(budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget {
    if (budgets.length === 1) return budgets[0]!;
    const slots = Math.max(mapSlots, budgets.length);
    return budgets[Math.floor(this.context.random('budget').double() * slots)] ?? budgets[0]!;
  }

  private until(seconds: number): number {
    return Math.max(0, seconds * SECOND - this.context.now);
  }

  private *clearStale(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const pod = this.context.informer('Pod').get(key.slice(0, slash), key.slice(slash + 1));
    const staleAt = pod && staleDisruptionAt(pod);
    if (pod === undefined || staleAt === undefined) return synced;
    if (this.until(staleAt) > 0) return { requeueAfterUs: this.until(staleAt) };
    const { namespace, name, uid } = pod.metadata;
    const response = yield* send(
      patchStatusRequest('Pod', namespace, name, withoutStaleDisruption, this.context.nowSeconds, uid),
    );
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  /** The budgets of a pod, in the order in which they came. */
  private budgetsFor(pod: Pod): readonly PodDisruptionBudget[] {
    return [...(this.keysByNamespace.get(pod.metadata.namespace) ?? [])].flatMap((key) => {
      const budget = this.budgetOf(key);
      return budget !== undefined && this.selectors.of(budget.spec.selector)(pod.metadata.labels) ? [budget] : [];
    });
  }

  private budgetOf(key: string): PodDisruptionBudget | undefined {
    const slash = key.indexOf('/');
    return this.context.informer('PodDisruptionBudget').get(key.slice(0, slash), key.slice(slash + 1));
  }

  private podsOf({ metadata, spec }: PodDisruptionBudget): readonly Pod[] {
    const matches = this.selectors.of(spec.selector);
    const pods: Pod[] = [];
    for (const slot of this.podsByNamespace.get(metadata.namespace) ?? []) {
      const pod = this.context.informer('Pod').bySlot(slot);
      if (pod?.metadata.namespace === metadata.namespace && matches(pod.metadata.labels)) pods.push(pod);
    }
    return pods;
  }

  /** How many pods there should be and how many of them have to be healthy; a text says why that is not known. */
  private expectedOf(
    budget: PodDisruptionBudget,
    pods: readonly Pod[],
  ): { readonly expectedPods: number; readonly desiredHealthy: number } | string {
    const { minAvailable, maxUnavailable } = budget.spec;
    if (minAvailable !== undefined && 'count' in minAvailable)
      return { expectedPods: pods.length, desiredHealthy: minAvailable.count };
    const expectedPods = this.scaleOf(budget, pods);
    if (typeof expectedPods === 'string') return expectedPods;
    if (minAvailable !== undefined)
      return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, 'up') };
    if (maxUnavailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
    return {
      expectedPods,
      desiredHealthy: Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, 'up')),
    };
  }

  /** Sum of the wished replicas of all controllers behind the pods; a pod without one adds nothing, and is told of. */
  private scaleOf(budget: PodDisruptionBudget, pods: readonly Pod[]): number | string {
    const scales = new Map<number, number>();
    let isAnyUnmanaged = false;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) {
        isAnyUnmanaged = true;
        continue;
      }
      const scale = this.scaleBehind(pod.metadata.namespace, owner);
      if (scale === undefined) return unscaledText(pod, owner);
      scales.set(scale.uid, scale.replicas);
    }
    if (isAnyUnmanaged) tell(this.context, budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
    let sum = 0;
    for (const replicas of scales.values()) sum += replicas;
    return sum;
  }

  private scaleBehind(
    namespace: string,
    { kind, name, uid }: OwnerReference,
  ): { readonly uid: number; readonly replicas: number } | undefined {
    if (!isScaled(kind)) return undefined;
    const set = this.context.informer(kind).get(namespace, name);
    if (set?.metadata.uid !== uid) return undefined;
    const owner = controllerOf(set);
    const deployment =
      owner?.kind === 'Deployment' ? this.context.informer('Deployment').get(namespace, owner.name) : undefined;
    const { metadata, spec } = deployment ?? set;
    return { uid: metadata.uid, replicas: spec.replicas };
  }

  /** Granted evictions whose pods are still to go; those that take too long are forgotten. */
  private disruptedPods(budget: PodDisruptionBudget, pods: readonly Pod[]): ReadonlyMap<string, number> {
    const { disruptedPods } = budget.status;
    if (disruptedPods.size === 0) return disruptedPods;
    const kept = new Map<string, number>();
    for (const pod of pods) {
      const since = disruptedPods.get(pod.metadata.name);
      if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      const left = since + deletionTimeoutSeconds - this.context.nowSeconds;
      if (left > 0) {
        kept.set(pod.metadata.name, since);
        this.context.enqueueAfter(podKey(budget), left * SECOND);
      } else {
        // As upstream, which names the namespace in place of the budget.
        const { namespace } = budget.metadata;
        const text = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
        tell(this.context, pod, 'Warning', 'NotDeleted', text);
      }
    }
    return kept;
  }

  private withCondition(
    { metadata, status }: PodDisruptionBudget,
    counts: Omit<PodDisruptionBudgetStatus, 'observedGeneration' | 'conditions'>,
    condition: Condition,
  ): PodDisruptionBudgetStatus {
    const present = status.conditions.find(({ type }) => type === condition.type);
    const isSame =
      present?.status === condition.status &&
      present.reason === condition.reason &&
      present.message === condition.message;
    const others = status.conditions.filter((other) => other !== present);
    const conditions = isSame ? status.conditions : [...others, condition];
    return { ...counts, observedGeneration: metadata.generation, conditions };
  }

  private condition(status: Condition['status'], reason: string, message = ''): Condition {
    return { type: 'DisruptionAllowed', status, reason, message, lastTransitionTime: this.context.nowSeconds };
  }

  private *write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Step<SyncResult> {
    if (isSameStatus(status, budget.status)) return synced;
    const response = yield* send(updateStatusRequest('PodDisruptionBudget', { ...budget, status }));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  /** What cannot be counted allows nothing. */
  private *failSafe(budget: PodDisruptionBudget, message: string): Step<SyncResult> {
    tell(
      this.context,
      budget,
      'Warning',
      'CalculateExpectedPodCountFailed',
      `Failed to calculate the number of expected pods: ${message}`,
    );
    // Upstream has not observed this generation, and tries again only where the write fails.
    const { observedGeneration } = budget.status;
    const counts = { ...budget.status, disruptionsAllowed: 0 };
    const status = this.withCondition(budget, counts, this.condition('False', 'SyncFailed', message));
    return yield* this.write(budget, { ...status, observedGeneration });
  }
}

function isScaled(kind: string): kind is 'ReplicaSet' | 'StatefulSet' | 'ReplicationController' {
  return kind === 'ReplicaSet' || kind === 'StatefulSet' || kind === 'ReplicationController';
}

/** The controller is gone, or is of a kind that has no replicas to wish for. */
function unscaledText({ metadata }: Pod, { kind }: OwnerReference): string {
  return kind === 'Job' || kind === 'DaemonSet'
    ? `${resourceName(kind)} does not implement the scale subresource`
    : `found no controllers for pod "${metadata.name}"`;
}

function unmanagedText({ spec }: PodDisruptionBudget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec.selector)}) were found to be unmanaged. ` +
    'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

function isSameStatus(a: PodDisruptionBudgetStatus, b: PodDisruptionBudgetStatus): boolean {
  return semanticEqual({ ...a, disruptedPods: [...a.disruptedPods] }, { ...b, disruptedPods: [...b.disruptedPods] });
}
