import { describe, expect, it } from 'vitest';
import { decodeObject } from './decode-object.ts';

const problemsOf = (spec: object): readonly string[] => {
  const decoded = decodeObject({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'shop' },
    spec,
  });
  return decoded.ok ? [] : decoded.problems.map(({ message }) => message);
};
const selecting = (...matchExpressions: object[]): object => ({ scopeSelector: { matchExpressions } });
const byClass = (operator: string, values?: string[]): object => ({ scopeName: 'PriorityClass', operator, values });

describe('the scopes of a ResourceQuota', () => {
  it.each([
    [
      'that the API has, beside resources of pods',
      { hard: { pods: 1, cpu: 1 }, scopes: ['NotBestEffort', 'Terminating'] },
    ],
    ['of best effort, which count pods only', { hard: { pods: 1, 'count/pods': 1 }, scopes: ['BestEffort'] }],
    ['of priority classes', { hard: { pods: 1 }, ...selecting(byClass('In', ['high']), byClass('Exists')) }],
    ['of pods that look into other namespaces', { hard: { pods: 0 }, scopes: ['CrossNamespacePodAffinity'] }],
  ])('are taken: those %s', (_what, spec) => expect(problemsOf(spec)).toEqual([]));

  it.each([
    ['an unknown scope', { scopes: ['Sleeping'] }, 'spec.scopes: Invalid value: "Sleeping": unsupported scope'],
    [
      'cpu of pods without requests',
      { hard: { cpu: 1 }, scopes: ['BestEffort'] },
      'spec.scopes: Invalid value: "BestEffort": unsupported scope applied to resource',
    ],
    [
      'objects other than pods',
      { hard: { services: 1 }, scopes: ['Terminating'] },
      'spec.scopes: Invalid value: "Terminating": unsupported scope applied to resource',
    ],
    [
      'two scopes that no pod has both of',
      { hard: { pods: 1 }, scopes: ['Terminating', 'NotTerminating'] },
      'spec.scopes: Invalid value: "Terminating,NotTerminating": conflicting scopes',
    ],
    [
      'an operator on a scope without values',
      selecting({ scopeName: 'BestEffort', operator: 'DoesNotExist' }),
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "DoesNotExist": must be \'Exists\' when scope is any of ' +
        'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ' +
        'ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    ],
    [
      'In without values',
      selecting(byClass('In')),
      "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
    [
      'Exists with values',
      selecting(byClass('Exists', ['high'])),
      "spec.scopeSelector.matchExpressions[0].values: Invalid value: \"high\": must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    ],
    [
      'an unknown operator',
      selecting(byClass('Near', ['high'])),
      'spec.scopeSelector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
    ],
  ])('are refused: %s', (_what, spec, text) => {
    const [first] = problemsOf(spec);
    // Upstream leaves the index out, which a message at a place in a file need not.
    expect(first?.replace('[0]', '')).toBe(text.replace('[0]', ''));
  });
});
