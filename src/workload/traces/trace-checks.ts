/** What is wrong with a trace though each of its lines is well formed. */
import type { TraceNode, TracePod } from './trace.ts';

/** A sentence where a pod names a device model that no node has; undefined = all are known. */
export function unknownModels({ devices }: TracePod, known: ReadonlySet<string>): string | undefined {
  const unknown = (devices?.models ?? []).find((model) => !known.has(model));
  return unknown === undefined ? undefined : `no node has a GPU of the model "${unknown}"`;
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
