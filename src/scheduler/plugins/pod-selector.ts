/** Selectors of pods, and how many pods of a node they match. */
import { compileSelector, labelsKey, sortedLabels } from '../../api/labels.ts';
import type { LabelSelector, Labels } from '../../api/meta-v1.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';

/** A label selector ready to be matched, for the pods of one namespace (upstream `labels.Selector`). */
export interface PodSelector {
  /** Equal for equal selectors of one namespace. */
  readonly key: string;
  readonly namespace: string;
  /** Without any requirement. It matches every pod, and yet none is counted, as upstream. */
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

/** Classes of labels (`PodInfo.labelClass`) that a counter remembers; later ones are matched each time. */
const rememberedClassesMax = 65_536;

const unknown = -1;

/**
 * Counts the pods of the selector's namespace on a node that it matches and that are not being deleted. The selector is asked
 * once for each class of labels. For nodes whose pods come from one `PodInfoFactory`.
 */
export function matchingPodCounter({ isEmpty, namespace, matches }: PodSelector): (info: NodeInfo) => number {
  if (isEmpty) return () => 0;
  let verdicts = new Int8Array(0);
  const verdictOn = ({ pod: { metadata } }: PodInfo, labelClass: number): number => {
    const verdict = labelClass !== 0 && metadata.namespace === namespace && matches(metadata.labels) ? 1 : 0;
    if (labelClass >= rememberedClassesMax) return verdict;
    if (labelClass >= verdicts.length) verdicts = extended(verdicts, labelClass + 1);
    return (verdicts[labelClass] = verdict);
  };
  return ({ pods, labelClasses }) => {
    let count = 0;
    for (let at = 0; at < labelClasses.length; at++) {
      const labelClass = labelClasses[at]!;
      const known = labelClass < verdicts.length ? verdicts[labelClass]! : unknown;
      count += known === unknown ? verdictOn(pods[at]!, labelClass) : known;
    }
    return count;
  };
}

function extended(verdicts: Int8Array, least: number): Int8Array<ArrayBuffer> {
  const longer = new Int8Array(Math.max(64, least, 2 * verdicts.length)).fill(unknown);
  longer.set(verdicts);
  return longer;
}
