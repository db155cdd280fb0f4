import { describe, expect, test } from 'vitest';
import type { ContainerState, ContainerStatus, PodStatus } from '../api/pod-status.ts';
import { packCondition } from '../api/pod-status.ts';
import { makeContainer, makePod } from './builders.ts';
import { conditionsAsShown } from './pod-condition-texts.ts';

const at = packCondition(false, 3);
const running = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 1, finishedAt: -1 } as const;
const ended = (exitCode: number): ContainerState => ({ ...running, phase: 'terminated', exitCode, finishedAt: 2 });

function containerStatus(state: ContainerState, ready = false): ContainerStatus {
  return { index: 0, state, lastState: undefined, restartCount: 0, ready, started: ready };
}

function ready(restartPolicy: 'Always' | 'Never', status: Partial<PodStatus>): string {
  const pod = makePod('p', { spec: { restartPolicy }, status: { ready: at, containersReady: at, ...status } });
  const condition = conditionsAsShown(pod).find(({ type }) => type === 'Ready')!;
  return `${condition.reason} ${condition.message}`.trim();
}

// The texts of recordings, `conformance/kubelet/README.md` facts 4, 10, 11, 21, 36.
describe('the condition Ready where it is False', () => {
  test.each([
    ['Always', running, 'Running', 'ContainersNotReady containers with unready status: [c]'],
    ['Always', ended(1), 'Running', 'ContainersNotReady containers with unready status: [c]'],
    ['Never', ended(0), 'Running', 'PodCompleted'],
    ['Never', ended(1), 'Running', 'PodFailed'],
    ['Always', ended(0), 'Succeeded', 'PodCompleted'],
    ['Always', ended(1), 'Failed', 'PodFailed'],
  ] as const)('restart policy %s, %o, phase %s: %s', (policy, state, phase, text) => {
    expect(ready(policy, { phase, containerStatuses: [containerStatus(state)] })).toBe(text);
  });

  test('names the failure of a pod whose containers are ready but are being stopped', () => {
    expect(ready('Always', { phase: 'Running', containerStatuses: [containerStatus(running, true)] })).toBe(
      'PodFailed',
    );
  });

  test('names the readiness gates', () => {
    const pod = makePod('p', {
      spec: { readinessGates: ['example.com/ok'] },
      status: { ready: at, containersReady: packCondition(true, 3) },
    });
    expect(conditionsAsShown(pod).find(({ type }) => type === 'Ready')).toMatchObject({
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/ok" does not exist.',
    });
  });
});

test('the condition Initialized names the containers that are not over', () => {
  const initContainers = [makeContainer({ name: 'i' }), makeContainer({ name: 's', restartPolicy: 'Always' })];
  const pod = makePod('p', { spec: { initContainers }, status: { initialized: at } });
  expect(conditionsAsShown(pod)).toMatchObject([
    { type: 'Initialized', reason: 'ContainersNotInitialized', message: 'containers with incomplete status: [i s]' },
  ]);
});
