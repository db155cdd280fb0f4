/**
 * Tables of one's own: the format into which other traces are converted, and the one to write for a workload that has none. Columns
 * by name, in any order; those not named here are extended resources when they contain a slash, and else a mistake.
 *
 *     pods.csv    name, arrival_s, run_time_s, count, cpu, memory, labels, gpu_count, gpu_milli, gpu_models
 *     nodes.csv   name, cpu, memory, pods, labels, gpu_count, gpu_model
 *
 * Amounts are quantities of Kubernetes (`500m`, `64Gi`), labels `app=web;tier=front`, models `T4|V100M16`. An empty arrival is the
 * beginning of the trace, an empty run time has no end. Only `name`, `cpu` and `memory` are needed.
 */
import { isLabelKey, isLabelValue, labelsOf } from '../../api/labels.ts';
import { noLabels } from '../../api/meta-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { quantityToInteger } from '../../api/quantity.ts';
import type { DeviceDemand } from '../../scheduler/devices/device-kind.ts';
import { wholeDevice } from '../../scheduler/devices/device-kind.ts';
import { openTable } from './columns.ts';
import type { Columns } from './columns.ts';
import type { RecordReport, TraceFormat, TraceNode, TracePod, TraceRecord } from './trace.ts';

const needed = ['name', 'cpu', 'memory'];
const podsPerNode = 110;
const podOnly = ['arrival_s', 'run_time_s', 'count', 'gpu_milli', 'gpu_models'];
const nodeOnly = ['pods', 'gpu_model'];
const both = ['labels', 'gpu_count'];

/** A row under examination: what cannot be read is reported once, and then the row as a whole is left out. */
class Row {
  isSound = true;
  private readonly columns: Columns;
  private readonly record: TraceRecord;
  private readonly report: RecordReport;

  constructor(columns: Columns, record: TraceRecord, report: RecordReport) {
    this.columns = columns;
    this.record = record;
    this.report = report;
    this.isSound = columns.isWhole(record, report);
  }

  text(column: string): string {
    return this.columns.text(this.record, column);
  }

  /** @param column the one in which it is. */
  problem(column: string, message: string): void {
    if (this.isSound) this.report(this.record.line, message, this.columns.place(this.record, column));
    this.isSound = false;
  }

  /** A name that an object can have. */
  name(): string {
    const name = this.text('name');
    const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) && name.length <= 253;
    if (!isName)
      this.problem('name', `"${name}" cannot be the name of an object; write small letters, digits, - and .`);
    return name;
  }

  /** A whole number; what the cell is when it is empty. */
  whole(column: string, least: number, otherwise: number): number {
    const text = this.text(column);
    if (text === '') return otherwise;
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    this.problem(column, `${column} "${text}" is not a whole number from ${least}`);
    return otherwise;
  }

  /** Microseconds; undefined where the cell is empty. */
  seconds(column: string): number | undefined {
    const text = this.text(column);
    if (text === '') return undefined;
    if (/^\d{1,12}(\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1_000_000);
    this.problem(column, `${column} "${text}" is not a number of seconds from 0`);
    return undefined;
  }

  /** Resources that are not 0. */
  amounts(resources: readonly string[]): Map<string, number> {
    const amounts = new Map<string, number>();
    for (const resource of resources) {
      const text = this.text(resource);
      const amount = text === '' ? 0 : quantityToInteger(resource, text);
      if (amount === undefined) this.problem(resource, `${resource} "${text}" is not a quantity such as 500m or 64Gi`);
      else if (amount < 0) this.problem(resource, `${resource} "${text}" is negative; write a quantity from 0`);
      else if (amount > 0) amounts.set(resource, amount);
    }
    return amounts;
  }

  labels(): Labels {
    const text = this.text('labels');
    if (text === '') return noLabels;
    const entries = text.split(';').map((part): readonly [string, string] => {
      const [key = '', value = '', ...rest] = part.split('=');
      if (rest.length > 0 || !isLabelKey(key.trim()) || !isLabelValue(value.trim()))
        this.problem('labels', `"${part}" is not a label; write app=web;tier=front`);
      return [key.trim(), value.trim()];
    });
    return labelsOf(entries);
  }
}

/** Rows of a table whose columns are all known; `read` makes something of a row, which counts if the row stayed sound. */
function* rowsOf<T>(
  records: Iterable<TraceRecord>,
  known: readonly string[],
  report: RecordReport,
  read: (row: Row, resources: readonly string[]) => T,
): Generator<T> {
  const table = openTable(records, needed, report);
  if (table === undefined) return;
  const { columns, rows } = table;
  const unknown = columns.names.filter((name) => !known.includes(name) && !name.includes('/'));
  if (unknown.length > 0) {
    report(1, `unknown column ${unknown.join(', ')}; there are ${known.join(', ')}, and extended resources`);
    return;
  }
  const resources = ['cpu', 'memory', ...columns.names.filter((name) => name.includes('/'))];
  for (const record of rows) {
    const row = new Row(columns, record, report);
    if (!row.isSound) continue;
    const made = read(row, resources);
    if (row.isSound) yield made;
  }
}

function podOf(row: Row, resources: readonly string[]): TracePod {
  return {
    name: row.name(),
    arrivalUs: row.seconds('arrival_s'),
    runTimeUs: row.seconds('run_time_s'),
    requests: row.amounts(resources),
    devices: demandOf(row),
    labels: row.labels(),
    count: row.whole('count', 1, 1),
  };
}

function demandOf(row: Row): DeviceDemand | undefined {
  const count = row.whole('gpu_count', 0, 0);
  const milli = row.whole('gpu_milli', 1, wholeDevice);
  if (milli > wholeDevice) row.problem('gpu_milli', `gpu_milli "${milli}" is more than ${wholeDevice}, a whole device`);
  const models = row.text('gpu_models').split('|');
  return count === 0 ? undefined : { count, milli, models: models.filter((model) => model !== '') };
}

function nodeOf(row: Row, resources: readonly string[]): TraceNode {
  const gpus = row.whole('gpu_count', 0, 0);
  const allocatable = row.amounts(resources);
  allocatable.set('pods', row.whole('pods', 0, podsPerNode));
  return {
    name: row.name(),
    allocatable,
    devices: gpus === 0 ? undefined : { count: gpus, model: row.text('gpu_model') },
    labels: row.labels(),
  };
}

/** See above. */
export const genericCsv: TraceFormat = {
  name: 'csv',
  description: 'tables of your own: arrival, run time, requests, labels and count of each pod (docs/traces.md)',
  nodes: (records, report) => rowsOf(records, [...needed, ...nodeOnly, ...both], report, nodeOf),
  pods: (records, report) => rowsOf(records, [...needed, ...podOnly, ...both], report, podOf),
};
