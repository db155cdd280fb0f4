/** A trace as tables of one's own (`generic-csv.ts`): what `orrery import` writes and `format: csv` reads back. */
import { sortedLabels } from '../../api/labels.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { formatResource } from '../../api/quantity.ts';
import { formatSeconds } from '../../engine/time.ts';
import type { TraceNode, TracePod } from './trace.ts';

/** Resources with columns of their own. */
const named: ReadonlySet<string> = new Set(['cpu', 'memory', 'pods']);

/** The extended resources of a list of amounts. */
export function extendedResources(amounts: ReadonlyMap<string, number>): readonly string[] {
  return [...amounts.keys()].filter((name) => !named.has(name));
}

/** First line of the pods. @param extended resources that have a column each. */
export function podHeader(extended: readonly string[]): readonly string[] {
  const own = ['name', 'arrival_s', 'run_time_s', 'count', 'cpu', 'memory', 'labels'];
  return [...own, 'gpu_count', 'gpu_milli', 'gpu_models', ...extended];
}

/** The line of a pod, cell by cell. */
export function podCells(pod: TracePod, extended: readonly string[]): readonly string[] {
  const { name, arrivalUs, runTimeUs, count, requests, labels, devices } = pod;
  const seconds = (us: number | undefined): string => (us === undefined ? '' : formatSeconds(us));
  return [
    name,
    seconds(arrivalUs),
    seconds(runTimeUs),
    String(count),
    amountText(requests, 'cpu'),
    amountText(requests, 'memory'),
    labelText(labels),
    devices === undefined ? '' : String(devices.count),
    devices === undefined ? '' : String(devices.milli),
    devices?.models.join('|') ?? '',
    ...extended.map((resource) => amountText(requests, resource)),
  ];
}

/** First line of the nodes. @param extended resources that have a column each. */
export function nodeHeader(extended: readonly string[]): readonly string[] {
  return ['name', 'cpu', 'memory', 'pods', 'labels', 'gpu_count', 'gpu_model', ...extended];
}

/** The line of a node, cell by cell. */
export function nodeCells({ name, allocatable, labels, devices }: TraceNode, extended: readonly string[]) {
  return [
    name,
    amountText(allocatable, 'cpu'),
    amountText(allocatable, 'memory'),
    amountText(allocatable, 'pods'),
    labelText(labels),
    devices === undefined ? '' : String(devices.count),
    devices?.model ?? '',
    ...extended.map((resource) => amountText(allocatable, resource)),
  ];
}

function amountText(amounts: ReadonlyMap<string, number>, resource: string): string {
  const amount = amounts.get(resource);
  return amount === undefined ? '0' : formatResource(resource, amount);
}

function labelText(labels: Labels): string {
  return sortedLabels(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(';');
}
