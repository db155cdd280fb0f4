import { describe, expect, test } from 'vitest';
import type { HorizontalPodAutoscalerSpec, ScalingRules } from '../api/autoscaling-v2.ts';
import type { ScaleHistory } from './hpa-limits.ts';
import { limitReplicas, noteScale } from './hpa-limits.ts';

const double = { type: 'Percent', value: 100, periodSeconds: 15 } as const;
const upDefaults: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, double],
  tolerance: undefined,
};
const downDefaults: ScalingRules = { ...upDefaults, stabilizationWindowSeconds: undefined, policies: [double] };

function specOf(behavior?: { up?: Partial<ScalingRules>; down?: Partial<ScalingRules> }): HorizontalPodAutoscalerSpec {
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 50,
    metrics: [],
    behavior: behavior && {
      scaleUp: { ...upDefaults, ...behavior.up },
      scaleDown: { ...downDefaults, ...behavior.down },
    },
  };
}

/** Syncs at given seconds: what the metrics ask for, and the replicas that come of it, each one the next present number. */
function follow(
  spec: HorizontalPodAutoscalerSpec,
  start: number,
  wishes: readonly (readonly [number, number])[],
): number[] {
  const history: ScaleHistory = { recommendations: [{ time: 0, replicas: start }], added: [], removed: [] };
  let current = start;
  return wishes.map(([now, desired]) => {
    const { replicas } = limitReplicas(spec, history, current, desired, now);
    noteScale(history, spec.behavior, replicas - current, now);
    current = replicas;
    return replicas;
  });
}

const every15 = (desired: number, count: number): readonly (readonly [number, number])[] =>
  Array.from({ length: count }, (_, at) => [at * 15, desired] as const);

describe('scaling up from 3 to the 20 that the metrics ask for', () => {
  test('without behavior it doubles at each sync, or has four', () => {
    expect(follow(specOf(), 3, every15(20, 3))).toEqual([6, 12, 20]);
    expect(follow(specOf(), 1, every15(20, 4))).toEqual([4, 8, 16, 20]);
  });

  test('with the default behavior it gains four pods or as many as it has in 15 s', () => {
    expect(follow(specOf({}), 3, every15(20, 3))).toEqual([7, 14, 20]);
  });

  test('selectPolicy Min takes the smaller policy, Disabled none', () => {
    expect(follow(specOf({ up: { selectPolicy: 'Min' } }), 3, every15(20, 3))).toEqual([6, 10, 14]);
    expect(follow(specOf({ up: { selectPolicy: 'Disabled' } }), 3, every15(20, 2))).toEqual([3, 3]);
  });

  test('what was added within the period of a policy counts: one pod in 60 s', () => {
    const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }] as const;
    const at = [0, 15, 30, 45, 60, 75].map((now) => [now, 20] as const);
    expect(follow(specOf({ up: { policies } }), 3, at)).toEqual([4, 4, 4, 4, 5, 5]);
  });

  test('a window waits for the least wish in it', () => {
    const spec = specOf({ up: { stabilizationWindowSeconds: 30 } });
    const wishes = [
      [0, 3],
      [15, 20],
      [30, 9],
      [45, 20],
      [60, 20],
    ] as const;
    // At 30 s the wish for 3 is as old as the window: 9 is the least, 4 more than 3 the limit. At 60 s only 20 is left.
    expect(follow(spec, 3, wishes)).toEqual([3, 3, 7, 9, 18]);
  });
});

describe('scaling down from 20', () => {
  test('follows the greatest wish of the last 300 s', () => {
    const wishes = [
      [10, 20],
      [25, 5],
      [295, 7],
      [311, 3],
      [326, 3],
      [600, 3],
    ] as const;
    // The wish for 20 of second 10 is over at 310, that for 5 at 325, that for 7 at 595.
    expect(follow(specOf(), 20, wishes)).toEqual([20, 20, 20, 7, 7, 3]);
  });

  test('percentages are cut off: half of 5 is 2', () => {
    const down = {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
    } as const;
    const at = [0, 15, 60, 75, 120].map((now) => [now, 1] as const);
    expect(follow(specOf({ down }), 20, at)).toEqual([10, 10, 5, 5, 2]);
  });

  test('policies: the larger step with Max, the smaller with Min, none with Disabled', () => {
    const policies = [
      { type: 'Percent', value: 10, periodSeconds: 60 },
      { type: 'Pods', value: 5, periodSeconds: 60 },
    ] as const;
    const down = { stabilizationWindowSeconds: 0, policies };
    const at = [0, 60].map((now) => [now, 1] as const);
    expect(follow(specOf({ down }), 20, at)).toEqual([15, 10]);
    expect(follow(specOf({ down: { ...down, selectPolicy: 'Min' } }), 20, at)).toEqual([18, 16]);
    expect(follow(specOf({ down: { ...down, selectPolicy: 'Disabled' } }), 20, at)).toEqual([20, 20]);
  });

  test('an event that scaling up needs no more counts for scaling down until a new one takes its place', () => {
    const up = { policies: [{ type: 'Pods', value: 8, periodSeconds: 30 }] } as const;
    const down = { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 2, periodSeconds: 90 }] } as const;
    const wishes = [
      [0, 6],
      [15, 8],
      [50, 9],
      [80, 1],
    ] as const;
    // That of 50 s takes the place of that of 15 s, and that of 0 s stays: the period begins with 9 - 2 - 1 pods.
    expect(follow(specOf({ up, down }), 4, wishes)).toEqual([6, 8, 9, 4]);
  });
});

test('products are those of floating point numbers, as upstream rounds them', () => {
  // 50 * 1.1 is a little more than 55, 10 * (1 - 0.9) a little less than 1.
  const up = { policies: [{ type: 'Percent', value: 10, periodSeconds: 15 }] } as const;
  const down = {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 90, periodSeconds: 15 }],
  } as const;
  const spec = { ...specOf({ up, down }), minReplicas: 0, maxReplicas: 100 };
  expect(follow(spec, 50, [[0, 99]])).toEqual([56]);
  expect(follow(spec, 10, [[0, 0]])).toEqual([0]);
});

test('the conditions say which limit was met', () => {
  const limitOf = (desired: number, current: number, spec = specOf()): string =>
    limitReplicas(spec, { recommendations: [], added: [], removed: [] }, current, desired, 1000).limit;
  expect(limitOf(20, 3)).toBe('ScaleUpLimit');
  expect(limitOf(80, 40)).toBe('TooManyReplicas');
  expect(limitOf(0, 2)).toBe('TooFewReplicas');
  expect(limitOf(5, 3)).toBe('DesiredWithinRange');
  const slow = specOf({
    down: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  });
  expect(limitOf(2, 9, slow)).toBe('ScaleDownLimit');
});
