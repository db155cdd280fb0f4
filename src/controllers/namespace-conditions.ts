/** Conditions of a namespace that is being emptied (upstream pkg/controller/namespace/deletion/status_condition_utils.go). */
import type { Namespace } from '../api/core-v1.ts';
import type { ApiObject, Condition, Timestamp } from '../api/meta-v1.ts';
import { resourceName } from '../apiserver/outcome.ts';
import { compareText } from '../util/compare-text.ts';

/** What a namespace still has: objects by kind. */
type Remains = readonly ApiObject[];

/** The conditions after a pass that left these objects; the present ones where nothing is new. */
export function deletionConditions(
  { conditions: present = [] }: Namespace,
  remains: Remains,
  now: Timestamp,
): readonly Condition[] {
  const facts = [
    ['NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    contentFact(remains),
    finalizersFact(remains),
  ] as const;
  const conditions = facts.map(([type, isTrue, reason, message]): Condition => {
    const status = isTrue ? 'True' : 'False';
    const known = present.find((condition) => condition.type === type);
    if (known?.status === status && known.reason === reason && known.message === message) return known;
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime : now,
    };
  });
  return conditions.every((condition, at) => condition === present[at]) ? present : conditions;
}

type Fact = readonly [type: string, isTrue: boolean, reason: string, message: string];

function contentFact(remains: Remains): Fact {
  const type = 'NamespaceContentRemaining';
  if (remains.length === 0) return [type, false, 'ContentRemoved', 'All content successfully removed'];
  const texts = [...countBy(remains.map(({ kind }) => resourceName(kind)))].map(
    ([kind, count]) => `${kind.includes('.') ? kind : `${kind}.`} has ${count} resource instances`,
  );
  return [type, true, 'SomeResourcesRemain', `Some resources are remaining: ${texts.join(', ')}`];
}

function finalizersFact(remains: Remains): Fact {
  const type = 'NamespaceFinalizersRemaining';
  const counts = [...countBy(remains.flatMap(({ metadata }) => metadata.finalizers))];
  if (counts.length === 0) return [type, false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'];
  const texts = counts.map(([name, count]) => `${name} in ${count} resource instances`);
  return [
    type,
    true,
    'SomeFinalizersRemain',
    `Some content in the namespace has finalizers remaining: ${texts.join(', ')}`,
  ];
}

/** How often each text occurs, in the order of the texts. */
function countBy(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts.toSorted(compareText)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
