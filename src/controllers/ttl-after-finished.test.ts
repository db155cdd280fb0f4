import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { makeJob } from '../testing/api-harness.ts';
import { ControlPlane } from '../testing/control-plane.ts';

function goneAt(ttlSecondsAfterFinished: number | undefined): { job: number; pod: number } {
  const plane = new ControlPlane({ behavior: () => ({ exitAfter: 10 * SECOND }) });
  const gone = { job: -1, pod: -1 };
  plane.observe('Job', (_before, after, seconds) => void (after === undefined && (gone.job = seconds)));
  plane.observe('Pod', (_before, after, seconds) => void (after === undefined && (gone.pod = seconds)));
  plane.create(makeJob('work', { ttlSecondsAfterFinished }));
  plane.runTo(200);
  return gone;
}

test('a finished Job goes when its time is over, and its pods before it', () => {
  // Complete at 11 s: one second of batching after the end of the pod.
  expect(goneAt(20)).toEqual({ job: 31, pod: 31 });
  expect(goneAt(0)).toEqual({ job: 11, pod: 11 });
});

test('a Job without a time to live stays', () => {
  expect(goneAt(undefined)).toEqual({ job: -1, pod: -1 });
});
