// Pods that end with their node: each rule is upstream's, and was seen on a real kubelet.
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../engine/time.ts';
import type { RecordedAction, RecordedPod, RecordedRun } from './recording.ts';
import { played } from './rule-case.ts';

const shutdown = (at: number): RecordedAction => ({ at, do: 'shutdown' });
const pod = (name: string, run: RecordedRun, more = '', start = 0): RecordedPod => ({
  name,
  spec: `{${more}containers: [{name: c}]}`,
  script: { containers: { c: { runs: [run], start } } },
});
const exits = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('Exit'));
const options = { shutdownGracePeriod: 20 * SECOND, shutdownGracePeriodCriticalPods: 5 * SECOND };
const deadlineWhy = 'DeadlineExceeded Pod was active on the node longer than the specified deadline';

describe('a graceful shutdown', () => {
  test('gives up a pod that does not end in half as long again as its grace, though its group has more time', () => {
    const pods = [pod('slow', {}, '', 25), pod('k', { term: 1 }, 'priorityClassName: system-node-critical, ')];
    const short = { shutdownGracePeriod: 16 * SECOND, shutdownGracePeriodCriticalPods: 4 * SECOND };
    const seen = played(pods, [shutdown(8)], 'std', 0, short);
    const text = 'Container runtime did not kill the pod within specified grace period.';
    expect(exits(seen('k/cri c'))).toEqual(['Exit 0 0 @21']);
    // The group has 12 s, and so has the pod, which are 18 s.
    expect(seen(`slow/event ExceededGracePeriod  ${text}`)).toEqual([]);
    const quick = [pod('slow', {}, 'terminationGracePeriodSeconds: 4, ', 25), pods[1]!];
    const patient = played(quick, [shutdown(8)], 'std', 0, short);
    expect(patient(`slow/event ExceededGracePeriod  ${text}`)).toEqual(['Warning @18']);
    expect(exits(patient('k/cri c'))).toEqual(['Exit 0 0 @19']);
  });

  test('waits in vain for a pod that has ended before its turn, as long as its object is there', () => {
    const priority = (value: number): string => `priority: ${value}, `;
    const groups = [0, 1000, 5000].map((from) => ({ priority: from, seconds: from === 0 ? 6 : 4 }));
    const kubelet = { shutdownGracePeriodByPodPriority: groups };
    const never = 'restartPolicy: Never, ';
    const pods = [
      pod('low', { ignoreTerm: true }, priority(0)),
      pod('job', { exit: 9 }, never + priority(1000)),
      pod('high', { term: 1 }, priority(5000)),
    ];
    const seen = played(pods, [shutdown(8)], 'std', 0, kubelet);
    // The first group ends at 14 s; the second one, of which nothing runs any more, takes its 4 s.
    expect(exits(seen('high/cri c'))).toEqual(['Exit 0 0 @19']);
    const text = 'Container runtime did not kill the pod within specified grace period.';
    expect(seen(`job/event ExceededGracePeriod  ${text}`)).toEqual(['Warning @24']);
    const gone = played(pods, [shutdown(8), { at: 12, do: 'delete', pod: 'job' }], 'std', 0, kubelet);
    expect(exits(gone('high/cri c'))).toEqual(['Exit 0 0 @15']);
  });

  test('joins a success that has been found, and is not told yet', () => {
    const why = (at: number): readonly string[] => {
      const job = pod('job', { exit: 7.5 }, 'restartPolicy: Never, ');
      const seen = played([job], [shutdown(at)], 'std', 0, options);
      expect(seen('job/phase').at(-1)).toMatch(/^Succeeded/);
      return seen('job/why');
    };
    expect(why(8.8)).toEqual(['Terminated Pod was terminated in response to imminent node shutdown. @9']);
    // The end of the container has not been seen, or all has been said.
    expect([why(8), why(9.8)]).toEqual([[], []]);
  });

  test('tells pods whose deadline is over meanwhile so, and not of the node', () => {
    const seen = played(
      [
        pod('p', { term: 9 }, 'activeDeadlineSeconds: 12, '),
        pod('q', { term: 4, termCode: 1 }, 'activeDeadlineSeconds: 12, '),
      ],
      [shutdown(6)],
      'std',
      0,
      options,
    );
    expect(seen('p/why')).toEqual([`${deadlineWhy} @15`]);
    expect(seen('p/condition DisruptionTarget')[0]).toMatch(/^True TerminationByKubelet/);
    expect(seen('q/why')[0]).toMatch(/^Terminated /);
  });
});

describe('an eviction', () => {
  const memory: RecordedAction = { at: 1, do: 'memory', used: 7.5 * 1024 * 1024 * 1024 };

  test('removes a container that has been in its start for a minute', () => {
    const scripts = { c: { memory: 2 * 1024 * 1024 * 1024 }, d: { start: 75 } };
    const evicted = { spec: '{containers: [{name: c}, {name: d}]}', script: { containers: scripts } };
    const seen = played([evicted], [memory], 'press');
    expect(seen('pod/cri d')).toEqual(['CreateContainer 0 @0', 'StartContainer 0 @0']);
    expect(seen('pod/container d').at(-1)).toMatch(/^terminated ContainerStatusUnknown 137 0 false false/);
  });
});
