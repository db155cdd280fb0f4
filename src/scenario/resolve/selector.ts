/** Label selectors of a scenario. */
import { labelsOf } from '../../api/labels.ts';
import type { LabelSelector } from '../../api/meta-v1.ts';
import { noLabels } from '../../api/meta-v1.ts';
import type { PodSelector } from '../../faults/fault.ts';

/** A selector as written. */
export interface SelectorInput {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
        readonly values?: readonly string[] | undefined;
      }[]
    | undefined;
}

/** Matches everything. */
export const everything: LabelSelector = { matchLabels: noLabels, matchExpressions: [] };

/** The selector; an absent one matches everything. */
export function resolveSelector(input: SelectorInput | undefined): LabelSelector {
  if (input === undefined) return everything;
  return {
    matchLabels: labelsOf(Object.entries(input.matchLabels ?? {})),
    matchExpressions: (input.matchExpressions ?? []).map(({ key, operator, values }) => ({
      key,
      operator,
      values: values ?? [],
    })),
  };
}

/** A selector of pods as written: a label selector, and what Chaos Mesh adds. */
export interface PodSelectorInput extends SelectorInput {
  readonly labelSelectors?: SelectorInput['matchLabels'];
  readonly expressionSelectors?: SelectorInput['matchExpressions'];
  readonly namespaces?: readonly string[] | undefined;
  readonly nodes?: readonly string[] | undefined;
  readonly pods?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The pods that are meant. */
export function resolvePodSelector(input: PodSelectorInput): PodSelector {
  const { labelSelectors, expressionSelectors, namespaces = [], nodes = [], pods } = input;
  return {
    labels: resolveSelector({
      matchLabels: input.matchLabels ?? labelSelectors,
      matchExpressions: input.matchExpressions ?? expressionSelectors,
    }),
    namespaces,
    nodes,
    pods: pods === undefined ? undefined : new Map(Object.entries(pods)),
  };
}
