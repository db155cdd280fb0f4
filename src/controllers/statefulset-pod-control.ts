/** What is done to a single pod of a StatefulSet and to its claims, and what is told of it (upstream stateful_pod_control.go). */
import type { ApiResponse } from '../apiserver/requests.ts';
import { createRequest, deleteRequest, isSuccess, patchRequest } from '../apiserver/requests.ts';
import type { StatefulSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { MILLISECOND } from '../engine/time.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send, sleep } from './controller.ts';
import { isNamespaceTerminating, podFromParts, tell } from './pod-control.ts';
import type { PodOwners } from './pod-owners.ts';
import { ClaimControl } from './statefulset-claim-control.ts';
import { specWithClaims } from './statefulset-claims.ts';
import type { SetPods } from './statefulset-plan.ts';
import { replicaStep } from './statefulset-plan.ts';
import type { TemplateRevisions } from './template-revisions.ts';
import { revisionLabel } from './template-revisions.ts';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';
const noFinalizers: readonly string[] = [];
/** How long a write that met a conflict waits for its next try, and by which part of it longer at most (client-go retry.DefaultBackoff). */
const conflictDelaysUs = [10 * MILLISECOND, 50 * MILLISECOND, 250 * MILLISECOND];
const conflictJitter = 0.1;

/** What one pass over a set works with. */
export interface Pass {
  readonly pods: SetPods;
  readonly key: string;
  readonly updateRevision: string;
  readonly currentRevision: string;
  /** As the caches show it: what the pass itself makes and deletes is counted when it is heard of. */
  readonly status: StatefulSetStatus;
  /** What went wrong first. */
  failed: string | undefined;
}

/** The pods of all StatefulSets, one at a time. */
export class StatefulPodControl {
  private readonly context: ControllerContext;
  private readonly sets: PodOwners<'StatefulSet'>;
  private readonly revisions: TemplateRevisions;
  private readonly claims: ClaimControl;

  constructor(context: ControllerContext, sets: PodOwners<'StatefulSet'>, revisions: TemplateRevisions) {
    this.context = context;
    this.sets = sets;
    this.revisions = revisions;
    this.claims = new ClaimControl(context);
  }

  /** Makes the pod of a place, unless a claim is still that of its forerunner. */
  *create(pass: Pass, at: number): Step<void> {
    const { set } = pass.pods;
    const pod = this.newPod(pass, at);
    if (this.claims.isStale(set, pod)) return;
    const isMade = yield* this.createOne(pass, pod);
    if (isMade && set.spec.podManagementPolicy === 'Parallel') yield* this.enforceOwners(pass, pod);
  }

  /** What claims still need of which the pod is there: a pod that has not started may lack some, and the policy may be another. */
  *seeToClaims(pass: Pass, pod: Pod | undefined): Step<void> {
    const { pods } = pass;
    if (pod === undefined || pods.set.spec.volumeClaimTemplates.length === 0 || isPodTerminal(pod)) return;
    const isPending = pod.status.phase === 'Pending';
    if (isPending && !(yield* this.completeClaims(pass, pod))) return;
    const isHeldUp = pods.set.spec.podManagementPolicy === 'OrderedReady' && replicaStep(pods, pod) !== 'none';
    if (!isHeldUp) yield* this.enforceOwners(pass, pod);
  }

  *release(pass: Pass, pod: Pod): Step<void> {
    const { set } = pass.pods;
    if (this.claims.areOwned(set, pod, true)) return;
    const { problem } = yield* this.claims.retain(set, pod, true);
    pass.failed ??= problem;
  }

  /** Whether it went. */
  *delete(pass: Pass, { metadata }: Pod): Step<boolean> {
    const { set } = pass.pods;
    const response = yield* send(deleteRequest('Pod', metadata.namespace, metadata.name));
    const text = `Delete Pod ${metadata.name} in StatefulSet ${set.metadata.name}`;
    if (isSuccess(response)) {
      this.sets.wrotePod(pass.key, response);
      tell(this.context, set, 'Normal', 'SuccessfulDelete', `${text} successful`);
      return true;
    }
    if (response.code === 'NotFound') return false;
    pass.failed ??= response.message;
    tell(this.context, set, 'Warning', 'FailedDelete', `${text} failed error: ${response.message}`);
    return false;
  }

  /** Upstream CreateStatefulPod. Whether the pod was made and its claims have their owners, as far as the cache shows claims. */
  private *createOne(pass: Pass, pod: Pod): Step<boolean> {
    const { set } = pass.pods;
    let problem = yield* this.claims.create(set, pod.metadata.name);
    if (problem !== undefined) {
      this.fail(pass, pod, 'Create', problem);
      return false;
    }
    const response = yield* send(createRequest('Pod', pod));
    if (response.code !== 'AlreadyExists') problem = (yield* this.claims.retain(set, pod, false)).problem;
    if (problem === undefined) this.hearCreation(pass, pod, response);
    else this.fail(pass, pod, 'Update', problem);
    return problem === undefined && isSuccess(response);
  }

  /** Whether a pod that has not started has all its claims, with their owners. */
  private *completeClaims(pass: Pass, pod: Pod): Step<boolean> {
    const { set } = pass.pods;
    const missing = yield* this.claims.create(set, pod.metadata.name);
    pass.failed ??= missing;
    if (missing !== undefined) return false;
    const { problem } = yield* this.claims.retain(set, pod, false);
    if (problem !== undefined) this.fail(pass, pod, 'Update', problem);
    return problem === undefined;
  }

  /**
   * Upstream UpdateStatefulPod: claims that the cache shows with other owners are written, and the pod with them. Each conflict is told
   * of, also one with the own write that the cache does not show yet; some are tried again at once.
   */
  private *enforceOwners(pass: Pass, pod: Pod): Step<void> {
    const { set } = pass.pods;
    for (const delayUs of [...conflictDelaysUs, undefined]) {
      if (this.claims.areOwned(set, pod, false)) return;
      const { isChanged, problem, isConflict } = yield* this.claims.retain(set, pod, false);
      if (problem === undefined) return isChanged ? yield* this.updatePod(pass, pod) : undefined;
      this.tellFailed(pass, pod, 'Update', problem);
      if (!isConflict || delayUs === undefined) return void (pass.failed ??= problem);
      yield* sleep(Math.round(delayUs * (1 + conflictJitter * this.context.random('conflict').double())));
    }
  }

  /** Upstream writes the pod of claims that have changed, as it is, and tells of it. */
  private *updatePod({ pods: { set } }: Pass, { metadata }: Pod): Step<void> {
    yield* send(patchRequest('Pod', metadata.namespace, metadata.name, (pod) => pod));
    const text = `Update Pod ${metadata.name} in StatefulSet ${set.metadata.name} successful`;
    tell(this.context, set, 'Normal', 'SuccessfulUpdate', text);
  }

  private hearCreation(pass: Pass, pod: Pod, response: ApiResponse<Pod>): void {
    const { set } = pass.pods;
    if (!isSuccess(response)) {
      // Of a pod that is there already the next look will know more.
      if (response.code === 'AlreadyExists' || isNamespaceTerminating(response)) pass.failed ??= response.message;
      else this.fail(pass, pod, 'Create', response.message);
      return;
    }
    this.sets.wrotePod(pass.key, response);
    const text = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    tell(this.context, set, 'Normal', 'SuccessfulCreate', text);
  }

  private fail(pass: Pass, pod: Pod, verb: 'Create' | 'Update', problem: string): void {
    pass.failed ??= problem;
    this.tellFailed(pass, pod, verb, problem);
  }

  private tellFailed({ pods: { set } }: Pass, pod: Pod, verb: 'Create' | 'Update', problem: string): void {
    const text = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${problem}`;
    tell(this.context, set, 'Warning', `Failed${verb}`, text);
  }

  /** The pod of a place, counted from the first ordinal; those before the partition keep the current revision. */
  private newPod({ pods: { set }, currentRevision, updateRevision }: Pass, index: number): Pod {
    const { metadata, spec } = set;
    const ordinal = spec.firstOrdinal + index;
    const isKept = spec.updateStrategy.type === 'RollingUpdate' && index < spec.updateStrategy.partition;
    const kept = isKept ? this.revisions.templateOf(set, currentRevision) : undefined;
    const template = kept ?? spec.template;
    const name = `${metadata.name}-${ordinal}`;
    const labels = labelsOf(
      new Map([
        ...sortedLabels(template.labels),
        [podNameLabel, name],
        [podIndexLabel, String(ordinal)],
        [revisionLabel, kept === undefined ? updateRevision : currentRevision],
      ]),
    );
    const claimed = specWithClaims(set, template.spec, name);
    const whole = claimed === template.spec ? template : { ...template, spec: claimed };
    const parts = { template: whole, ownerReferences: this.sets.references.of(set), finalizers: noFinalizers };
    return podFromParts(parts, metadata.namespace, name, labels);
  }
}
