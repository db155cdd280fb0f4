/** What is wrong with a trace though each of its lines is well formed. */
import { nearest } from '../../util/suggest.ts';
import type { TraceNode, TracePod } from './trace.ts';

/** The device model that a pod names and no node has; undefined = all are known. */
export function unknownModel({ devices }: TracePod, known: ReadonlySet<string>): string | undefined {
  return devices?.models.find((model) => !known.has(model));
}

/** A sentence about it. */
export function unknownModelText(model: string, known: ReadonlySet<string>): string {
  const models = [...known].filter((name) => name !== '').sort((a, b) => (a < b ? -1 : 1));
  const near = nearest(model, models);
  const hint =
    near === undefined ? `; they have ${models.join(', ') || 'none with a model'}` : `; did you mean "${near}"?`;
  return `no node has a GPU of the model "${model}"${hint}`;
}

/** Whether no pod fits on any node, not even on an empty one. */
export function fitsNowhere(pods: readonly TracePod[], nodes: readonly TraceNode[]): boolean {
  return !pods.some((pod) => nodes.some((node) => fitsEmpty(pod, node)));
}

function fitsEmpty({ requests, devices }: TracePod, node: TraceNode): boolean {
  for (const [name, amount] of requests) if (amount > (node.allocatable.get(name) ?? 0)) return false;
  if (devices === undefined) return true;
  if (node.devices === undefined || node.devices.count < devices.count) return false;
  return devices.models.length === 0 || devices.models.includes(node.devices.model);
}
