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
import { rowsOfTable } from './columns.ts';
import type { TableReader, TableRow } from './columns.ts';
import type { TraceFormat, TraceNode, TracePod } from './trace.ts';

const needed = ['name', 'cpu', 'memory'];
const podsPerNode = 110;
/** Of pods that are alike, pods or GPUs of a node: what is more is a slip. */
const most = 1_000_000;
const podOnly = ['arrival_s', 'run_time_s', 'count', 'gpu_milli', 'gpu_models'];
const nodeOnly = ['pods', 'gpu_model'];
const both = ['labels', 'gpu_count'];

/** A whole number; `otherwise` where the cell is empty. */
function wholeOf(row: TableRow, column: string, least: number, otherwise: number): number {
  const text = row.text(column);
  if (text === '') return otherwise;
  if (/^\d{1,7}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  row.problem(column, `${column} "${text}" is not a whole number from ${least} to ${most}`);
  return otherwise;
}

/** Resources that are not 0. @param columns of the table: those with a slash are extended resources. */
function amountsOf(row: TableRow, columns: readonly string[]): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const resource of ['cpu', 'memory', ...columns.filter(isExtended)]) {
    const text = row.text(resource);
    const amount = text === '' ? 0 : quantityToInteger(resource, text);
    if (amount === undefined) row.problem(resource, `${resource} "${text}" is not a quantity such as 500m or 64Gi`);
    else if (amount < 0) row.problem(resource, `${resource} "${text}" is negative; write a quantity from 0`);
    else if (amount > 0) amounts.set(resource, amount);
  }
  return amounts;
}

const isExtended = (column: string): boolean => column.includes('/');

function labelsOfRow(row: TableRow): Labels {
  const text = row.text('labels');
  if (text === '') return noLabels;
  const entries = text.split(';').map((part): readonly [string, string] => {
    const [key = '', value = '', ...rest] = part.split('=');
    if (rest.length > 0 || !isLabelKey(key.trim()) || !isLabelValue(value.trim()))
      row.problem('labels', `"${part}" is not a label; write app=web;tier=front`);
    return [key.trim(), value.trim()];
  });
  return labelsOf(entries);
}

/** A table whose columns are all known. */
function readerOf<T>(own: readonly string[], read: TableReader<T>['read']): TableReader<T> {
  const known = [...needed, ...own, ...both];
  return {
    nameColumn: 'name',
    needed,
    read,
    problemOf(columns) {
      const unknown = columns.filter((name) => !known.includes(name) && !isExtended(name));
      if (unknown.length === 0) return undefined;
      return `unknown column ${unknown.join(', ')}; there are ${known.join(', ')}, and extended resources`;
    },
  };
}

const pods = readerOf<TracePod>(podOnly, (row, columns) => ({
  name: row.name('name'),
  arrivalUs: row.seconds('arrival_s'),
  runTimeUs: row.seconds('run_time_s'),
  requests: amountsOf(row, columns),
  devices: demandOf(row),
  labels: labelsOfRow(row),
  count: wholeOf(row, 'count', 1, 1),
}));

function demandOf(row: TableRow): DeviceDemand | undefined {
  const count = wholeOf(row, 'gpu_count', 0, 0);
  const milli = wholeOf(row, 'gpu_milli', 1, wholeDevice);
  if (milli > wholeDevice) row.problem('gpu_milli', `gpu_milli "${milli}" is more than ${wholeDevice}, a whole device`);
  const models = row.text('gpu_models').split('|');
  return count === 0 ? undefined : { count, milli, models: models.filter((model) => model !== '') };
}

const nodes = readerOf<TraceNode>(nodeOnly, (row, columns) => {
  const gpus = wholeOf(row, 'gpu_count', 0, 0);
  return {
    name: row.name('name'),
    allocatable: amountsOf(row, columns).set('pods', wholeOf(row, 'pods', 0, podsPerNode)),
    devices: gpus === 0 ? undefined : { count: gpus, model: row.text('gpu_model') },
    labels: labelsOfRow(row),
  };
});

/** See above. */
export const genericCsv: TraceFormat = {
  name: 'csv',
  description: 'tables of your own: arrival, run time, requests, labels and count of each pod (docs/traces.md)',
  nodes: (records, report, names) => rowsOfTable(records, nodes, report, names),
  pods: (records, report, names) => rowsOfTable(records, pods, report, names),
};
