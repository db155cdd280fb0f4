/** Which changes may help a pod that PodTopologySpread refused (`pl/podtopologyspread/plugin.go`). */
import { labelsKey } from '../../api/labels.ts';
import type { Node, Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import { semanticEqual } from '../../util/semantic-equal.ts';
import type { QueueingHint } from '../framework/cluster-event.ts';
import type { SpreadConstraint } from './spread-constraint.ts';
import { hasAllKeys } from './spread-constraint.ts';

/**
 * A pod with a node came, went or changed.
 *
 * @param constraints hard ones of the waiting pod.
 */
export function hintAfterPodChange(
  pod: Pod,
  constraints: readonly SpreadConstraint[],
  before: Pod | undefined,
  after: Pod | undefined,
): QueueingHint {
  const isOther = (changed: Pod | undefined): boolean => changed !== undefined && !isInvolved(changed, pod);
  if (isOther(before) || isOther(after)) return 'Skip';
  if (before !== undefined && after !== undefined) return queueIf(isCountedAnew(constraints, before, after));
  const { labels } = (after ?? before)!.metadata;
  return queueIf(constraints.some(({ selector }) => selector.matches(labels)));
}

/**
 * A waiting pod changed. It is taken for the pod itself, also where it is another one that changed during an attempt of the pod,
 * as the recordings show.
 */
export function hintAfterWaitingPodChange(
  constraints: readonly SpreadConstraint[],
  before: Pod,
  after: Pod,
): QueueingHint {
  const isTolerating = !semanticEqual(before.spec.tolerations, after.spec.tolerations);
  if (isTolerating && constraints.some(({ honorsTaints }) => honorsTaints)) return 'Queue';
  return queueIf(isCountedAnew(constraints, before, after));
}

/** Whether the changed pod counts for the waiting one. */
function isInvolved({ metadata, spec, status }: Pod, pod: Pod): boolean {
  const hasNode = spec.nodeName !== '' || status.nominatedNodeName !== '';
  return hasNode && metadata.namespace === pod.metadata.namespace;
}

/** Whether another set of constraints counts the pod than before. */
function isCountedAnew(constraints: readonly SpreadConstraint[], before: Pod, after: Pod): boolean {
  const old = before.metadata.labels;
  const now = after.metadata.labels;
  if (labelsKey(old) === labelsKey(now)) return false;
  return constraints.some(({ selector }) => selector.matches(old) !== selector.matches(now));
}

/**
 * A node came, went or changed.
 *
 * @param constraints hard ones of the waiting pod.
 */
export function hintAfterNodeChange(
  constraints: readonly SpreadConstraint[],
  before: Node | undefined,
  after: Node | undefined,
): QueueingHint {
  const took = before !== undefined && hasAllKeys(before, constraints);
  const takes = after !== undefined && hasAllKeys(after, constraints);
  if (before === undefined || after === undefined) return queueIf(took || takes);
  if (took !== takes) return 'Queue';
  const isMoved = areDomainsDifferent(constraints, before.metadata.labels, after.metadata.labels);
  return queueIf(takes && (isMoved || !semanticEqual(before.spec.taints, after.spec.taints)));
}

function areDomainsDifferent(constraints: readonly SpreadConstraint[], before: Labels, after: Labels): boolean {
  return constraints.some(({ topologyKey }) => labelValue(before, topologyKey) !== labelValue(after, topologyKey));
}

function queueIf(isHelpful: boolean): QueueingHint {
  return isHelpful ? 'Queue' : 'Skip';
}
