import { Engine } from '../src/engine/engine.ts';
import { nodeSha256 } from '../src/testing/sha256.ts';
import type { Bench, BenchFigure } from './bench.ts';
import { collectionsDuring, runContest } from './bench.ts';
import { delayCount, mixedDelays } from './delays.ts';
import { queueSlices } from './queue-hold.ts';

const eventsPerSlice = 1_000_000;
const handlerCount = 8;

/** What the engine adds to its queue: clock, limits, trace with SHA-256, history, the handler's call. */
export const engineDispatch: Bench = {
  name: 'engine-dispatch',
  description: 'engine against its bare event queue, both posting each event again; garbage collections of the engine',
  run: ({ isQuick }) => {
    const delays = mixedDelays(delayCount);
    return [1_000, 100_000, 1_000_000].flatMap((pending): BenchFigure[] => {
      const engine = engineHold(pending, delays);
      const outcome = runContest({
        contender: engine.slice,
        baseline: queueSlices(pending, delays, eventsPerSlice),
        warmUpSlices: isQuick ? 0 : 4,
        slices: isQuick ? 1 : 9,
      });
      const steadyEvents = isQuick ? 200_000 : 5_000_000;
      const collections = collectionsDuring(() => engine.steady(steadyEvents));
      const nanoseconds = (us: number): number => (us / eventsPerSlice) * 1000;
      const name = (what: string): string => `${what}, ${pending} pending`;
      return [
        { name: name('engine'), value: nanoseconds(outcome.contenderUs), unit: 'ns/event' },
        { name: name('bare queue'), value: nanoseconds(outcome.baselineUs), unit: 'ns/hold' },
        { name: name('engine / bare queue'), value: 1 / outcome.ratio, unit: 'x', goal: { atMost: 2 } },
        {
          name: name('garbage collections'),
          value: (collections / steadyEvents) * 1e6,
          unit: 'per 1e6 events',
          goal: { atMost: 1 },
        },
      ];
    });
  },
};

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
