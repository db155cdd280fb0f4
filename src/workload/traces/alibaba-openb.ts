/**
 * openb: nodes and pods of an Alibaba GPU cluster, 2023 (alibaba/clusterdata, cluster-trace-gpu-v2023). Times are seconds since the trace
 * begins. A pod with num_gpu > 0 gets so many GPUs with gpu_milli thousandths of each; gpu_spec names the models that it may get.
 */
import { noLabels } from '../../api/meta-v1.ts';
import type { DeviceDemand } from '../../scheduler/devices/device-kind.ts';
import { wholeDevice } from '../../scheduler/devices/device-kind.ts';
import { rowsOfTable } from './columns.ts';
import type { TableReader, TableRow } from './columns.ts';
import type { TraceFormat, TraceNode, TracePod } from './trace.ts';

const mebibyte = 1024 * 1024;
/** Pods for each node in the experiments that were published with the trace. */
const podsPerNode = 1001;

const nodes: TableReader<TraceNode> = {
  nameColumn: 'sn',
  needed: ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'],
  read(row) {
    const gpus = row.count0('gpu');
    return {
      name: row.name('sn'),
      allocatable: new Map([
        ['cpu', row.count0('cpu_milli')],
        ['memory', row.count0('memory_mib') * mebibyte],
        ['pods', podsPerNode],
      ]),
      devices: gpus === 0 ? undefined : { count: gpus, model: row.text('model') },
      labels: noLabels,
    };
  },
};

/** Pods whose cells are equal in these columns ask for the same. */
const demandColumns = ['cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli', 'gpu_spec'];

/** What a pod asks for; one value for all pods that ask for the same. */
type Demand = Pick<TracePod, 'requests' | 'devices'>;

function podReader(): TableReader<TracePod> {
  const demands = new Map<string, Demand>();
  return {
    nameColumn: 'name',
    needed: ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli'],
    read(row) {
      const key = row.key(demandColumns);
      const demand = demands.get(key) ?? demandOf(row);
      if (row.isSound) demands.set(key, demand);
      return { name: row.name('name'), ...timesOf(row), ...demand, labels: noLabels, count: 1 };
    },
  };
}

function demandOf(row: TableRow): Demand {
  const milliCpu = row.count0('cpu_milli');
  const memoryMib = row.count0('memory_mib');
  const requests = new Map<string, number>();
  if (milliCpu > 0) requests.set('cpu', milliCpu);
  if (memoryMib > 0) requests.set('memory', memoryMib * mebibyte);
  return { requests, devices: devicesOf(row) };
}

/** The thousandths count only where GPUs are asked for. */
function devicesOf(row: TableRow): DeviceDemand | undefined {
  const count = row.count0('num_gpu');
  const milli = row.count0('gpu_milli');
  if (count === 0) return undefined;
  if (milli > wholeDevice) row.problem('gpu_milli', `gpu_milli "${milli}" is more than ${wholeDevice}, a whole device`);
  if (milli === 0) row.problem('gpu_milli', `gpu_milli "0" is no share of a device; write 1 to ${wholeDevice}`);
  const models = row.text('gpu_spec').split('|');
  return { count, milli, models: models.filter((model) => model !== '') };
}

function timesOf(row: TableRow): Pick<TracePod, 'arrivalUs' | 'runTimeUs'> {
  const arrivalUs = row.seconds('creation_time');
  const scheduled = row.seconds('scheduled_time');
  const deleted = row.seconds('deletion_time');
  if (scheduled === undefined || deleted === undefined) return { arrivalUs, runTimeUs: undefined };
  if (deleted < scheduled) row.problem('deletion_time', 'deletion_time is before scheduled_time');
  return { arrivalUs, runTimeUs: deleted - scheduled };
}

export const alibabaOpenb: TraceFormat = {
  name: 'alibaba-openb',
  description: 'nodes and pods of an Alibaba GPU cluster, 2023, as published (CSV, plain or gzip)',
  nodes: (records, report, names) => rowsOfTable(records, nodes, report, names),
  pods: (records, report, names) => rowsOfTable(records, podReader(), report, names),
};
