/** Selectors of pods, and how many pods of a node they match. */
import { compileSelector, labelsKey, sortedLabels } from '../../api/labels.ts';
import type { LabelSelector, Labels } from '../../api/meta-v1.ts';
import type { NodeInfo } from '../framework/node-info.ts';

/** A label selector ready to be matched, for the pods of one namespace (upstream `labels.Selector`). */
export interface PodSelector {
  /** Equal for equal selectors of one namespace. */
  readonly key: string;
  readonly namespace: string;
  /** Without any requirement. It matches every pod, and yet `countMatchingPods` says 0, as upstream. */
  readonly isEmpty: boolean;
  readonly matches: (labels: Labels) => boolean;
}

/** Compiles a selector; an absent one matches no pod, and is not empty. */
export function podSelector(selector: LabelSelector | undefined, namespace: string): PodSelector {
  const matches = compileSelector(selector);
  return { key: selectorKey(selector, namespace), namespace, isEmpty: isEmptySelector(selector), matches };
}

function selectorKey(selector: LabelSelector | undefined, namespace: string): string {
  if (selector === undefined) return namespace;
  const { matchLabels, matchExpressions } = selector;
  return `${namespace} ${labelsKey(matchLabels)} ${matchExpressions.length === 0 ? '' : JSON.stringify(matchExpressions)}`;
}

function isEmptySelector(selector: LabelSelector | undefined): boolean {
  if (selector === undefined) return false;
  return selector.matchExpressions.length === 0 && sortedLabels(selector.matchLabels).length === 0;
}

/** The pods of the selector's namespace on the node that it matches and that are not being deleted. */
export function countMatchingPods({ isEmpty, namespace, matches }: PodSelector, { pods }: NodeInfo): number {
  if (isEmpty) return 0;
  let count = 0;
  for (const { pod } of pods) {
    const { metadata } = pod;
    if (metadata.namespace !== namespace || metadata.deletionTimestamp !== undefined) continue;
    if (matches(metadata.labels)) count++;
  }
  return count;
}
