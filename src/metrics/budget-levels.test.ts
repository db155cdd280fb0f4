import { describe, expect, test } from 'vitest';
import type { IntOrPercent } from '../api/apps-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import type { PodDisruptionBudget } from '../api/policy-v1.ts';
import { newPodDisruptionBudgetStatus } from '../api/policy-v1.ts';
import { BudgetLevels } from './budget-levels.ts';

function budget(
  name: string,
  spec: { minAvailable?: IntOrPercent; maxUnavailable?: IntOrPercent },
  app = 'web',
  namespace = 'shop',
): PodDisruptionBudget {
  return {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: newObjectMeta({ name, namespace }) },
    spec: {
      ...{ minAvailable: spec.minAvailable, maxUnavailable: spec.maxUnavailable },
      selector: { matchLabels: { app }, matchExpressions: [] },
      unhealthyPodEvictionPolicy: 'IfHealthyBudget',
    },
    status: newPodDisruptionBudgetStatus,
  };
}

function levels(...budgets: readonly PodDisruptionBudget[]): BudgetLevels {
  const found = new BudgetLevels();
  found.workload(0, 'shop', { app: 'web', tier: 'front' });
  for (const each of budgets) found.committed(undefined, each);
  return found;
}

describe('the pods that budgets want to keep', () => {
  test.each([
    [{ minAvailable: { count: 3 } }, 10, 3],
    [{ minAvailable: { percent: 25 } }, 10, 3],
    [{ maxUnavailable: { count: 1 } }, 10, 9],
    [{ maxUnavailable: { percent: 25 } }, 10, 7],
    [{ maxUnavailable: { percent: 100 } }, 10, 0],
  ])('%j of %i: %i, percentages rounded up as upstream does', (spec, desired, level) => {
    expect(levels(budget('b', spec)).levelOf(0, desired)).toBe(level);
  });

  test('are those of the strictest budget that selects them', () => {
    const found = levels(
      budget('a', { minAvailable: { count: 2 } }),
      budget('b', { minAvailable: { count: 5 } }),
      budget('c', { minAvailable: { count: 9 } }, 'other'),
      budget('d', { minAvailable: { count: 9 } }, 'web', 'elsewhere'),
    );
    expect(found.levelOf(0, 10)).toBe(5);
  });

  test('are not known where no budget selects them, nor when it is gone', () => {
    expect(levels(budget('c', { minAvailable: { count: 9 } }, 'other')).levelOf(0, 10)).toBeUndefined();
    const only = budget('a', { minAvailable: { count: 2 } });
    const found = levels(only);
    expect(found.levelOf(0, 10)).toBe(2);
    found.committed(only, undefined);
    expect(found.levelOf(0, 10)).toBeUndefined();
  });
});
