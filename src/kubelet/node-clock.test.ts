import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { lastListKnown, nextQueueLook, reactionToNextList } from './node-clock.ts';

const phases = fc.nat(SECOND - 1);
const times = fc.nat(1_000_000_000);

test('the queue is looked at once a second, at the phase of its node', () => {
  fc.assert(
    fc.property(phases, times, (phase, time) => {
      const next = nextQueueLook(phase, time);
      expect((((next - phase) % SECOND) + SECOND) % SECOND).toBe(0);
      expect(next - time).toBeGreaterThan(0);
      expect(next - time).toBeLessThanOrEqual(SECOND);
    }),
  );
});

test('what happens before a list is known when the syncs follow that it leads to, and what happens after it is not', () => {
  fc.assert(
    fc.property(phases, times, (phase, time) => {
      const reaction = reactionToNextList(phase, time);
      const list = lastListKnown(phase, reaction);
      expect(list).toBeGreaterThan(time);
      expect(list).toBeLessThan(reaction);
      expect(lastListKnown(phase, reaction - 1)).toBeLessThanOrEqual(time);
    }),
  );
});
