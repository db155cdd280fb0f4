import { describe, expect, test } from 'vitest';
import type { Job, PodFailurePolicyRule } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ContainerStatus } from '../api/pod-status.ts';
import { makeJob } from '../testing/api-harness.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { parseIndexes } from './job-indexes.ts';
import { failJobMessage, failureActionOf, isIgnored, matchedSuccessRule } from './job-policies.ts';

function ended(index: number, exitCode: number): ContainerStatus {
  const state = { phase: 'terminated', reason: '', message: '', exitCode, startedAt: 0, finishedAt: 1 } as const;
  return { index, state, lastState: undefined, restartCount: 0, ready: false, started: false };
}

/** A failed pod with containers `main` and `side` and an init container `init`. */
function failed(
  codes: { readonly main?: number; readonly side?: number; readonly init?: number },
  condition = '',
): Pod {
  const statuses = [codes.main, codes.side].flatMap((code, at) => (code === undefined ? [] : [ended(at, code)]));
  const otherConditions =
    condition === ''
      ? []
      : [{ type: condition, status: 'True', reason: '', message: '', lastTransitionTime: 0 } as const];
  return makePod('p', {
    metadata: { namespace: 'shop' },
    spec: {
      containers: [makeContainer({ name: 'main' }), makeContainer({ name: 'side' })],
      initContainers: [makeContainer({ name: 'init' })],
    },
    status: {
      phase: 'Failed',
      containerStatuses: statuses,
      initContainerStatuses: codes.init === undefined ? [] : [ended(0, codes.init)],
      otherConditions,
    },
  });
}

const onCodes = (
  action: PodFailurePolicyRule['action'],
  operator: 'In' | 'NotIn',
  values: readonly number[],
  containerName?: string,
): PodFailurePolicyRule => ({ action, onExitCodes: { containerName, operator, values }, onPodConditions: [] });
const onDisruption: PodFailurePolicyRule = {
  action: 'Ignore',
  onExitCodes: undefined,
  onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
};
const jobWith = (...rules: PodFailurePolicyRule[]): Job => makeJob('batch', { podFailurePolicy: { rules } });

describe('the failure policy', () => {
  test('the first rule that matches holds; without one the failure counts', () => {
    const job = jobWith(onDisruption, onCodes('FailJob', 'In', [42]), onCodes('Ignore', 'In', [42, 7]));
    expect(failureActionOf(job, failed({ main: 42 }))).toBe('FailJob');
    expect(failureActionOf(job, failed({ main: 7 }))).toBe('Ignore');
    expect(failureActionOf(job, failed({ main: 42 }, 'DisruptionTarget'))).toBe('Ignore');
    expect(failureActionOf(job, failed({ main: 1 }))).toBe('Count');
    expect(isIgnored(job, failed({ main: 7 }))).toBe(true);
  });

  test('NotIn is met by every other code but 0', () => {
    const job = jobWith(onCodes('FailJob', 'NotIn', [1]));
    expect(failureActionOf(job, failed({ main: 2 }))).toBe('FailJob');
    expect(failureActionOf(job, failed({ main: 1 }))).toBe('Count');
    expect(failureActionOf(job, failed({ main: 0 }))).toBe('Count');
    expect(failureActionOf(job, failed({}))).toBe('Count');
  });

  test('a rule may name one container; init containers are looked at after the others', () => {
    const job = jobWith(onCodes('FailJob', 'In', [3], 'init'));
    expect(failureActionOf(job, failed({ main: 3 }))).toBe('Count');
    expect(failureActionOf(job, failed({ init: 3 }))).toBe('FailJob');
    expect(failJobMessage(jobWith(onCodes('FailJob', 'In', [3])), [failed({ side: 3, init: 3 })])).toBe(
      'Container side for pod shop/p failed with exit code 3 matching FailJob rule at index 0',
    );
  });

  test('the message names the condition and the rule', () => {
    const rule: PodFailurePolicyRule = { ...onDisruption, action: 'FailJob' };
    expect(failJobMessage(jobWith(onCodes('Count', 'In', [9]), rule), [failed({ main: 1 }, 'DisruptionTarget')])).toBe(
      'Pod shop/p has condition DisruptionTarget matching FailJob rule at index 1',
    );
    expect(failJobMessage(jobWith(onDisruption), [failed({ main: 1 }, 'DisruptionTarget')])).toBeUndefined();
    expect(failJobMessage(makeJob('batch'), [failed({ main: 1 })])).toBeUndefined();
  });
});

describe('the success policy', () => {
  const metBy = (succeeded: string, ...rules: { succeededIndexes?: string; succeededCount?: number }[]): number =>
    matchedSuccessRule(
      makeJob('batch', {
        successPolicy: {
          rules: rules.map(({ succeededIndexes, succeededCount }) => ({ succeededIndexes, succeededCount })),
        },
      }),
      parseIndexes(succeeded),
    );

  test.each([
    ['all of a list', '0-3', [{ succeededIndexes: '0,2-3' }], 0],
    ['not all of it', '0,2', [{ succeededIndexes: '0,2-3' }], -1],
    ['enough of a list', '0,3,7', [{ succeededIndexes: '0-3', succeededCount: 2 }], 0],
    ['enough, but of others', '0,7-9', [{ succeededIndexes: '0-3', succeededCount: 2 }], -1],
    ['any so many', '7-9', [{ succeededCount: 3 }], 0],
    ['the second rule', '5', [{ succeededIndexes: '0' }, { succeededIndexes: '5' }], 1],
    ['nothing yet', '', [{ succeededCount: 1 }], -1],
  ])('%s', (_what, succeeded, rules, index) => {
    expect(metBy(succeeded, ...rules)).toBe(index);
  });
});
