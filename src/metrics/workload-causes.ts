/** What was last decided about each workload, as numbers of facts: why its controller makes or removes pods. */
import type { Deployment, ReplicaSet, StatefulSet } from '../api/apps-v1.ts';
import type { Job } from '../api/batch-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, Uid } from '../api/meta-v1.ts';
import { controllerOf, labelValue } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { CauseLog } from './cause-log.ts';
import { noCause } from './cause-log.ts';
import { jobOutcome } from './workload-ledger.ts';

/** Numbers of the last facts about one workload; -1 = none. */
interface WorkloadFacts {
  template: number;
  scale: number;
  removal: number;
  /** Suspended, failed, complete. */
  state: number;
}

const kinds: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

type Scaled = Deployment | ReplicaSet | StatefulSet;

/** Follows workloads and notes changes of what they wish. Workloads that never change take no room. */
export class WorkloadCauses {
  private readonly log: CauseLog;
  private readonly now: () => number;
  private readonly workloads = new Map<Uid, WorkloadFacts>();
  /** The newest ReplicaSet of a Deployment that has had several. */
  private readonly newestOf = new Map<Uid, Uid>();
  private readonly namespaces = new Map<string, number>();
  /** Jobs with a deadline that have begun. */
  private readonly timed = new Map<Uid, Job>();
  private readonly templateChanges = new Set<number>();

  constructor(log: CauseLog, now: () => number) {
    this.log = log;
    this.now = now;
  }

  /** The removal of a namespace; -1 = it is there. */
  namespaceRemoval(name: string): number {
    return this.namespaces.get(name) ?? noCause;
  }

  /** Why a workload changed last, whatever that was; -1 = it never did. */
  lastOf(uid: Uid): number {
    const facts = this.workloads.get(uid);
    if (facts === undefined) return noCause;
    if (facts.removal !== noCause) return facts.removal;
    return Math.max(facts.template, facts.scale, facts.state);
  }

  /** The removal of a workload; -1 = it is there. */
  removalOf(uid: Uid): number {
    return this.workloads.get(uid)?.removal ?? noCause;
  }

  /** What a Job ends its pods by: it does so before its conditions say why. */
  jobRule(uid: Uid): string {
    const { spec, status } = this.timed.get(uid) ?? {};
    const seconds = spec?.activeDeadlineSeconds ?? Infinity;
    const isLate = status !== undefined && this.now() >= (status.startTime + seconds) * SECOND;
    return isLate ? `activeDeadlineSeconds ${seconds} of the Job` : 'policies of the Job';
  }

  /** Whether a fact goes back to a new template. */
  isRollout(id: number): boolean {
    return id !== noCause && this.templateChanges.has(this.log.at(id).first);
  }

  /** Notes what changed; gives the number of the last fact noted, -1 where nothing was. */
  committed<K extends Kind>(
    kind: K,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
    by: string,
  ): number {
    if (kind === 'Namespace') return this.namespaceCommitted(before, after, by);
    if (!kinds.has(kind)) return noCause;
    if (kind === 'ReplicaSet' && after !== undefined && isNewRevision(before, after))
      this.noteNewest(after as ReplicaSet);
    if (kind === 'Job') this.noteDeadline((after ?? before) as Job, after === undefined);
    if (before === undefined) return noCause;
    const isGoing = after === undefined || after.metadata.deletionTimestamp !== undefined;
    if (isGoing) return before.metadata.deletionTimestamp === undefined ? this.removed(before, by) : noCause;
    if (kind === 'Job') return this.jobChanged(before as Job, after as Job, by);
    return kind === 'CronJob' ? noCause : this.specChanged(before as Scaled, after as Scaled, by);
  }

  private namespaceCommitted(before: ApiObject | undefined, after: ApiObject | undefined, by: string): number {
    const isGoing = after === undefined || after.metadata.deletionTimestamp !== undefined;
    if (before === undefined || !isGoing || before.metadata.deletionTimestamp !== undefined) return noCause;
    const id = this.note(before, 'removal', by, 'deleted', noCause);
    this.namespaces.set(before.metadata.name, id);
    return id;
  }

  /** What held no pods any more is cleared away without consequences. */
  private removed(object: ApiObject, by: string): number {
    const isEmpty =
      (object.kind === 'ReplicaSet' && (object as ReplicaSet).spec.replicas === 0) ||
      (object.kind === 'Job' && jobOutcome(object as Job) !== undefined);
    if (isEmpty) return noCause;
    const owner = controllerOf(object);
    const cause = owner === undefined ? this.namespaceRemoval(object.metadata.namespace) : this.lastOf(owner.uid);
    const facts = this.factsOf(object);
    facts.removal = this.note(object, 'removal', by, 'deleted', cause);
    return facts.removal;
  }

  private noteDeadline(job: Job, isGone: boolean): void {
    const { metadata, spec, status } = job;
    if (spec.activeDeadlineSeconds === undefined) return;
    if (isGone || status.startTime < 0) this.timed.delete(metadata.uid);
    else this.timed.set(metadata.uid, job);
  }

  private jobChanged(before: Job, after: Job, by: string): number {
    if (before.spec.suspend !== after.spec.suspend) {
      const facts = this.factsOf(after);
      facts.state = this.note(after, 'change', by, after.spec.suspend ? 'suspended' : 'resumed', noCause);
      return facts.state;
    }
    if (before.status.conditions === after.status.conditions) return noCause;
    const isNew = after.status.conditions.find(
      ({ type, status, reason }) =>
        status === 'True' &&
        endingConditions.has(type) &&
        reason !== 'CompletionsReached' &&
        !before.status.conditions.some((old) => old.type === type && old.status === 'True'),
    );
    if (isNew === undefined) return noCause;
    const facts = this.factsOf(after);
    facts.state = this.note(after, 'change', by, `${isNew.type}: ${isNew.reason}`, noCause);
    return facts.state;
  }

  private specChanged(before: Scaled, after: Scaled, by: string): number {
    if (before.spec === after.spec) return noCause;
    let last = noCause;
    const owner = controllerOf(after);
    if (before.spec.template !== after.spec.template && after.kind !== 'ReplicaSet') {
      const facts = this.factsOf(after);
      facts.template = this.note(after, 'change', by, templateChange(before, after), noCause);
      this.templateChanges.add(facts.template);
      last = facts.template;
    }
    const { replicas } = after.spec;
    if (replicas !== undefined && replicas !== before.spec.replicas) {
      const facts = this.factsOf(after);
      const cause = owner === undefined ? noCause : this.causeOfScaling(owner.uid, after.metadata.uid);
      facts.scale = this.note(after, 'change', by, `scaled from ${before.spec.replicas} to ${replicas}`, cause);
      last = facts.scale;
    }
    return last;
  }

  /** An old ReplicaSet shrinks, and the newest grows, by a rollout; else the Deployment was scaled. */
  private causeOfScaling(owner: Uid, replicaSet: Uid): number {
    const facts = this.workloads.get(owner);
    if (facts === undefined) return noCause;
    const isOld = this.newestOf.get(owner) !== replicaSet;
    return isOld && facts.template !== noCause ? facts.template : Math.max(facts.template, facts.scale);
  }

  private noteNewest(replicaSet: ReplicaSet): void {
    const owner = controllerOf(replicaSet);
    if (owner !== undefined) this.newestOf.set(owner.uid, replicaSet.metadata.uid);
  }

  private note({ kind, metadata }: ApiObject, event: 'change' | 'removal', who: string, what: string, cause: number) {
    const subject = { kind, namespace: metadata.namespace, name: metadata.name };
    return this.log.add(this.now(), { event, who, subject, what, cause });
  }

  private factsOf({ metadata }: ApiObject): WorkloadFacts {
    let facts = this.workloads.get(metadata.uid);
    if (facts === undefined) {
      facts = { template: noCause, scale: noCause, removal: noCause, state: noCause };
      this.workloads.set(metadata.uid, facts);
    }
    return facts;
  }
}

/** Conditions by which a Job stops pods; not those of one that has run all its pods. */
const endingConditions: ReadonlySet<string> = new Set(['Failed', 'FailureTarget', 'SuccessCriteriaMet']);

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** A new ReplicaSet, or an old one that a rollback makes the newest again. */
function isNewRevision(before: ApiObject | undefined, after: ApiObject): boolean {
  if (before === undefined) return true;
  if (before.metadata.annotations === after.metadata.annotations) return false;
  return (
    labelValue(before.metadata.annotations, revisionAnnotation) !==
    labelValue(after.metadata.annotations, revisionAnnotation)
  );
}

function templateChange(before: Scaled, after: Scaled): string {
  const old = before.spec.template.spec.containers;
  const changed = after.spec.template.spec.containers.find(
    ({ name, image }) => !old.some((container) => container.name === name && container.image === image),
  );
  return changed === undefined ? 'new template' : `new template (image ${changed.image})`;
}
