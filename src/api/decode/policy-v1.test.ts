import { describe, expect, it } from 'vitest';
import { decodeObject } from './decode-object.ts';

const budget = (spec: unknown, more: object = {}): unknown => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
  ...more,
});

describe('a PodDisruptionBudget', () => {
  it('is read with its defaults', () => {
    const decoded = decodeObject(budget({ maxUnavailable: '30%', selector: { matchLabels: { app: 'web' } } }));
    expect(decoded).toMatchObject({
      ok: true,
      kind: 'PodDisruptionBudget',
      object: {
        spec: {
          minAvailable: undefined,
          maxUnavailable: { percent: 30 },
          unhealthyPodEvictionPolicy: 'IfHealthyBudget',
        },
        status: { disruptionsAllowed: 0, disruptedPods: new Map() },
      },
    });
  });

  it('of a dump keeps its counts and the pods that are on their way out', () => {
    const status = { disruptionsAllowed: 2, expectedPods: 5, disruptedPods: { 'web-1': '2026-01-01T00:00:00Z' } };
    const decoded = decodeObject(budget({ minAvailable: 3 }, { status }));
    expect(decoded).toMatchObject({
      object: {
        spec: { minAvailable: { count: 3 }, selector: undefined },
        status: { disruptionsAllowed: 2, expectedPods: 5, disruptedPods: new Map([['web-1', 0]]) },
      },
    });
  });

  it.each([
    [{ minAvailable: 1, maxUnavailable: 1 }, 'minAvailable and maxUnavailable cannot be both set'],
    [{ minAvailable: '101%' }, 'must not be greater than 100%'],
    [{ maxUnavailable: 'some' }, 'a valid percent string must be a numeric string'],
    [{ unhealthyPodEvictionPolicy: 'Never' }, 'supported values: "AlwaysAllow", "IfHealthyBudget"'],
    [{ selector: { matchLabels: { 'a b': 'c' } } }, 'spec.selector.matchLabels'],
  ])('with the spec %j is refused', (spec, message) => {
    const decoded = decodeObject(budget(spec));
    expect(decoded.ok ? '' : decoded.problems.map((problem) => problem.message).join()).toContain(message);
  });

  it('of another version is a mistake', () => {
    const decoded = decodeObject({ ...(budget({}) as object), apiVersion: 'policy/v1beta1' });
    expect(decoded.ok ? '' : decoded.problems[0]!.message).toContain('policy/v1beta1');
  });
});
