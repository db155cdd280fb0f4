import { Engine } from '../src/engine/engine.ts';
import { EventQueue } from '../src/engine/event-queue.ts';
import { nodeSha256 } from '../src/testing/sha256.ts';
import type { BenchResult } from './bench.ts';
import { collectionsDuring, runContest } from './bench.ts';
import { delayCount, mixedDelays } from './delays.ts';

const eventsPerSlice = 200_000;
const handlerCount = 8;
const steadyEvents = 5_000_000;

/** What the engine adds to its queue: clock, limits, trace with SHA-256, history, the handler's call. */
export function run(): BenchResult {
  const delays = mixedDelays(delayCount);
  const figures = [1_000, 100_000, 1_000_000].flatMap((pending) => {
    const engine = engineHold(pending, delays);
    const outcome = runContest({
      contender: engine.slice,
      baseline: queueHold(pending, delays),
      warmUpSlices: pending / eventsPerSlice + 3,
      slices: 15,
    });
    const name = (what: string): string => `${what}, ${pending} pending`;
    const collections = collectionsDuring(() => engine.steady(steadyEvents));
    return [
      { name: name('engine'), value: (outcome.contenderUs / eventsPerSlice) * 1000, unit: 'ns/event' },
      { name: name('bare queue'), value: (outcome.baselineUs / eventsPerSlice) * 1000, unit: 'ns/hold' },
      { name: name('engine / bare queue'), value: 1 / outcome.ratio, unit: 'x', goal: { atMost: 2 } },
      {
        name: name('collections'),
        value: (collections / steadyEvents) * 1e6,
        unit: 'per 1e6 events',
        goal: { atMost: 1 },
      },
    ];
  });
  return { name: 'engine-dispatch', figures };
}

interface EngineHold {
  readonly slice: () => number;
  readonly steady: (events: number) => void;
}

function engineHold(pending: number, delays: Float64Array): EngineHold {
  const engine = new Engine({ seed: '1', createHash: nodeSha256, limits: { eventsAtInstant: 10_000_000 } });
  let drawn = 0;
  let sum = 0;
  const handlers = Array.from({ length: handlerCount }, (_, i) =>
    engine.register({
      name: `handler-${i}`,
      phase: 0,
      handle: (payload) => {
        sum = (Math.imul(sum, 31) + payload) | 0;
        engine.after(delays[drawn & (delayCount - 1)]!, handlers[drawn & (handlerCount - 1)]!, payload);
        drawn++;
      },
    }),
  );
  while (drawn < pending) {
    engine.at(delays[drawn & (delayCount - 1)]!, handlers[drawn & (handlerCount - 1)]!, drawn);
    drawn++;
  }
  const steady = (events: number): void => void engine.run({ until: Number.MAX_SAFE_INTEGER, maxEvents: events });
  const slice = (): number => {
    sum = 0;
    steady(eventsPerSlice);
    return sum;
  };
  return { slice, steady };
}

function queueHold(pending: number, delays: Float64Array): () => number {
  const queue = new EventQueue();
  queue.setHorizon(Number.MAX_SAFE_INTEGER);
  let drawn = 0;
  while (drawn < pending) queue.push(delays[drawn & (delayCount - 1)]!, 0, 0, drawn++);
  return () => {
    let sum = 0;
    for (let i = 0; i < eventsPerSlice; i++) {
      const slot = queue.pop();
      const payload = queue.payloadOf(slot);
      sum = (Math.imul(sum, 31) + payload) | 0;
      queue.push(queue.now + delays[drawn++ & (delayCount - 1)]!, 0, 0, payload);
    }
    return sum;
  };
}
