/** Topology spread constraints as the plugin reads them (`pl/podtopologyspread/common.go`). */
import type { Node, Pod, TaintEffect, TopologySpreadConstraint } from '../../api/core-v1.ts';
import type { LabelSelector, LabelSelectorRequirement, Labels } from '../../api/meta-v1.ts';
import { labelValue, noLabels } from '../../api/meta-v1.ts';
import { findUntoleratedTaint } from '../../api/tolerations.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodSelector } from './pod-selector.ts';
import { podSelector } from './pod-selector.ts';

/** A constraint with its selector. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  /** >= 1. */
  readonly maxSkew: number;
  /** >= 1; with fewer domains the least count is taken for 0. */
  readonly minDomains: number;
  /** Nodes that the pod's node selector or required node affinity keeps it off do not count. */
  readonly honorsAffinity: boolean;
  /** Nodes with a taint that keeps the pod off do not count. */
  readonly honorsTaints: boolean;
  readonly selector: PodSelector;
}

/** The test of a pod's required node affinity; undefined where it has none. */
export type NodeTest = ((node: Node) => boolean) | undefined;

const hardEffects: readonly TaintEffect[] = ['NoSchedule', 'NoExecute'];

/** A constraint of the API with a selector. */
export function spreadConstraint(source: TopologySpreadConstraint, selector: PodSelector): SpreadConstraint {
  return {
    topologyKey: source.topologyKey,
    maxSkew: source.maxSkew,
    minDomains: source.minDomains ?? 1,
    honorsAffinity: source.nodeAffinityPolicy === 'Honor',
    honorsTaints: source.nodeTaintsPolicy === 'Honor',
    selector,
  };
}

/** A pod's own constraints with this action. */
export function ownConstraints(
  { metadata, spec }: Pod,
  action: TopologySpreadConstraint['whenUnsatisfiable'],
): readonly SpreadConstraint[] {
  return spec.topologySpreadConstraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((source) => {
      const selector = withLabelKeys(source.labelSelector, source.matchLabelKeys, metadata.labels);
      return spreadConstraint(source, podSelector(selector, metadata.namespace));
    });
}

/**
 * The selector, and the pod's own values of those keys that it has. With such a value an absent selector becomes one that
 * asks for the values alone, as upstream; the API server does not let the two come together.
 */
function withLabelKeys(
  selector: LabelSelector | undefined,
  keys: readonly string[],
  labels: Labels,
): LabelSelector | undefined {
  const requirements = keys.flatMap((key): LabelSelectorRequirement[] => {
    const value = labelValue(labels, key);
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
  });
  if (requirements.length === 0) return selector;
  const { matchLabels = noLabels, matchExpressions = [] } = selector ?? {};
  return { matchLabels, matchExpressions: [...matchExpressions, ...requirements] };
}

/** Whether the node has the keys of all constraints. */
export function hasAllKeys({ metadata }: Node, constraints: readonly SpreadConstraint[]): boolean {
  for (const { topologyKey } of constraints) if (labelValue(metadata.labels, topologyKey) === undefined) return false;
  return true;
}

/** Whether the pods of a node count for the constraint (upstream `matchNodeInclusionPolicies`). */
export function isIncluded(
  { honorsAffinity, honorsTaints }: SpreadConstraint,
  pod: Pod,
  { node, taints }: NodeInfo,
  required: NodeTest,
): boolean {
  if (honorsAffinity && required?.(node!) === false) return false;
  if (!honorsTaints || taints.length === 0) return true;
  return findUntoleratedTaint(taints, pod.spec.tolerations, hardEffects) === undefined;
}
