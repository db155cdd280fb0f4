/** What the status and the labels of a node say. */
import type { Node } from './core-v1.ts';
import type { Condition, Labels } from './meta-v1.ts';
import { labelValue } from './meta-v1.ts';

export const hostnameLabel = 'kubernetes.io/hostname';
export const zoneLabel = 'topology.kubernetes.io/zone';
export const regionLabel = 'topology.kubernetes.io/region';
/** The names of the two topology labels before 1.17; upstream still falls back to them. */
const oldZoneLabel = 'failure-domain.beta.kubernetes.io/zone';
const oldRegionLabel = 'failure-domain.beta.kubernetes.io/region';

/** The node's condition of that type, if it has one. */
export function nodeCondition(node: Node, type: string): Condition | undefined {
  for (const condition of node.status.conditions) if (condition.type === type) return condition;
  return undefined;
}

/** Ready is True; a node without the condition is not ready. */
export function isNodeReady(node: Node): boolean {
  return nodeCondition(node, 'Ready')?.status === 'True';
}

/** The node's zone, empty when it has none (upstream `component-helpers/node/topology/helpers.go`). */
export function zoneOf(node: Node): string {
  const { labels } = node.metadata;
  return labelValue(labels, oldZoneLabel) ?? labelValue(labels, zoneLabel) ?? '';
}

/** The node's region, empty when it has none. */
export function regionOf(node: Node): string {
  const { labels } = node.metadata;
  return labelValue(labels, oldRegionLabel) ?? labelValue(labels, regionLabel) ?? '';
}

/** Labels of the kubelet by their names before 1.14 and since. */
const betaNames = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
] as const;

/**
 * Labels with the old names of operating system and architecture beside the new ones, as kubelets set both and the node lifecycle
 * controller mends (upstream labelReconcileInfo); the same object when they are there.
 */
export function withBetaLabels(labels: Labels): Labels {
  let next = labels;
  for (const [name, betaName] of betaNames) {
    const value = labelValue(labels, name);
    if (value !== undefined && labelValue(labels, betaName) !== value) next = { ...next, [betaName]: value };
  }
  return next;
}
