/** One row per workload: how available it was; and its ready pods over time. */
import type { DaemonSet, Deployment, ReplicaSet, ReplicationController, StatefulSet } from '../api/apps-v1.ts';
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import type { PodDisruptionBudget } from '../api/policy-v1.ts';
import type { MachineState } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import { Availability } from './availability.ts';
import { BudgetLevels } from './budget-levels.ts';
import { Integrals } from './integrals.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column } from './metric.ts';
import { distributionFigures } from './percentiles.ts';
import type { StepSeries } from './steps.ts';
import { Steps, stepColumns } from './steps.ts';
import type { WorkloadListener } from './workload-ledger.ts';
import { jobOutcome, WorkloadLedger } from './workload-ledger.ts';

/** What is meant to be available all the time: everything but Jobs. */
const serviceKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
]);

type ServiceObject = Deployment | ReplicaSet | ReplicationController | StatefulSet | DaemonSet;

/** One of them. */
interface Service {
  readonly availability: Availability;
  readonly desiredGauge: number;
  readonly readyGauge: number;
  /** The last wish before the workload was removed. */
  desired: number;
}

class WorkloadsMetric implements Metric, StepSeries, WorkloadListener {
  private readonly run: RunDescription;
  private readonly ledger = new WorkloadLedger(this);
  private readonly budgets = new BudgetLevels();
  private readonly integrals = new Integrals();
  private readonly services = new Map<number, Service>();
  /** Pods that a Job shall run in all, by owner. */
  private readonly jobPods = new Map<number, number>();
  private readonly restarts: number[] = [];
  private readonly missingUs: number[] = [];
  private readonly steps: Steps;
  private readonly seriesRows: Row[] = [];
  private jobsCompleted = 0;
  private jobsFailed = 0;
  private end = 0;

  constructor(run: RunDescription) {
    this.run = run;
    this.steps = new Steps(run, this);
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind === 'PodDisruptionBudget') return this.budgetCommitted(before, after);
    if (kind !== 'Pod' && kind !== 'Job' && !serviceKinds.has(kind)) return;
    this.steps.advance(this.run.engineNow());
    if (kind === 'Job') this.jobCommitted(before as Job | undefined, after as Job | undefined);
    if (after !== undefined && serviceKinds.has(kind))
      this.noteTemplate(after as ServiceObject, before as ServiceObject);
    this.ledger.committed(kind, slot, before, after);
    if (after !== undefined || kind === 'Pod' || kind === 'Job') return;
    this.removed(before as ServiceObject);
  }

  machineChanged(nodeName: string, state: MachineState): void {
    this.steps.advance(this.run.engineNow());
    this.ledger.machineChanged(nodeName, state);
  }

  containerStarted(pod: Pod, _containerIndex: number, restartCount: number): void {
    const owner = restartCount > 0 ? this.ledger.owners.controllerIndex(pod) : -1;
    if (owner < 0) return;
    const top = this.ledger.owners.top(owner);
    this.restarts[top] = (this.restarts[top] ?? 0) + 1;
  }

  workloadChanged(owner: number): void {
    const { kind } = this.ledger.owners.nameAt(owner);
    if (!serviceKinds.has(kind)) return;
    const now = this.run.engineNow();
    const service = this.services.get(owner) ?? this.addService(owner, now);
    if (service.availability.removedAt >= 0) return;
    const desired = this.ledger.desired[owner]!;
    const ready = this.ledger.ready[owner]!;
    this.integrals.set(service.desiredGauge, desired, now);
    this.integrals.set(service.readyGauge, ready, now);
    service.availability.update(desired, ready, now, this.missingUs);
    const level = this.budgets.levelOf(owner, desired);
    service.availability.updateBudget(level === undefined ? undefined : ready < level, now);
  }

  finish(now: number): void {
    this.end = now;
    this.steps.finish(now);
    for (const [owner, service] of this.services) {
      if (service.availability.removedAt < 0) this.close(owner, service, now);
    }
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'workloads',
        description:
          'One row per Deployment, StatefulSet, DaemonSet, ReplicaSet without a Deployment, and Job, in order of appearance. ' +
          'Ready pods are pods with condition Ready that are not being deleted, on machines that have power. Availability counts from the first time ' +
          'that all desired pods were ready; a workload that never got there counts as unavailable from its creation on.',
        columns,
        rows: { [Symbol.iterator]: () => this.rows() },
      },
      {
        name: 'workload_timeseries',
        description: 'Time-weighted means over steps of the run, per workload that is no Job.',
        columns: seriesColumns,
        rows: this.seriesRows,
      },
    ];
  }

  figures(): Figures {
    const services = [...this.services];
    const ratios = services
      .map(([, { availability }]) => availability.ratio(this.end))
      .filter((ratio) => ratio !== undefined);
    const below = services.filter(([owner, { availability }]) => {
      return availability.removedAt < 0 && this.ledger.isBelow(owner);
    });
    const longest = services.map(([, { availability }]) => availability.longestOutageUs);
    const figures = new Map<string, number>([
      ['workloads.below.desired', below.length],
      ['jobs.completed', this.jobsCompleted],
      ['jobs.failed', this.jobsFailed],
      ...distributionFigures('pods.unavailable', this.missingUs.length > 0 ? this.missingUs : [0]),
    ]);
    if (ratios.length === 0) return figures;
    figures.set(
      'availability.min',
      ratios.reduce((least, ratio) => Math.min(least, ratio)),
    );
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    figures.set('availability.mean', mean).set('unavailability.mean', 1 - mean);
    return figures.set(
      'outage.max',
      longest.reduce((most, us) => Math.max(most, us)),
    );
  }

  private addService(owner: number, now: number): Service {
    const desiredGauge = this.integrals.open(now);
    const readyGauge = this.integrals.open(now);
    const service = { availability: new Availability(now), desiredGauge, readyGauge, desired: 0 };
    this.services.set(owner, service);
    return service;
  }

  private noteTemplate(object: ServiceObject, before: ServiceObject | undefined): void {
    if (before?.spec.template === object.spec.template) return;
    const { namespace } = object.metadata;
    this.budgets.workload(this.ledger.owners.indexOf(object), namespace, object.spec.template.labels);
  }

  private budgetCommitted(before: ApiObject | undefined, after: ApiObject | undefined): void {
    const old = before as PodDisruptionBudget | undefined;
    const budget = after as PodDisruptionBudget | undefined;
    if (old?.spec === budget?.spec) return;
    this.budgets.committed(old, budget);
    for (const owner of this.services.keys()) this.workloadChanged(owner);
  }

  private removed(object: ServiceObject): void {
    const owner = this.ledger.owners.indexOf(object);
    const service = this.services.get(owner);
    if (service === undefined) return;
    const now = this.run.engineNow();
    service.desired = this.lastWish(object);
    service.availability.finish(service.desired, 0, now, this.missingUs);
    service.availability.removedAt = now;
    this.integrals.set(service.readyGauge, 0, now);
  }

  private lastWish(object: ServiceObject): number {
    return 'replicas' in object.spec ? object.spec.replicas : (object as DaemonSet).status.desiredNumberScheduled;
  }

  private close(owner: number, service: Service, now: number): void {
    const desired = this.ledger.desired[owner]!;
    service.desired = desired;
    service.availability.finish(desired, this.ledger.ready[owner]!, now, this.missingUs);
  }

  private jobCommitted(before: Job | undefined, after: Job | undefined): void {
    if (after === undefined) return;
    const { completions, parallelism } = after.spec;
    this.jobPods.set(this.ledger.owners.indexOf(after), completions ?? parallelism);
    if (after.status === before?.status) return;
    const outcome = jobOutcome(after);
    if (outcome === undefined || (before !== undefined && jobOutcome(before) !== undefined)) return;
    if (outcome === 'Complete') this.jobsCompleted++;
    else this.jobsFailed++;
  }

  seriesCount(): number {
    return this.services.size;
  }

  closeStep(start: number, length: number): void {
    const end = start + length;
    for (const [owner, { availability, desiredGauge, readyGauge }] of this.services) {
      const desired = this.integrals.closeStep(desiredGauge, end) / length;
      const ready = this.integrals.closeStep(readyGauge, end) / length;
      const isGone = availability.removedAt >= 0 && availability.removedAt <= start;
      if (isGone || availability.createdAt >= end) continue;
      const { namespace, kind, name } = this.ledger.owners.nameAt(owner);
      this.seriesRows.push([start, length, namespace, kind, name, desired, ready]);
    }
  }

  private *rows(): Generator<Row> {
    const { owners, podsCreated } = this.ledger;
    for (let owner = 0; owner < owners.size; owner++) {
      const service = this.services.get(owner);
      const jobPods = this.jobPods.get(owner);
      if (service === undefined && jobPods === undefined) continue;
      const { namespace, kind, name } = owners.nameAt(owner);
      yield [
        ...[namespace, kind, name, service?.desired ?? jobPods],
        ...(service === undefined ? serviceBlanks : this.serviceCells(service)),
        ...[this.restarts[owner] ?? 0, podsCreated[owner]!],
      ];
    }
  }

  private serviceCells({ availability, readyGauge }: Service): Row {
    const end = availability.removedAt < 0 ? this.end : availability.removedAt;
    const lifetime = end - availability.createdAt;
    return [
      lifetime > 0 ? this.integrals.total(readyGauge) / lifetime : undefined,
      availability.ratio(this.end),
      ...[availability.unavailableUs, availability.longestOutageUs, availability.outages, availability.noneReadyUs],
      availability.hasBudget ? availability.belowBudgetUs : undefined,
    ];
  }
}

const serviceBlanks: Row = Array.from({ length: 7 }, () => undefined);

const columns = [
  column('namespace', 'string', 'Namespace of the workload.'),
  column('kind', 'string', 'Deployment, StatefulSet, DaemonSet, ReplicaSet or Job.'),
  column('workload', 'string', 'Name of the workload.'),
  column('desired', 'integer', 'Pods wished at the end of the run, or when it was removed; completions of a Job.'),
  column('ready_timeavg', 'number', 'Ready pods, time-weighted mean while the workload existed; missing for Jobs.'),
  column(
    'availability_ratio',
    'number',
    'Share of time with at least as many ready pods as desired, from the first time that was so; missing for Jobs and for ' +
      'what never wished a pod.',
  ),
  column('unavailable_s', 'seconds', 'Time with fewer ready pods than desired, counted as for availability_ratio.'),
  column('longest_outage_s', 'seconds', 'The longest uninterrupted part of that time.'),
  column('outages', 'integer', 'Number of such parts.'),
  column('none_ready_s', 'seconds', 'Time without any ready pod while at least one was desired.'),
  column(
    'below_budget_s',
    'seconds',
    'Time with fewer ready pods than its PodDisruptionBudget wants to keep; missing where no budget selects its pods.',
  ),
  column('restarts', 'integer', 'Restarts of containers of its pods.'),
  column('pods_created', 'integer', 'Pods that were created for it.'),
];

const seriesColumns = [
  ...stepColumns,
  column('namespace', 'string', 'Namespace of the workload.'),
  column('kind', 'string', 'Kind of the workload.'),
  column('workload', 'string', 'Name of the workload.'),
  column('desired', 'number', 'Replicas wished, time-weighted mean over the step; 0 while the workload did not exist.'),
  column('ready_timeavg', 'number', 'Ready pods, time-weighted mean over the step.'),
];

/** The tables `workloads` and `workload_timeseries`, and figures on availability and Jobs. */
export const workloadsMetric: MetricDefinition = {
  name: 'workloads',
  description: 'Availability, outages, time below the disruption budget, restarts and ready pods of each workload.',
  create: (run) => new WorkloadsMetric(run),
};
