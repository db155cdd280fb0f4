import { describe, expect, test } from 'vitest';
import type { ContainerState, ContainerStatus } from '../api/pod-status.ts';
import { makeContainer, makePodSpec } from '../testing/builders.ts';
import { restartingAll, terminatedState, waitingState } from './container-states.ts';
import { podPhase } from './pod-phase.ts';

const running: ContainerState = { ...waitingState(''), phase: 'running', startedAt: 1 };
const creating = waitingState('ContainerCreating');
const crashLoop = waitingState('CrashLoopBackOff');
const ended = (code: number) => terminatedState(code, 1, 2);

type Known = readonly [state: ContainerState, lastState?: ContainerState];

function phase(
  restartPolicy: 'Always' | 'OnFailure' | 'Never',
  containers: readonly Known[],
  init: readonly Known[] = [],
  { sidecar = false, isInitialized = true, isTerminated = false } = {},
): string {
  const spec = makePodSpec({
    restartPolicy,
    containers: containers.map(() => makeContainer()),
    initContainers: init.map(() => makeContainer({ restartPolicy: sidecar ? 'Always' : undefined })),
  });
  const statuses = (list: readonly Known[]): ContainerStatus[] =>
    list.map(([state, lastState], index) => {
      const isRunning = state.phase === 'running';
      return { index, state, lastState, restartCount: 0, ready: isRunning, started: isRunning };
    });
  return podPhase(spec, statuses(init), statuses(containers), { isInitialized, isTerminated });
}

describe('the phase of a pod', () => {
  test('is Pending while a container has never run, even beside a running one', () => {
    expect(phase('Always', [[creating]])).toBe('Pending');
    expect(phase('Always', [[running], [waitingState('ImagePullBackOff')]])).toBe('Pending');
  });

  test('is Running in a crash loop and while a restart is due', () => {
    expect(phase('Always', [[crashLoop, ended(1)]])).toBe('Running');
    expect(phase('OnFailure', [[ended(1)]])).toBe('Running');
    expect(phase('Always', [[ended(0)]])).toBe('Running');
  });

  test('is Succeeded or Failed by the exit codes once nothing starts again', () => {
    expect(phase('Never', [[ended(0)], [ended(0)]])).toBe('Succeeded');
    expect(phase('Never', [[ended(0)], [ended(2)]])).toBe('Failed');
    expect(phase('Never', [[ended(2)], [running]])).toBe('Running');
    expect(phase('OnFailure', [[ended(0)]])).toBe('Succeeded');
    expect(phase('Always', [[ended(143)]], [], { isTerminated: true })).toBe('Failed');
    expect(phase('Always', [[ended(0)]], [], { isTerminated: true })).toBe('Succeeded');
  });

  test('is not Succeeded where one that ended well waits for its next start', () => {
    expect(phase('Always', [[crashLoop, ended(0)]], [], { isTerminated: true })).toBe('Failed');
  });

  test('stays Running while all containers are started anew, but for init containers that run', () => {
    expect(phase('Never', [[creating, restartingAll]])).toBe('Running');
    expect(phase('Never', [[creating, restartingAll]], [[creating, restartingAll]])).toBe('Running');
    expect(phase('Never', [[creating, restartingAll]], [[running, restartingAll]])).toBe('Pending');
    expect(phase('Never', [[running]], [[creating, restartingAll]], { sidecar: true })).toBe('Running');
  });

  test('waits for init containers and fails with them under Never', () => {
    expect(phase('Always', [[creating]], [[running]], { isInitialized: false })).toBe('Pending');
    expect(phase('Never', [[creating]], [[ended(1)]], { isInitialized: false })).toBe('Failed');
    expect(phase('OnFailure', [[creating]], [[ended(1)]], { isInitialized: false })).toBe('Pending');
    expect(phase('Always', [[running]], [[ended(0)]])).toBe('Running');
  });

  test('does not hang on the exit code of a sidecar', () => {
    expect(phase('Never', [[ended(0)]], [[ended(137)]], { sidecar: true })).toBe('Succeeded');
    expect(phase('Never', [[ended(0)]], [[running]], { sidecar: true })).toBe('Running');
    expect(phase('Always', [[creating]], [[creating]], { sidecar: true, isInitialized: false })).toBe('Pending');
  });
});
