// Pods that their kubelet ends: deadlines and evictions, as upstream's sources have them.
import { describe, expect, test } from 'vitest';
import type { RecordedAction, RecordedPod } from './recording.ts';
import { deleted, played, pod, stops } from './rule-case.ts';

describe('a deadline', () => {
  const plays = [0, 1, 2, 3];

  test('that is over is seen by any sync: nothing starts again', () => {
    for (const play of plays) {
      const scripts = { d: { runs: [{ exit: 9.998, code: 1 }] } };
      const seen = pod(
        'activeDeadlineSeconds: 10, containers: [{name: c}, {name: d}]',
        { containers: scripts },
        [],
        play,
      );
      expect(seen('pod/cri d').filter((line) => line.startsWith('CreateContainer'))).toHaveLength(1);
    }
  });

  test('has the pod shown as failed at once; what was not ready counts as ready when it is stopped, since nothing asks it any more', () => {
    const probe = 'readinessProbe: {exec: {command: [ready]}, periodSeconds: 3}';
    const script = { runs: [{ term: 9 }], exec: { ready: [{ from: 0, code: 1 }] } };
    for (const play of plays) {
      const seen = pod(
        `activeDeadlineSeconds: 10, containers: [{name: c, ${probe}}]`,
        { containers: { c: script } },
        [],
        play,
      );
      const [first = ''] = seen(
        'pod/event DeadlineExceeded  Pod was active on the node longer than the specified deadline',
      );
      expect(seen('pod/condition Ready').slice(1)).toEqual([`False PodFailed  @${first.split('@')[1]}`]);
      const [stop = ''] = stops(seen('pod/cri c'));
      expect(seen('pod/container c')[1]).toBe(`running 0 true true  @${stop.split('@')[1]}`);
    }
  });

  test('that is over when the pod begins to stop is told there', () => {
    for (const play of plays) {
      const script = { runs: [{ term: 6 }] };
      const spec = 'activeDeadlineSeconds: 10, containers: [{name: c}]';
      const seen = pod(spec, { containers: { c: script } }, [deleted(10.02)], play);
      expect(seen('pod/condition Ready').at(-1)).toMatch(/^False PodFailed {2}@(9|10)$/);
    }
  });
});

describe('an eviction', () => {
  const gib = 1024 * 1024 * 1024;
  const memory = (at: number, used: number): RecordedAction => ({ at, do: 'memory', used: used * gib });
  const bestEffort = (name: string, used: number, run: object, grace = 30): RecordedPod => ({
    name,
    spec: `{terminationGracePeriodSeconds: ${grace}, containers: [{name: c}]}`,
    script: { containers: { c: { runs: [run], memory: used * gib } } },
  });
  const evicted = 'event Evicted  The node was low on resource: memory. Threshold quantity: 1Gi, available: 512Mi. ';
  const used = (amount: string): string =>
    `Container c was using ${amount}, request is 0, has larger consumption of memory. `;

  test('chooses a pod that is being stopped as well, whose stop goes on and which nothing is said of, and leaves the others alone', () => {
    const pods = [bestEffort('a', 2.5, { ignoreTerm: true }, 32), bestEffort('b', 1, {})];
    const seen = played(pods, [memory(20, 6), { at: 18, do: 'delete', pod: 'a' }], 'press');
    const [first = ''] = seen(`a/${evicted}${used('2560Mi')}`);
    const at = Number(first.split('@')[1]);
    expect(at).toBeGreaterThanOrEqual(20);
    const gaveUp = 'Container runtime did not kill the pod within specified grace period.';
    expect(seen(`a/event ExceededGracePeriod  ${gaveUp}`)).toEqual([`Warning @${at + 10}`]);
    expect(stops(seen('a/cri c'))).toEqual(['StopContainer 0 32 @18']);
    expect(seen('a/why')).toEqual([]);
    expect(seen('a/condition DisruptionTarget')).toEqual([]);
    expect(seen('b/cri c')).toHaveLength(2);
  });

  test('of a pod that is to stop after a start gives it less grace, and is told', () => {
    const starting = { ...bestEffort('a', 0.25, { ignoreTerm: true }), at: 9 };
    const slow = { ...starting, script: { containers: { c: { ...starting.script.containers!['c'], start: 25 } } } };
    const before = { ...bestEffort('b', 0.5, {}), script: { containers: { c: { memory: 2 * gib } } } };
    const critical = { ...before, spec: '{priorityClassName: system-node-critical, containers: [{name: c}]}' };
    const seen = played([critical, slow], [memory(20, 7.5), { at: 18, do: 'delete', pod: 'a' }], 'press');
    expect(stops(seen('a/cri c'))).toEqual(['StopContainer 0 2 @34']);
    expect(seen('a/why')[0]).toMatch(/^Evicted The node was low on resource: memory.*@36$/);
    expect(seen('a/condition DisruptionTarget')[0]).toMatch(/^True TerminationByKubelet/);
  });

  test('takes away what has ended before all has: nothing more is known of it', () => {
    const containers = { c: { memory: gib }, d: { runs: [{ ignoreTerm: true }], memory: gib } };
    const both = { name: 'a', spec: '{containers: [{name: c}, {name: d}]}', script: { containers } };
    const seen = played([both], [memory(20, 7.5)], 'press');
    const unknown = 'ContainerStatusUnknown 137';
    expect(seen('a/container c').at(-1)).toMatch(`terminated ${unknown} 1 false false ${unknown} @`);
    expect(seen('a/container d').at(-1)).toMatch('terminated Error 137 0 false false  @');
  });

  test('to make room for a critical pod takes nothing away', () => {
    const asks = (cpu: string): string => `resources: {requests: {cpu: ${cpu}}}`;
    const spec = `{containers: [{name: c, ${asks('800m')}}, {name: d, ${asks('700m')}}]}`;
    const script = { containers: { c: { runs: [{ term: 1 }] }, d: { runs: [{ term: 5 }] } } };
    const critical = `{priorityClassName: system-node-critical, containers: [{name: c, ${asks('1')}}]}`;
    const seen = played(
      [
        { name: 'a', spec, script },
        { name: 'b', at: 6, spec: critical, script: {} },
      ],
      [],
      'small',
    );
    expect(seen('a/container c').at(-1)).toMatch('terminated Completed 0 0 false false  @');
  });
});
