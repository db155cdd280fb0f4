/**
 * openb: nodes and pods of an Alibaba GPU cluster, 2023 (alibaba/clusterdata, cluster-trace-gpu-v2023). Times are seconds since the trace
 * begins. A pod with num_gpu > 0 gets so many GPUs with gpu_milli thousandths of each; gpu_spec names the models that it may get.
 */
import { noLabels } from '../../api/meta-v1.ts';
import type { DeviceDemand } from '../../scheduler/devices/device-kind.ts';
import { wholeDevice } from '../../scheduler/devices/device-kind.ts';
import { openTable } from './columns.ts';
import type { Columns } from './columns.ts';
import type { RecordReport, TraceFormat, TraceNode, TracePod, TraceRecord } from './trace.ts';

const mebibyte = 1024 * 1024;
/** Pods for each node in the experiments that were published with the trace. */
const podsPerNode = 1001;

const nodeColumns = ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'];
const podColumns = ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli'];
/** Pods whose cells are equal in these columns ask for the same. */
const demandColumns = ['cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli', 'gpu_spec'];

function* nodes(records: Iterable<TraceRecord>, report: RecordReport): Generator<TraceNode> {
  const table = openTable(records, nodeColumns, report);
  if (table === undefined) return;
  const { columns, rows } = table;
  for (const record of rows) {
    if (!columns.isWhole(record, report)) continue;
    const name = nameOf(columns, 'sn', record, report);
    const milliCpu = columns.count0(record, 'cpu_milli', report);
    const memoryMib = columns.count0(record, 'memory_mib', report);
    const gpus = columns.count0(record, 'gpu', report);
    if (name === undefined || milliCpu === undefined || memoryMib === undefined || gpus === undefined) continue;
    const model = columns.text(record, 'model');
    yield {
      name,
      allocatable: new Map([
        ['cpu', milliCpu],
        ['memory', memoryMib * mebibyte],
        ['pods', podsPerNode],
      ]),
      devices: gpus === 0 ? undefined : { count: gpus, model },
      labels: noLabels,
    };
  }
}

function* pods(records: Iterable<TraceRecord>, report: RecordReport): Generator<TracePod> {
  const table = openTable(records, podColumns, report);
  if (table === undefined) return;
  const { columns, rows } = table;
  const demands = new Map<string, Demand>();
  for (const record of rows) {
    if (!columns.isWhole(record, report)) continue;
    const name = nameOf(columns, 'name', record, report);
    const key = columns.key(record, demandColumns);
    const demand: Demand | undefined = demands.get(key) ?? demandOf(columns, record, report);
    if (demand !== undefined) demands.set(key, demand);
    if (name === undefined || demand === undefined) continue;
    const scheduled = columns.seconds(record, 'scheduled_time');
    const deleted = columns.seconds(record, 'deletion_time');
    yield {
      name,
      arrivalUs: columns.seconds(record, 'creation_time'),
      runTimeUs: scheduled === undefined || deleted === undefined ? undefined : Math.max(0, deleted - scheduled),
      requests: demand.requests,
      devices: demand.devices,
      labels: noLabels,
      count: 1,
    };
  }
}

/** What a pod asks for; one value for all pods that ask for the same. */
type Demand = Pick<TracePod, 'requests' | 'devices'>;

function demandOf(columns: Columns, record: TraceRecord, report: RecordReport): Demand | undefined {
  const milliCpu = columns.count0(record, 'cpu_milli', report);
  const memoryMib = columns.count0(record, 'memory_mib', report);
  const gpus = columns.count0(record, 'num_gpu', report);
  const gpuMilli = columns.count0(record, 'gpu_milli', report);
  if (milliCpu === undefined || memoryMib === undefined || gpus === undefined || gpuMilli === undefined)
    return undefined;
  const requests = new Map<string, number>();
  if (milliCpu > 0) requests.set('cpu', milliCpu);
  if (memoryMib > 0) requests.set('memory', memoryMib * mebibyte);
  return { requests, devices: devicesOf(gpus, gpuMilli, columns.text(record, 'gpu_spec')) };
}

/** The thousandths count only where GPUs are asked for. */
function devicesOf(count: number, milli: number, spec: string): DeviceDemand | undefined {
  if (count === 0 || milli === 0) return undefined;
  return { count, milli: Math.min(milli, wholeDevice), models: spec.split('|').filter((model) => model !== '') };
}

function nameOf(columns: Columns, column: string, record: TraceRecord, report: RecordReport): string | undefined {
  const text = columns.text(record, column);
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text) && text.length <= 253) return text;
  const message = `"${text}" cannot be the name of an object; write small letters, digits, - and .`;
  report(record.line, message, columns.place(record, column));
  return undefined;
}

export const alibabaOpenb: TraceFormat = {
  name: 'alibaba-openb',
  description: 'nodes and pods of an Alibaba GPU cluster, 2023, as published (CSV, plain or gzip)',
  nodes,
  pods,
};
