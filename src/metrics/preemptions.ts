/** One row per preemption that takes victims. */
import type { PreemptionAttempt } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import { float64Column, int32Column } from './columns.ts';
import { Interner } from './interner.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf } from './metric.ts';
import type { PodDirectory } from './pod-directory.ts';

class PreemptionsMetric implements Metric {
  private readonly run: RunDescription;
  private readonly pods: PodDirectory;
  private readonly texts = new Interner();
  private readonly times = float64Column();
  private readonly podRows = int32Column();
  private readonly nodes = int32Column();
  private readonly candidates = int32Column();
  private readonly victims = int32Column();
  private readonly violations = int32Column();
  private count = 0;
  private attempts = 0;
  private victimCount = 0;

  constructor(run: RunDescription, pods: PodDirectory) {
    this.run = run;
    this.pods = pods;
  }

  preemptionAttempt({ preemptor, nodeName, candidates, victims, violations }: PreemptionAttempt): void {
    this.attempts++;
    if (victims.length === 0) return;
    this.victimCount += victims.length;
    const row = this.count++;
    this.times.set(row, this.run.engineNow());
    this.podRows.set(row, this.pods.rowOf(preemptor.metadata.uid));
    this.nodes.set(row, this.texts.indexOf(nodeName));
    this.candidates.set(row, candidates);
    this.victims.set(row, victims.length);
    this.violations.set(row, violations);
  }

  finish(): void {
    // Nothing is open: a preemption is told whole.
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'preemptions',
        description: 'One row per decision to make room for a pod by removing others, in the order of decisions.',
        columns,
        rows: rowsOf(this.count, (row) => this.rowAt(row)),
      },
    ];
  }

  figures(): Figures {
    return new Map([
      ['preemption.attempts', this.attempts],
      ['preemption.victims', this.victimCount],
    ]);
  }

  private rowAt(row: number): Row {
    const { pods } = this;
    const pod = this.podRows.at(row);
    return [
      ...[this.times.at(row), pods.namespaceAt(pod), pods.nameAt(pod), String(pods.uidAt(pod))],
      ...[this.texts.textAt(this.nodes.at(row)), this.candidates.at(row)],
      ...[this.victims.at(row), this.violations.at(row)],
    ];
  }
}

const columns = [
  column('t_s', 'seconds', 'When the decision was taken.'),
  column('namespace', 'string', 'Namespace of the pod that room is made for.'),
  column('pod', 'string', 'Name of that pod.'),
  column('uid', 'string', 'Identity of that pod, never reused within a run.'),
  column('node', 'string', 'The node that the pod is nominated to.'),
  column('candidates', 'integer', 'Nodes on which preemption would have helped, as far as they were tried.'),
  column('victims', 'integer', 'Pods that have to go.'),
  column('pdb_violations', 'integer', 'Of these, those that break a PodDisruptionBudget.'),
];

/** The table `preemptions`, and counts as in `scheduler_preemption_attempts_total` and `scheduler_preemption_victims`. */
export const preemptionsMetric: MetricDefinition = {
  name: 'preemptions',
  description: 'One row per decision to make room for a pod: node, candidates, victims, budgets that are broken.',
  create: (run, pods) => new PreemptionsMetric(run, pods),
};
