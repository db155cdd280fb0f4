import { describe, expect, test } from 'vitest';
import { makePod, makePodSpec } from '../testing/builders.ts';
import type { PodSpec, ResourceQuotaScope, ScopedResourceSelectorRequirement } from './core-v1.ts';
import { isInScopes } from './quota-scopes.ts';

const podWithSpec = (spec: Partial<PodSpec>, cpu = 0): ReturnType<typeof makePod> =>
  makePod('p', { spec: makePodSpec(spec), ...(cpu > 0 && { requests: { cpu } }) });
const inScope = (pod: ReturnType<typeof makePod>, ...scopes: ResourceQuotaScope[]): boolean =>
  isInScopes(pod, { hard: new Map(), scopes, scopeSelector: [] });
const inSelector = (
  priorityClassName: string,
  operator: ScopedResourceSelectorRequirement['operator'],
  values: readonly string[] = [],
): boolean =>
  isInScopes(podWithSpec({ priorityClassName }), {
    hard: new Map(),
    scopes: [],
    scopeSelector: [{ scopeName: 'PriorityClass', operator, values }],
  });

describe('a pod lies in the scope', () => {
  test('Terminating when it has a deadline', () => {
    const [withDeadline, without] = [podWithSpec({ activeDeadlineSeconds: 60 }), podWithSpec({})];
    expect([inScope(withDeadline, 'Terminating'), inScope(without, 'Terminating')]).toEqual([true, false]);
    expect([inScope(withDeadline, 'NotTerminating'), inScope(without, 'NotTerminating')]).toEqual([false, true]);
  });

  test('BestEffort when it asks for no processor and no memory', () => {
    const [asking, silent] = [makePod('p', { requests: { cpu: 100 } }), makePod('p')];
    expect([inScope(asking, 'BestEffort'), inScope(silent, 'BestEffort')]).toEqual([false, true]);
    expect([inScope(asking, 'NotBestEffort'), inScope(silent, 'NotBestEffort')]).toEqual([true, false]);
    expect(inScope(silent, 'BestEffort', 'Terminating')).toBe(false);
  });

  test('CrossNamespacePodAffinity when a term looks beyond its namespace', () => {
    const term = {
      topologyKey: 'zone',
      labelSelector: undefined,
      namespaces: [] as string[],
      namespaceSelector: undefined,
      matchLabelKeys: [],
      mismatchLabelKeys: [],
    };
    const withTerm = (podAffinityTerm: object): PodSpec['affinity'] => ({
      nodeAffinity: undefined,
      podAffinity: undefined,
      podAntiAffinity: { required: [], preferred: [{ weight: 1, podAffinityTerm: { ...term, ...podAffinityTerm } }] },
    });
    expect(inScope(podWithSpec({ affinity: withTerm({}) }), 'CrossNamespacePodAffinity')).toBe(false);
    const named = withTerm({ namespaces: ['other'] });
    expect(inScope(podWithSpec({ affinity: named }), 'CrossNamespacePodAffinity')).toBe(true);
    const chosen = withTerm({ namespaceSelector: { matchLabels: {}, matchExpressions: [] } });
    expect(inScope(podWithSpec({ affinity: chosen }), 'CrossNamespacePodAffinity')).toBe(true);
  });

  test('PriorityClass as a label with the name of its class', () => {
    expect([
      inSelector('high', 'In', ['high']),
      inSelector('low', 'In', ['high']),
      inSelector('', 'In', ['high']),
    ]).toEqual([true, false, false]);
    expect([inSelector('high', 'NotIn', ['high']), inSelector('', 'NotIn', ['high'])]).toEqual([false, true]);
    expect([inSelector('high', 'Exists'), inSelector('', 'Exists')]).toEqual([true, false]);
    expect([inSelector('high', 'DoesNotExist'), inSelector('', 'DoesNotExist')]).toEqual([false, true]);
  });
});
