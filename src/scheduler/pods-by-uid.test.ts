import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makePod } from '../testing/builders.ts';
import { SchedulerFixture } from '../testing/scheduler-fixture.ts';
import type { PodInfo } from './framework/pod-info.ts';
import { PodsByUid } from './pods-by-uid.ts';

const { podInfos } = new SchedulerFixture();
const podInfo = (uid: number): PodInfo => podInfos.podInfo(makePod(`p${uid}`, { metadata: { uid } }));

test('it holds what a map holds, whatever is added, replaced and deleted', () => {
  const step = fc.record({ uid: fc.integer({ min: 1, max: 400 }), isAdded: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1500 }), (steps) => {
      const table = new PodsByUid();
      const model = new Map<number, PodInfo>();
      for (const { uid, isAdded } of steps) {
        if (isAdded) {
          const added = podInfo(uid);
          table.set(added);
          model.set(uid, added);
        } else {
          table.delete(uid);
          model.delete(uid);
        }
      }
      for (let uid = 1; uid <= 400; uid++) expect(table.get(uid)).toBe(model.get(uid));
    }),
    { numRuns: 30 },
  );
});

test('it grows and shrinks with the number of pods', () => {
  const table = new PodsByUid();
  for (let uid = 1; uid <= 5000; uid++) table.set(podInfo(uid * 7));
  for (let uid = 1; uid <= 4990; uid++) table.delete(uid * 7);
  for (let uid = 1; uid <= 5000; uid++)
    expect(table.get(uid * 7)?.pod.metadata.uid).toBe(uid > 4990 ? uid * 7 : undefined);
  expect((table as unknown as { cells: unknown[] }).cells.length).toBeLessThanOrEqual(128);
});
