/** Kubernetes Events as `kubectl get events` shows them: one row per cause and object, counted. */
import type { KubeEvent } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import type { NumberColumn } from './columns.ts';
import { float64Column, int32Column } from './columns.ts';
import { Interner } from './interner.ts';
import type { Figures, Metric, MetricDefinition, RunDescription } from './metric.ts';
import { column, rowsOf, textCell } from './metric.ts';

/** With more rows than this, events on further objects are counted together: a run can have millions. */
const rowsMax = 50_000;
const none = -1;

interface EventGroup {
  readonly type: string;
  readonly reason: string;
  readonly kind: string;
  readonly source: string;
  /** Row for the objects that have none of their own; -1 = none yet. */
  sharedRow: number;
}

class EventsMetric implements Metric {
  private readonly run: RunDescription;
  private readonly rowLimit: number;
  private readonly groups: EventGroup[] = [];
  private readonly namespaces = new Interner();
  /** Names of objects by namespace; kinds are told apart by the group. */
  private readonly names: Interner[] = [];
  /** The newest row of each object, by namespace and name; its older ones follow by `olderRow`. */
  private readonly newestRow: NumberColumn[] = [];
  private readonly olderRow = int32Column(none);
  private readonly messages = new Interner();
  private readonly groupOf = int32Column();
  /** -1 = shared by several objects. */
  private readonly namespaceOf = int32Column(none);
  private readonly nameOf = int32Column(none);
  private readonly messageOf = int32Column();
  private readonly firstAt = float64Column();
  private readonly lastAt = float64Column();
  private readonly counts = int32Column();
  private rowCount = 0;
  private warnings = 0;

  constructor(run: RunDescription, rowLimit: number) {
    this.run = run;
    this.rowLimit = rowLimit;
  }

  kubeEvent(event: KubeEvent): void {
    if (event.type === 'Warning') this.warnings++;
    const group = this.groupIndex(event);
    const namespace = this.namespaceIndex(event.namespace);
    let row = this.findRow(group, namespace, event.name);
    if (row === none) row = this.rowCount < this.rowLimit ? this.addOwnRow(event, group) : this.sharedRow(event, group);
    this.counts.add(row, 1);
    this.lastAt.set(row, this.run.engineNow());
  }

  finish(): void {
    // Nothing is open: events are instants.
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'events',
        description:
          'Kubernetes Events, one row per type, reason, object and source, in order of first appearance. After ' +
          `${this.rowLimit} rows, what happens to further objects is counted in one row without a name for each of the others.`,
        columns,
        rows: rowsOf(this.rowCount, (row) => this.rowAt(row)),
      },
    ];
  }

  figures(): Figures {
    return new Map([['events.warnings', this.warnings]]);
  }

  /** There are some dozens: a walk is cheaper than a key. */
  private groupIndex({ type, reason, involvedKind, source }: KubeEvent): number {
    for (let index = 0; index < this.groups.length; index++) {
      const group = this.groups[index]!;
      if (group.reason !== reason || group.source !== source) continue;
      if (group.type === type && group.kind === involvedKind) return index;
    }
    return this.groups.push({ type, reason, kind: involvedKind, source, sharedRow: none }) - 1;
  }

  private namespaceIndex(name: string): number {
    const namespace = this.namespaces.indexOf(name);
    if (namespace === this.names.length) {
      this.names.push(new Interner());
      this.newestRow.push(int32Column(none));
    }
    return namespace;
  }

  private findRow(group: number, namespace: number, objectName: string): number {
    const name = this.names[namespace]!.find(objectName);
    let row = name < 0 ? none : this.newestRow[namespace]!.at(name);
    while (row !== none && this.groupOf.at(row) !== group) row = this.olderRow.at(row);
    return row;
  }

  private addOwnRow(event: KubeEvent, group: number): number {
    const row = this.addRow(event, group);
    const namespace = this.namespaceIndex(event.namespace);
    const name = this.names[namespace]!.indexOf(event.name);
    this.namespaceOf.set(row, namespace);
    this.nameOf.set(row, name);
    this.olderRow.set(row, this.newestRow[namespace]!.at(name));
    this.newestRow[namespace]!.set(name, row);
    return row;
  }

  private sharedRow(event: KubeEvent, group: number): number {
    const shared = this.groups[group]!;
    if (shared.sharedRow === none) shared.sharedRow = this.addRow(event, group);
    return shared.sharedRow;
  }

  private addRow({ message }: KubeEvent, group: number): number {
    const row = this.rowCount++;
    this.groupOf.set(row, group);
    this.messageOf.set(row, this.messages.indexOf(message));
    this.firstAt.set(row, this.run.engineNow());
    return row;
  }

  private rowAt(row: number): Row {
    const { type, reason, kind, source } = this.groups[this.groupOf.at(row)]!;
    const namespace = this.namespaceOf.at(row);
    const isShared = namespace === none;
    return [
      ...[this.firstAt.at(row), this.lastAt.at(row), this.counts.at(row), type, reason],
      isShared ? undefined : textCell(this.namespaces.textAt(namespace)),
      kind,
      isShared ? undefined : this.names[namespace]!.textAt(this.nameOf.at(row)),
      ...[source, textCell(this.messages.textAt(this.messageOf.at(row)))],
    ];
  }
}

const columns = [
  column('first_t_s', 'seconds', 'When it was first told.'),
  column('last_t_s', 'seconds', 'When it was last told.'),
  column('count', 'integer', 'How often it was told.'),
  column('type', 'string', 'Normal or Warning.'),
  column('reason', 'string', 'Reason, for example FailedScheduling.'),
  column('namespace', 'string', 'Namespace of the object; missing for a node.'),
  column('kind', 'string', 'Kind of the object.'),
  column('name', 'string', 'Name of the object; missing in a row that several objects share.'),
  column('source', 'string', 'Component that told it.'),
  column('message', 'string', 'Message of the first one.'),
];

/** The events metric with another limit of rows. */
export function eventsMetricOf(rowLimit: number): MetricDefinition {
  return {
    name: 'events',
    description: 'Kubernetes Events by type, reason, object and source, with first, last and count.',
    create: (run) => new EventsMetric(run, rowLimit),
  };
}

/** The table `events`, and the number of warnings. */
export const eventsMetric: MetricDefinition = eventsMetricOf(rowsMax);
