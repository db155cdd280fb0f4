import { expect, test } from 'vitest';
import type { CronJob } from '../api/batch-v1.ts';
import { newCronJobStatus } from '../api/batch-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { defaultLatency } from '../apiserver/latency.ts';
import { constant } from '../engine/distributions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { makeJob } from '../testing/api-harness.ts';
import { ControlPlane } from '../testing/control-plane.ts';

function makeCronJob(parts: Partial<CronJob['spec']> = {}): CronJob {
  const { spec } = makeJob('work');
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: newObjectMeta({ name: 'report', namespace: 'shop' }),
    spec: {
      schedule: '* * * * *',
      timeZone: undefined,
      startingDeadlineSeconds: undefined,
      concurrencyPolicy: 'Forbid',
      suspend: false,
      jobTemplate: { labels: {}, annotations: {}, spec },
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      ...parts,
    },
    status: newCronJobStatus,
  };
}

/** Reasons of the Events about the CronJob in 150 s, whose Jobs take 70 s each, where changes are heard of 100 ms late. */
function reasonsWithSlowWatch(): readonly string[] {
  const latency = { ...defaultLatency, watch: constant(100 * MILLISECOND) };
  const plane = new ControlPlane({ latency, behavior: () => ({ exitAfter: 70 * SECOND }) });
  plane.create(makeCronJob());
  plane.runTo(150);
  return plane.events.filter(({ involvedKind }) => involvedKind === 'CronJob').map(({ reason }) => reason);
}

test('a Job that the list of the cache does not have yet is neither unexpected nor missing: the list is read again', () => {
  const reasons = reasonsWithSlowWatch();
  expect(reasons.filter((reason) => reason === 'SuccessfulCreate')).toHaveLength(2);
  expect(reasons).not.toContain('UnexpectedJob');
  expect(reasons).not.toContain('MissingJob');
});

test('the end of a Job is told again by a sync that began before the cache heard of the first', () => {
  expect(reasonsWithSlowWatch().filter((reason) => reason === 'SawCompletedJob').length).toBeGreaterThan(1);
});

test('a new schedule is looked at when it comes round, and a resumed CronJob at once', () => {
  const plane = new ControlPlane();
  const created: number[] = [];
  plane.observe('Job', (before, _after, seconds) => void (before === undefined && created.push(Math.floor(seconds))));
  plane.create(makeCronJob({ schedule: '30 * * * *', suspend: true, concurrencyPolicy: 'Allow' }));
  const change = (spec: Partial<CronJob['spec']>): void =>
    plane.change('CronJob', 'report', (before) => ({ ...before, ...spec }));
  plane.at(10, () => change({ schedule: '*/5 * * * *' }));
  plane.at(310, () => change({ suspend: false }));
  plane.runTo(620);
  expect(created).toEqual([310, 600]);
});
