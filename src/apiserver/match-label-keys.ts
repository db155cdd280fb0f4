/**
 * matchLabelKeys and mismatchLabelKeys of pod affinity (upstream registry/core/pod `applyMatchLabelKeysAndMismatchLabelKeys`):
 * the API server writes the new pod's own values into the terms' selectors. The scheduler reads the selectors only.
 */
import type { Affinity, Pod, PodAffinity, PodAffinityTerm, PodSpec } from '../api/core-v1.ts';
import type { Labels, LabelSelectorRequirement } from '../api/meta-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { bindSpec, podWith, sharedSpec } from './pod-object.ts';

/** One per API server, so that pods of one template with the same values keep sharing one spec. */
export class MatchLabelKeys {
  private readonly known = new WeakMap<PodSpec, Map<string, PodSpec>>();

  /** The pod with its values in the selectors; the same pod where no term has such keys. */
  merge(pod: Pod): Pod {
    const { spec, metadata } = pod;
    if (spec.affinity === undefined || !termsOf(spec.affinity).some(hasKeys)) return pod;
    const shared = sharedSpec(spec);
    const merged = this.mergedTemplate(shared, spec.affinity, metadata.labels);
    return podWith(pod, { spec: shared === spec ? merged : bindSpec(merged, spec.nodeName) });
  }

  private mergedTemplate(spec: PodSpec, affinity: Affinity, labels: Labels): PodSpec {
    const values = valuesKey(affinity, labels);
    let byValues = this.known.get(spec);
    if (byValues === undefined) this.known.set(spec, (byValues = new Map()));
    let merged = byValues.get(values);
    if (merged === undefined) byValues.set(values, (merged = { ...spec, affinity: mergeAffinity(affinity, labels) }));
    return merged;
  }
}

function termsOf({ podAffinity, podAntiAffinity }: Affinity): readonly PodAffinityTerm[] {
  return [podAffinity, podAntiAffinity].flatMap((rules) => [
    ...(rules?.required ?? []),
    ...(rules?.preferred ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}

function hasKeys({ matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm): boolean {
  return matchLabelKeys.length > 0 || mismatchLabelKeys.length > 0;
}

/** The values that the terms ask for, in one text. */
function valuesKey(affinity: Affinity, labels: Labels): string {
  const keys = termsOf(affinity).flatMap(({ matchLabelKeys, mismatchLabelKeys }) => [
    ...matchLabelKeys,
    ...mismatchLabelKeys,
  ]);
  return JSON.stringify(keys.map((key) => labelValue(labels, key) ?? null));
}

function mergeAffinity(affinity: Affinity, labels: Labels): Affinity {
  return {
    ...affinity,
    podAffinity: mergeRules(affinity.podAffinity, labels),
    podAntiAffinity: mergeRules(affinity.podAntiAffinity, labels),
  };
}

function mergeRules(rules: PodAffinity | undefined, labels: Labels): PodAffinity | undefined {
  return (
    rules && {
      required: rules.required.map((term) => mergeTerm(term, labels)),
      preferred: rules.preferred.map(({ weight, podAffinityTerm }) => ({
        weight,
        podAffinityTerm: mergeTerm(podAffinityTerm, labels),
      })),
    }
  );
}

/** Keys that the pod does not have ask for nothing; a term without a selector matches nothing anyway. */
function mergeTerm(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term;
  if (labelSelector === undefined || !hasKeys(term)) return term;
  const { matchLabels, matchExpressions } = labelSelector;
  const added = [
    ...requirementsOf(matchLabelKeys, 'In', labels),
    ...requirementsOf(mismatchLabelKeys, 'NotIn', labels),
  ].filter((requirement) => !matchExpressions.some((known) => isSameRequirement(known, requirement)));
  return { ...term, labelSelector: { matchLabels, matchExpressions: [...matchExpressions, ...added] } };
}

function requirementsOf(
  keys: readonly string[],
  operator: 'In' | 'NotIn',
  labels: Labels,
): readonly LabelSelectorRequirement[] {
  return keys.flatMap((key) => {
    const value = labelValue(labels, key);
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}

/** A pod that comes from a dump of a cluster has them already. */
function isSameRequirement(a: LabelSelectorRequirement, b: LabelSelectorRequirement): boolean {
  return a.key === b.key && a.operator === b.operator && a.values.length === 1 && a.values[0] === b.values[0];
}
