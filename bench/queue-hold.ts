import TinyQueue from 'tinyqueue';
import { EventQueue } from '../src/engine/event-queue.ts';
import type { BenchResult } from './bench.ts';
import { runContest } from './bench.ts';
import { delayCount, mixedDelays } from './delays.ts';

const holdsPerSlice = 200_000;

interface PendingEvent {
  readonly time: number;
  readonly sequence: number;
  readonly payload: number;
}

/** The hold model: take the earliest event, post it again later. Both sides return the same sum over what they took. */
export function run(): BenchResult {
  const delays = mixedDelays(delayCount);
  const figures = [1_000, 100_000, 1_000_000].flatMap((pending) => {
    const outcome = runContest({
      contender: engineQueue(pending, delays),
      baseline: queueOfObjects(pending, delays),
      warmUpSlices: pending / holdsPerSlice + 3,
      slices: 15,
    });
    const goal = pending === 100_000 ? { goal: { atLeast: 7 } } : pending === 1_000_000 ? { goal: { atLeast: 6 } } : {};
    return [
      { name: `event queue, ${pending} pending`, value: (outcome.contenderUs / holdsPerSlice) * 1000, unit: 'ns/hold' },
      {
        name: `tinyqueue of objects, ${pending} pending`,
        value: (outcome.baselineUs / holdsPerSlice) * 1000,
        unit: 'ns/hold',
      },
      { name: `times faster, ${pending} pending`, value: outcome.ratio, unit: 'x', ...goal },
    ];
  });
  return { name: 'queue-hold', figures };
}

function engineQueue(pending: number, delays: Float64Array): () => number {
  const queue = new EventQueue();
  queue.setHorizon(Number.MAX_SAFE_INTEGER);
  let drawn = 0;
  while (drawn < pending) queue.push(delays[drawn & (delayCount - 1)]!, 0, 0, drawn++);
  return () => {
    let sum = 0;
    for (let i = 0; i < holdsPerSlice; i++) {
      const slot = queue.pop();
      const payload = queue.payloadOf(slot);
      sum = (Math.imul(sum, 31) + payload) | 0;
      queue.push(queue.now + delays[drawn++ & (delayCount - 1)]!, 0, 0, payload);
    }
    return sum;
  };
}

function queueOfObjects(pending: number, delays: Float64Array): () => number {
  const queue = new TinyQueue<PendingEvent>([], (a, b) => a.time - b.time || a.sequence - b.sequence);
  let drawn = 0;
  while (drawn < pending) {
    queue.push({ time: delays[drawn & (delayCount - 1)]!, sequence: drawn, payload: drawn });
    drawn++;
  }
  return () => {
    let sum = 0;
    for (let i = 0; i < holdsPerSlice; i++) {
      const { time, payload } = queue.pop()!;
      sum = (Math.imul(sum, 31) + payload) | 0;
      queue.push({ time: time + delays[drawn & (delayCount - 1)]!, sequence: drawn, payload });
      drawn++;
    }
    return sum;
  };
}
