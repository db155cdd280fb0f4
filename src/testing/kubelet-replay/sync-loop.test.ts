// A kubelet that makes room for a critical pod does nothing else meanwhile: each rule is upstream's, and was seen on a real kubelet.
import { describe, expect, test } from 'vitest';
import type { RecordedAction, RecordedPod, RecordedScript } from './recording.ts';
import { played } from './rule-case.ts';

const asks = (cpu: string): string => `resources: {requests: {cpu: "${cpu}"}}`;
const critical = (name: string, at: number, cpu = '1'): RecordedPod => ({
  name,
  at,
  spec: `{priorityClassName: system-node-critical, containers: [{name: c, ${asks(cpu)}}]}`,
  script: {},
});
const plain = (name: string, at: number, script: RecordedScript = {}, probe = ''): RecordedPod => ({
  name,
  at,
  spec: `{containers: [{name: c, ${probe}${asks('0.1')}}]}`,
  script,
});
/** Has to make room from 5 s on, and is gone at 13 s. */
const victim: RecordedPod = {
  name: 'a',
  spec: `{terminationGracePeriodSeconds: 8, containers: [{name: c, ${asks('1.4')}}]}`,
  script: { containers: { c: { runs: [{ ignoreTerm: true }] } } },
};
const seenWith = (pods: readonly RecordedPod[], actions: readonly RecordedAction[] = []) =>
  played([victim, ...pods, critical('k', 5)], actions, 'small');
const from = (lines: readonly string[], time: number): readonly string[] =>
  lines.filter((line) => Number(line.split('@')[1]) >= time);

describe('while a kubelet waits for room', () => {
  test('no other pod is admitted', () => {
    const seen = seenWith([plain('n', 8)]);
    expect(seen('n/cri sandbox')).toEqual(['RunPodSandbox 0  @13']);
    expect(seen('k/cri sandbox')).toEqual(['RunPodSandbox 0  @13']);
  });

  test('no deletion is heard of, also of a pod that comes and goes', () => {
    const gone: RecordedAction[] = [
      { at: 7, do: 'delete', pod: 'b' },
      { at: 9, do: 'delete', pod: 'n', grace: 0 },
    ];
    const seen = seenWith([plain('b', 0), plain('n', 8)], gone);
    expect(from(seen('b/cri c'), 1)).toEqual(['StopContainer 0 30 @13', 'Exit 0 0 @13']);
    expect(seen('n/cri c')).toEqual([]);
  });

  test('no container starts again, and no readiness is told', () => {
    const readiness = 'readinessProbe: {periodSeconds: 1, exec: {command: [ready]}}, ';
    const answers = [
      { from: 0, code: 1 },
      { from: 7.5, code: 0 },
    ];
    const seen = seenWith([
      plain('x', 0, { containers: { c: { runs: [{ exit: 7.2, code: 1 }, {}] } } }),
      plain('r', 0, { containers: { c: { exec: { ready: answers } } } }, readiness),
    ]);
    expect(from(seen('x/cri c'), 1)).toEqual(['Exit 0 1 @7', 'CreateContainer 1 @13', 'StartContainer 1 @13']);
    expect(from(seen('r/condition Ready'), 1)).toEqual(['True   @13']);
  });

  test('a container that was being started is started, and the next one of its sync', () => {
    const scripts = { containers: { c: { start: 4 }, d: { start: 3 } } };
    const seen = seenWith([{ name: 'p', at: 3, spec: '{containers: [{name: c}, {name: d}]}', script: scripts }]);
    expect(seen('p/event Started d Container started')).toEqual(['Normal @10']);
    // A list had shown the sandbox before: that sync was told to begin in time.
    expect(from(seen('p/phase'), 10)).toEqual(['Running @10']);
  });

  test('another critical pod waits for its turn, and the first one is not said to run before', () => {
    const stops = (seconds: number) => ({ containers: { c: { runs: [{ term: seconds }] } } });
    const pods = ['a', 'b'].map((name, at) => ({
      name,
      spec: `{containers: [{name: c, ${asks('0.9')}}]}`,
      script: stops(4 + at),
    }));
    const seen = played([...pods, critical('k', 5, '0.7'), critical('l', 6, '0.7')], [], 'small');
    expect(seen('k/cri c')).toEqual(['CreateContainer 0 @10', 'StartContainer 0 @10']);
    expect(seen('k/phase').at(-1)).toBe('Running @14');
    expect(seen('l/cri sandbox')).toEqual(['RunPodSandbox 0  @14']);
  });

  test('it loses patience with a pod that does not end, and takes the critical one all the same', () => {
    const slow = { ...victim, script: { containers: { c: { start: 24 } } } };
    const seen = played([slow, critical('k', 5), plain('n', 8)], [], 'small');
    const text = 'Container runtime did not kill the pod within specified grace period.';
    // A grace of 8 s and half of it again.
    expect(seen(`a/event ExceededGracePeriod  ${text}`)).toEqual(['Warning @17']);
    expect(seen('k/cri sandbox')).toEqual(['RunPodSandbox 0  @17']);
    const lack = "Node didn't have enough resource: cpu, requested: 100, used: 2400, capacity: 2000";
    expect(seen('n/why')).toEqual([`OutOfcpu Pod was rejected: ${lack} @17`]);
  });
});
