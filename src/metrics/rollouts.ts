/** Rollouts of Deployments: how old pods gave way to new ones. */
import type { Deployment } from '../api/apps-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { Row, Table } from '../record/table.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column } from './metric.ts';
import { rangeFigures } from './percentiles.ts';

/** One new template. Times in microseconds. */
interface Rollout {
  readonly namespace: string;
  readonly name: string;
  /** 1 for the first change of the template. */
  readonly number: number;
  readonly startedAt: number;
  desired: number;
  mostPods: number;
  leastAvailable: number;
  endedAt: number;
  outcome: 'complete' | 'overtaken' | 'deleted' | 'in progress';
  /** Desired, old, updated and available pods, as last noted. */
  counts: readonly number[];
}

/** More rows than this nobody reads. */
const seriesMax = 100_000;

class RolloutsMetric implements Metric {
  private readonly run: RunDescription;
  private readonly rollouts: Rollout[] = [];
  private readonly open = new Map<Uid, Rollout>();
  private readonly counts = new Map<Uid, number>();
  private readonly series: Row[] = [];

  constructor(run: RunDescription) {
    this.run = run;
  }

  committed<K extends Kind>(
    kind: K,
    _slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    if (kind !== 'Deployment' || before === undefined) return;
    const old = before as Deployment;
    const deployment = after as Deployment | undefined;
    const { uid } = old.metadata;
    if (deployment !== undefined && deployment.spec.template !== old.spec.template) this.begin(deployment);
    const rollout = this.open.get(uid);
    if (rollout === undefined) return;
    if (deployment === undefined) return this.end(uid, rollout, 'deleted');
    if (deployment.status !== old.status || deployment.spec !== old.spec) this.note(rollout, deployment);
    if (isComplete(deployment)) this.end(uid, rollout, 'complete');
  }

  finish(): void {
    // What is open stays open: its end is not known.
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'rollouts',
        description: 'One row per change of the template of a Deployment, in order of time.',
        columns,
        rows: this.rollouts.map(rowOf),
      },
      {
        name: 'rollout_progress',
        description: `The replicas of Deployments during rollouts, one row per change; at most ${seriesMax} rows.`,
        columns: seriesColumns,
        rows: this.series,
      },
    ];
  }

  figures(): Figures {
    const complete = this.rollouts.filter(({ outcome }) => outcome === 'complete');
    return new Map([
      ['rollouts.count', this.rollouts.length],
      ['rollouts.complete', complete.length],
      ...rangeFigures(
        'rollouts.duration',
        complete.map(({ startedAt, endedAt }) => endedAt - startedAt),
      ),
    ]);
  }

  private begin(deployment: Deployment): void {
    const { uid, namespace, name } = deployment.metadata;
    const running = this.open.get(uid);
    if (running !== undefined) this.end(uid, running, 'overtaken');
    const number = (this.counts.get(uid) ?? 0) + 1;
    this.counts.set(uid, number);
    const { replicas, availableReplicas } = deployment.status;
    const rollout: Rollout = {
      ...{ namespace, name, number, startedAt: this.run.engineNow(), endedAt: -1, outcome: 'in progress' },
      ...{ desired: deployment.spec.replicas, mostPods: replicas, leastAvailable: availableReplicas },
      counts: [-1],
    };
    this.rollouts.push(rollout);
    this.open.set(uid, rollout);
    // Nothing of it has happened yet: all pods are old ones.
    this.addRow(rollout, [deployment.spec.replicas, replicas, 0, availableReplicas]);
  }

  private note(rollout: Rollout, { spec, status, metadata }: Deployment): void {
    // The status is still that of the template before.
    if (status.observedGeneration < metadata.generation) return;
    const { replicas, updatedReplicas, availableReplicas } = status;
    rollout.desired = spec.replicas;
    rollout.mostPods = Math.max(rollout.mostPods, replicas);
    rollout.leastAvailable = Math.min(rollout.leastAvailable, availableReplicas);
    this.addRow(rollout, [spec.replicas, replicas - updatedReplicas, updatedReplicas, availableReplicas]);
  }

  private addRow(rollout: Rollout, counts: readonly number[]): void {
    if (rollout.counts.every((count, index) => count === counts[index])) return;
    rollout.counts = counts;
    const { namespace, name, number } = rollout;
    if (this.series.length < seriesMax) this.series.push([this.run.engineNow(), namespace, name, number, ...counts]);
  }

  private end(uid: Uid, rollout: Rollout, outcome: Rollout['outcome']): void {
    this.open.delete(uid);
    rollout.outcome = outcome;
    rollout.endedAt = this.run.engineNow();
  }
}

/** As `kubectl rollout status` sees it. */
function isComplete({ spec, status, metadata }: Deployment): boolean {
  return (
    status.observedGeneration >= metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas >= spec.replicas
  );
}

function rowOf(rollout: Rollout): Row {
  const { namespace, name, number, startedAt, endedAt, outcome, desired, mostPods, leastAvailable } = rollout;
  return [
    ...[namespace, name, number, startedAt, endedAt < 0 ? undefined : endedAt, outcome],
    ...[endedAt < 0 ? undefined : endedAt - startedAt, desired, Math.max(0, mostPods - desired), leastAvailable],
  ];
}

const columns = [
  column('namespace', 'string', 'Namespace of the Deployment.'),
  column('workload', 'string', 'Name of the Deployment.'),
  column('rollout', 'integer', 'Number of the rollout of this Deployment, from 1; its creation is none.'),
  column('starts_t_s', 'seconds', 'When the template was changed.'),
  column('ends_t_s', 'seconds', 'When it was over; missing where the run ended before.'),
  column('outcome', 'string', 'complete, overtaken by the next one, deleted, or in progress at the end.'),
  column('duration_s', 'seconds', 'ends_t_s, since the start.'),
  column('desired', 'integer', 'Replicas wished at its end.'),
  column('surge_max', 'integer', 'Most pods above that number.'),
  column('available_min', 'integer', 'Fewest available pods, old and new ones.'),
];

const seriesColumns = [
  column('t_s', 'seconds', 'When the status of the Deployment changed.'),
  column('namespace', 'string', 'Namespace of the Deployment.'),
  column('workload', 'string', 'Name of the Deployment.'),
  column('rollout', 'integer', 'Number of the rollout, as in table rollouts.'),
  column('desired', 'integer', 'Replicas wished.'),
  column('old', 'integer', 'Pods of earlier templates.'),
  column('updated', 'integer', 'Pods of the new template.'),
  column('available', 'integer', 'Available pods, old and new ones.'),
];

/** The tables `rollouts` and `rollout_progress`, and how long rollouts took. */
export const rolloutsMetric: MetricDefinition = {
  name: 'rollouts',
  description: 'Rollouts of Deployments: old, updated and available pods over time, surge, duration.',
  create: (run) => new RolloutsMetric(run),
};
