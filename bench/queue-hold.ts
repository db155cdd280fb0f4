import type TinyQueue from 'tinyqueue';
import { EventQueue } from '../src/engine/event-queue.ts';
import type { Bench, BenchFigure } from './bench.ts';
import { runContest } from './bench.ts';
import { delayCount, mixedDelays } from './delays.ts';

// Long enough that the caches, which the other side has used, do not count.
const holdsPerSlice = 1_000_000;
const goals = new Map([
  [100_000, 7],
  [1_000_000, 6],
]);

interface PendingEvent {
  readonly time: number;
  readonly sequence: number;
  readonly payload: number;
}

/** The hold model: take the earliest event, post it again later. Both sides return the same sum over what they took. */
export const queueHold: Bench = {
  name: 'queue-hold',
  description:
    'event queue against tinyqueue of objects; hold = take the earliest event and post it again, mixed delays',
  run: async ({ isQuick }) => {
    const delays = mixedDelays(delayCount);
    const Baseline = await tinyQueueOfItsOwn();
    return [1_000, 100_000, 1_000_000].flatMap((pending): BenchFigure[] => {
      const outcome = runContest({
        contender: queueSlices(pending, delays, holdsPerSlice),
        baseline: queueOfObjects(Baseline, pending, delays),
        warmUpSlices: isQuick ? 0 : 4,
        slices: isQuick ? 1 : 9,
      });
      const atLeast = goals.get(pending);
      const goal = atLeast === undefined ? {} : { goal: { atLeast } };
      const nanoseconds = (us: number): number => (us / holdsPerSlice) * 1000;
      return [
        { name: `event queue, ${pending} pending`, value: nanoseconds(outcome.contenderUs), unit: 'ns/hold' },
        { name: `tinyqueue of objects, ${pending} pending`, value: nanoseconds(outcome.baselineUs), unit: 'ns/hold' },
        { name: `times faster, ${pending} pending`, value: outcome.ratio, unit: 'x', ...goal },
      ];
    });
  },
};

/** The engine has a tinyqueue inside; a second instance of the module keeps the type feedback of the two sides apart. */
async function tinyQueueOfItsOwn(): Promise<typeof TinyQueue> {
  const module = (await import(`${import.meta.resolve('tinyqueue')}?baseline`)) as { default: typeof TinyQueue };
  return module.default;
}

/** Slices of the hold model on the bare event queue. */
export function queueSlices(pending: number, delays: Float64Array, holds: number): () => number {
  const queue = new EventQueue();
  queue.setHorizon(Number.MAX_SAFE_INTEGER);
  let drawn = 0;
  while (drawn < pending) queue.push(delays[drawn & (delayCount - 1)]!, 0, 0, drawn++);
  return () => {
    let sum = 0;
    for (let i = 0; i < holds; i++) {
      const slot = queue.pop();
      const payload = queue.payloadOf(slot);
      sum = (Math.imul(sum, 31) + payload) | 0;
      queue.push(queue.now + delays[drawn++ & (delayCount - 1)]!, 0, 0, payload);
    }
    return sum;
  };
}

function queueOfObjects(Baseline: typeof TinyQueue, pending: number, delays: Float64Array): () => number {
  const queue = new Baseline<PendingEvent>([], (a, b) => a.time - b.time || a.sequence - b.sequence);
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
