/** One row per try of the scheduler. */
import type { RefusalCount, SchedulingAttempt } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import { float64Column, int32Column, uint8Column } from './columns.ts';
import { Interner } from './interner.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, podColumns, rowsOf, textCell } from './metric.ts';
import type { PodDirectory } from './pod-directory.ts';

const results = ['scheduled', 'unschedulable', 'error'] as const;
const resultScheduled = 0;

class SchedulingAttemptsMetric implements Metric {
  private readonly run: RunDescription;
  private readonly pods: PodDirectory;
  private readonly texts = new Interner();
  private readonly podRows = int32Column();
  private readonly times = float64Column();
  private readonly numbers = int32Column();
  private readonly results = uint8Column();
  private readonly nodes = int32Column();
  private readonly evaluated = int32Column();
  private readonly feasible = int32Column();
  private readonly scores = float64Column();
  private readonly ties = int32Column();
  private readonly durations = float64Column();
  private readonly profiles = int32Column();
  private readonly messages = int32Column();
  /** One row per attempt, plugin and reason. */
  private readonly refusedRows = int32Column();
  private readonly refusingPlugins = int32Column();
  private readonly reasons = int32Column();
  private readonly refusedNodes = int32Column();
  private refusalCount = 0;
  private readonly counts = results.map(() => 0);
  private count = 0;

  constructor(run: RunDescription, pods: PodDirectory) {
    this.run = run;
    this.pods = pods;
  }

  schedulingAttempt(attempt: SchedulingAttempt): void {
    const row = this.count++;
    const result = results.indexOf(attempt.result);
    this.counts[result]!++;
    this.times.set(row, this.run.engineNow());
    this.podRows.set(row, this.pods.rowOf(attempt.pod.metadata.uid));
    this.numbers.set(row, attempt.attempt);
    this.results.set(row, result);
    this.nodes.set(row, this.texts.indexOf(attempt.nodeName));
    this.evaluated.set(row, attempt.evaluatedNodes);
    this.feasible.set(row, attempt.feasibleNodes);
    this.scores.set(row, attempt.score);
    this.ties.set(row, attempt.ties);
    this.durations.set(row, attempt.durationUs);
    this.profiles.set(row, this.texts.indexOf(attempt.profile));
    this.messages.set(row, this.texts.indexOf(attempt.message));
    for (const refusal of attempt.refusals) this.refused(row, refusal);
  }

  private refused(row: number, { plugin, reason, nodes }: RefusalCount): void {
    const at = this.refusalCount++;
    this.refusedRows.set(at, row);
    this.refusingPlugins.set(at, this.texts.indexOf(plugin));
    this.reasons.set(at, this.texts.indexOf(reason));
    this.refusedNodes.set(at, nodes);
  }

  finish(): void {
    // Nothing is open: attempts are told when their outcome is known.
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'scheduling_attempts',
        description: 'One row per scheduling attempt, in the order of outcomes.',
        columns,
        rows: rowsOf(this.count, (row) => this.rowAt(row)),
      },
      {
        name: 'scheduling_refusals',
        description: 'What the messages of failed attempts count: one row per attempt, plugin and reason.',
        columns: refusalColumns,
        rows: rowsOf(this.refusalCount, (row) => this.refusalAt(row)),
      },
    ];
  }

  figures(): Figures {
    return new Map([
      ['scheduling.attempts', this.count],
      ...results.map((result, index): [string, number] => [`scheduling.${result}`, this.counts[index]!]),
    ]);
  }

  private refusalAt(at: number): Row {
    const { pods } = this;
    const row = this.refusedRows.at(at);
    const pod = this.podRows.at(row);
    return [
      ...[this.times.at(row), pods.namespaceAt(pod), pods.nameAt(pod), String(pods.uidAt(pod)), this.numbers.at(row)],
      textCell(this.texts.textAt(this.refusingPlugins.at(at))),
      ...[this.texts.textAt(this.reasons.at(at)), this.refusedNodes.at(at)],
    ];
  }

  private rowAt(row: number): Row {
    const { pods } = this;
    const pod = this.podRows.at(row);
    const result = this.results.at(row);
    const isScheduled = result === resultScheduled;
    return [
      ...[this.times.at(row), pods.namespaceAt(pod), pods.nameAt(pod)],
      ...[String(pods.uidAt(pod)), this.numbers.at(row), results[result]],
      ...[textCell(this.texts.textAt(this.nodes.at(row))), this.evaluated.at(row), this.feasible.at(row)],
      ...(isScheduled ? [this.scores.at(row), this.ties.at(row)] : [undefined, undefined]),
      ...[this.durations.at(row), this.texts.textAt(this.profiles.at(row))],
      textCell(this.texts.textAt(this.messages.at(row))),
    ];
  }
}

const columns = [
  column('t_s', 'seconds', 'When the outcome was known.'),
  ...podColumns,
  column('attempt', 'integer', 'Number of the attempt for this pod, from 1.'),
  column('result', 'string', 'scheduled, unschedulable or error.'),
  column('node', 'string', 'Chosen node; missing unless scheduled.'),
  column('evaluated_nodes', 'integer', 'Nodes that were filtered.'),
  column('feasible_nodes', 'integer', 'Nodes that passed all filters.'),
  column('score', 'number', 'Total score of the chosen node; 0 where only one node was feasible.'),
  column('ties', 'integer', 'Feasible nodes that shared the best score.'),
  column('duration_s', 'seconds', 'Virtual cost of the scheduling cycle.'),
  column('profile', 'string', 'schedulerName of the profile.'),
  column('message', 'string', 'Why no node was found, in the words of kube-scheduler.'),
];

const refusalColumns = [
  ...columns.slice(0, 5),
  column('plugin', 'string', 'Plugin that refused the nodes; missing where several did so together.'),
  column('reason', 'string', 'In the words of kube-scheduler.'),
  column('nodes', 'integer', 'Nodes that were refused for this reason.'),
];

/** The tables `scheduling_attempts` and `scheduling_refusals`, and counts of attempts by result. */
export const schedulingAttemptsMetric: MetricDefinition = {
  name: 'scheduling-attempts',
  description: 'One row per scheduling attempt: result, node, nodes evaluated and feasible, score, message.',
  create: (run, pods) => new SchedulingAttemptsMetric(run, pods),
};
